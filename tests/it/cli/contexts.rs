//! Contexts of `rplan build` that are no directories here, and named ones, as they are typed.

use std::io::Write;

use super::build::Site;
use crate::support::cli::Run;
use crate::support::repository::Repository;
use crate::support::scripted_registry::{Answer, ScriptedRegistry};
use crate::support::system::system_tests_run;
use rplan::oci::layer::{Entry, EntryWriter, Kind};

/// A site with nothing in it but a base image.
fn site() -> Site {
    Site::with(&[("elsewhere/file", "not in the context")])
}

impl Site {
    fn build_from(&self, args: &[&str], stdin: &[u8]) -> Run {
        let arguments = self.arguments(args);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.place.rplan_with(&arguments, &[], stdin)
    }
}

/// An archive of a context with two Dockerfiles.
fn archive() -> Vec<u8> {
    let files = [
        (".dockerignore", "file\n"),
        ("Dockerfile", "FROM busybox\nCOPY file /f\nRUN echo main; stat -c '%a %u:%g' /f\n"),
        ("file", "hello"),
        ("sub/Other", "FROM busybox\nRUN echo other\n"),
    ];
    let mut writer = EntryWriter::new(Vec::new());
    for (name, content) in files {
        let mut entry = Entry::new(name, Kind::File { size: content.len() as u64 }, 0o640);
        (entry.uid, entry.gid) = (5, 6);
        writer.append(&entry, content.as_bytes()).expect("an entry");
    }
    let link = Kind::Symlink { target: b"/etc/passwd".to_vec() };
    writer.append(&Entry::new("to-passwd", link, 0o777), &b""[..]).expect("an entry");
    writer.finish().expect("an archive")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("compressed");
    encoder.finish().expect("compressed")
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).expect("options");
    encoder.write_all(bytes).expect("compressed");
    encoder.finish().expect("compressed")
}

#[test]
fn an_archive_comes_through_stdin_however_it_is_packed() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = site();
    for stdin in [archive(), gzip(&archive()), xz(&archive())] {
        let run = site.build_from(&["--progress", "plain", "--no-cache", "-"], &stdin);
        // Nothing in it is ignored, and its owners are kept.
        assert!(run.code == 0 && run.stderr.contains("main") && run.stderr.contains("640 5:6"), "{run:?}");
    }
    let other = site.build_from(&["--progress", "plain", "-f", "sub/Other", "-"], &archive());
    assert!(other.code == 0 && other.stderr.contains("other"), "{other:?}");
    let again = site.build_from(&["--progress", "plain", "-"], &archive());
    assert!(again.code == 0 && again.stderr.matches(" cached ").count() == 3, "nothing has changed: {again:?}");
}

#[test]
fn a_dockerfile_alone_comes_through_stdin_too() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = site();
    let run = site.build_from(&["--progress", "plain", "-"], b"FROM busybox\nRUN echo alone\n");
    assert!(run.code == 0 && run.stderr.contains("alone"), "{run:?}");
    let named = site.build_from(&["-f", "Dockerfile", "-"], b"FROM busybox\n");
    assert!(named.code == 2 && named.stderr.contains("is a Dockerfile by itself"), "{named:?}");
    let twice = site.build_from(&["-f", "-", "-"], b"FROM busybox\n");
    assert!(twice.code == 2 && twice.stderr.contains("cannot both come from stdin"), "{twice:?}");
    // With a directory, stdin is the Dockerfile.
    let beside =
        site.build_from(&["--progress", "plain", "-f", "-", "elsewhere"], b"FROM busybox\nCOPY file /f\nRUN cat /f\n");
    assert!(beside.code == 0 && beside.stderr.contains("not in the context"), "{beside:?}");
}

#[test]
fn a_dockerfile_in_an_archive_is_looked_for_in_it_alone() {
    if !system_tests_run("root") {
        return;
    }
    let site = site();
    for (file, says) in [
        ("Missing", "there is no `Missing` in"),
        ("../../../../etc/passwd", "there is no"),
        ("to-passwd", "there is no"),
    ] {
        let run = site.build_from(&["-f", file, "-"], &archive());
        assert!(run.code == 2 && run.stderr.contains(says), "{file}: {run:?}");
        assert!(!run.stderr.contains("root:"), "{file}: {run:?}");
    }
}

#[test]
fn a_repository_is_a_context_by_its_address() {
    if !system_tests_run("root, git and busybox-static") {
        return;
    }
    let (site, repository) = (site(), Repository::start());
    repository
        .write("Dockerfile", "FROM busybox\nCOPY . /in\nRUN cd /in && find . -maxdepth 1 | sort | tr '\\n' ' '\n");
    repository.write(".dockerignore", "README\n");
    repository.write("docs/Containerfile", "FROM busybox\nCOPY . /in\nRUN ls /in\n");
    repository.commit("README", "with Dockerfiles");
    let url = repository.url();
    let build = |args: &[&str]| site.build_from(&[&["--progress", "plain"], args].concat(), b"");
    let whole = build(&[&url]);
    assert!(
        whole.code == 0 && whole.stderr.contains(". ./.dockerignore ./Dockerfile ./README ./docs ./run.sh"),
        "{whole:?}"
    );
    let kept = build(&["--build-arg", "BUILDKIT_CONTEXT_KEEP_GIT_DIR=1", &url]);
    assert!(kept.code == 0 && kept.stderr.contains(". ./.dockerignore ./.git ./Dockerfile"), "{kept:?}");
    let part = build(&[&format!("{url}#main:docs")]);
    assert!(part.code == 0 && part.stderr.contains("inner"), "{part:?}");
    let missing = build(&[&format!("{url}#v9")]);
    assert!(missing.code == 4 && missing.stderr.contains("no branch, tag or commit `v9`"), "{missing:?}");
    // The last build is that of the address.
    let again = build(&[&url]);
    assert!(again.code == 0 && !again.stderr.contains("./README"), "{again:?}");
}

#[test]
fn an_archive_or_a_dockerfile_on_a_web_server_is_a_context() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = site();
    let served = ScriptedRegistry::start(move |_, request| match request.path.as_str() {
        "/app.tar.gz" => Answer::ok(&gzip(&archive())),
        "/Dockerfile" => Answer::ok(b"FROM busybox\nRUN echo from afar\n"),
        _ => Answer::status(404, ""),
    });
    let build = |args: &[&str], path: &str| {
        site.build_from(&[&["--progress", "plain"], args, &[&format!("http://{}/{path}", served.host())]].concat(), b"")
    };
    let packed = build(&[], "app.tar.gz");
    assert!(packed.code == 0 && packed.stderr.contains("main") && packed.stderr.contains("640 5:6"), "{packed:?}");
    let other = build(&["-f", "sub/Other"], "app.tar.gz");
    assert!(other.code == 0 && other.stderr.contains("other"), "{other:?}");
    let alone = build(&[], "Dockerfile");
    assert!(alone.code == 0 && alone.stderr.contains("from afar"), "{alone:?}");
    let missing = build(&[], "nothing");
    assert!(missing.code == 4 && missing.stderr.contains("404"), "{missing:?}");
    let stdin = format!("http://{}/app.tar.gz", served.host());
    let from_stdin =
        site.build_from(&["--progress", "plain", "-f", "-", &stdin], b"FROM busybox\nCOPY file /f\nRUN echo given\n");
    assert!(from_stdin.code == 0 && from_stdin.stderr.contains("given"), "{from_stdin:?}");
}

#[test]
fn why_tells_of_a_build_by_the_address_it_was_made_from() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = site();
    let served = ScriptedRegistry::start(move |_, request| match request.path.as_str() {
        "/app.tar" => Answer::ok(&archive()),
        "/Dockerfile" => Answer::ok(b"FROM busybox\nCOPY file /f\nRUN cat /f\n"),
        _ => Answer::status(404, ""),
    });
    let address = |path: &str| format!("http://{}/{path}", served.host());
    let (archive, file) = (address("app.tar"), address("Dockerfile"));
    for args in [&[&archive[..]][..], &["-f", "sub/Other", &archive], &["-f", &file, "elsewhere"]] {
        let run = site.build_from(args, b"");
        assert_eq!(run.code, 0, "{run:?}");
    }
    let asked = served.seen().len();
    let why = |args: &[&str]| site.place.rplan(&[&["why"], args].concat());
    for (args, line, step) in [
        (&["--context", &archive[..]][..], format!("context {archive}, built "), "RUN echo main"),
        (
            &["-f", "sub/Other", "--context", &archive],
            format!("sub/Other, context {archive}, built "),
            "RUN echo other",
        ),
        (&["-f", &file, "--context", "elsewhere"], format!("{file}, context elsewhere, built "), "RUN cat /f"),
    ] {
        let told = why(args);
        assert!(told.code == 0 && told.stdout.starts_with(&line) && told.stdout.contains(step), "{told:?}");
        let one = why(&[args, &["1"]].concat());
        assert!(one.code == 0 && one.stdout.contains("FROM busybox") && !one.stdout.contains(step), "{one:?}");
    }
    let unknown = why(&["--context", &address("other.tar")]);
    assert!(unknown.code == 1 && unknown.stderr.contains("no build of context http://"), "{unknown:?}");
    assert_eq!(served.seen().len(), asked, "nothing is fetched to tell of it");

    let packed = site.build_from(&["-f", &archive, "elsewhere"], b"");
    assert!(packed.code == 2 && packed.stderr.contains("is an archive, and no Dockerfile"), "{packed:?}");
}

#[test]
fn a_context_that_would_become_too_large_is_refused_with_the_limit_that_can_be_raised() {
    if !system_tests_run("root") {
        return;
    }
    let site = site();
    let settings = site.place.home().join(".config/rplan");
    std::fs::create_dir_all(&settings).expect("a directory");
    let set = |text: &str| std::fs::write(settings.join("config.toml"), text).expect("settings");
    set("[archives]\nentries = 2\n");
    let refused = site.build_from(&["-"], &archive());
    assert!(refused.code == 1 && refused.stderr.contains("more entries than 2 (`entries`)"), "{refused:?}");
    // A base image counts too.
    set("[archives]\nentries = 50000\n");
    assert_eq!(site.build_from(&["-f", "sub/Other", "-"], &archive()).code, 0);
}

#[test]
fn a_named_context_that_is_not_there_is_a_mistake_of_usage() {
    if !system_tests_run("root") {
        return;
    }
    let site = site();
    for (value, says) in
        [("nowhere", "there is no directory `nowhere`"), ("target:x", "Bake"), ("ftp://x", "`ftp://` is no kind")]
    {
        let run =
            site.build_from(&["--build-context", &format!("n={value}"), "elsewhere", "-f", "-"], b"FROM scratch\n");
        assert!(run.code == 2 && run.stderr.contains(says), "{value}: {run:?}");
    }
    let run = site.build_from(
        &["--progress", "plain", "--build-context", "n=elsewhere", "-f", "-", "."],
        b"FROM busybox\nCOPY --from=n file /\nRUN cat /file\n",
    );
    assert!(run.code == 0 && run.stderr.contains("not in the context"), "{run:?}");
}

#[test]
fn plain_modes_hold_for_the_plan_as_for_the_build() {
    use std::os::unix::fs::PermissionsExt;
    if !system_tests_run("root") {
        return;
    }
    let site = Site::with(&[("Dockerfile", "FROM scratch\nCOPY file /\n"), ("file", "text")]);
    let mode = |mode: u32| {
        let place = site.place.path().join("file");
        std::fs::set_permissions(place, std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    let cached = |args: &[&str]| {
        let run = site.place.rplan(&[args, &["--format", "json"]].concat());
        let json: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
        json["steps"][0]["fate"].clone()
    };
    mode(0o600);
    assert_eq!(site.build(&["--plain-modes", "."]).code, 0);
    mode(0o664);
    assert_eq!(cached(&["plan", "--plain-modes"]), "cached");
    assert_eq!(cached(&["plan"]), "runs");
    // Said once for all builds.
    let settings = site.place.home().join(".config/rplan");
    std::fs::create_dir_all(&settings).expect("a directory");
    std::fs::write(settings.join("config.toml"), "[build]\nplain-modes = true\n").expect("settings");
    assert_eq!(cached(&["plan"]), "cached");
}
