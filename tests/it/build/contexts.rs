//! Named contexts that are files: a directory, a repository, an archive on a web server.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rplan::exec::{NamedContext, Request};
use rplan::oci::layer::{Entry, EntryWriter, Kind};
use rplan::workspace::{Context, StatCache};

use crate::support::builds::Workshop;
use crate::support::repository::Repository;
use crate::support::scripted_registry::{Answer, ScriptedRegistry};
use crate::support::system::system_tests_run;

/// A request of `dockerfile` in which `name` stands for the named context `value`.
fn naming(workshop: &Workshop, name: &str, value: &str, dockerfile: &str) -> Request {
    let mut request = workshop.request(dockerfile);
    let named = NamedContext::parse(value, &workshop.path(".")).expect("a named context");
    request.named_contexts.insert(name.to_owned(), named);
    request
}

fn put(workshop: &Workshop, path: &str, content: &str, mode: u32) {
    let place = workshop.path(path);
    fs::create_dir_all(place.parent().expect("a parent")).expect("parents");
    fs::write(&place, content).expect("a file");
    fs::set_permissions(place, fs::Permissions::from_mode(mode)).expect("a mode");
}

fn archive() -> Vec<u8> {
    let mut writer = EntryWriter::new(Vec::new());
    let mut of_somebody = Entry::new("dir/file", Kind::File { size: 2 }, 0o640);
    (of_somebody.uid, of_somebody.gid) = (7, 8);
    writer.append(&of_somebody, &b"hi"[..]).expect("an entry");
    writer.finish().expect("an archive")
}

#[test]
fn a_directory_stands_for_a_base_a_copied_stage_and_a_mounted_one() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    put(&workshop, "other/file", "one", 0o640);
    put(&workshop, "other/left-out", "", 0o600);
    put(&workshop, "other/.dockerignore", "left-out\n", 0o600);
    let dockerfile = "FROM other AS base\nCOPY --from=busybox /bin /bin\nRUN stat -c '%n %a %u:%g' /file; ls -A /\n\
                      FROM busybox\nCOPY --from=other . /copied\n\
                      RUN --mount=from=other,target=/mounted find /copied /mounted -type f | sort\nCOPY --from=base /file /end\n";
    let request = || naming(&workshop, "other", "other", dockerfile);
    let built = workshop.build_request(&request());
    built.succeeded();
    let output = built.output();
    assert!(output.contains(&"/file 640 0:0"), "{output:?}");
    assert!(output.contains(&"/mounted/file") && output.contains(&"/copied/file"), "{output:?}");
    assert!(!output.iter().any(|line| line.contains("left-out")), "{output:?}");
    assert_eq!(workshop.build_request(&request()).ran(), [""; 0]);

    // Only what takes the file runs again, and says so.
    put(&workshop, "other/file", "another", 0o640);
    let built = workshop.build_request(&request());
    assert!(built.succeeded().steps.iter().any(|step| step.because.iter().any(|why| why.contains("file changed"))));
    // A file that is left out is nothing to anybody.
    put(&workshop, "other/left-out", "changed", 0o600);
    assert_eq!(workshop.build_request(&request()).ran(), [""; 0]);
}

#[test]
fn an_image_on_a_directory_has_as_many_layers_as_its_history_tells_of() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    put(&workshop, "other/file", "one", 0o644);
    workshop.write("more", "two");
    let mut request = naming(&workshop, "other", "other", "FROM other\nCOPY more /\nLABEL a=b\n");
    request.outputs.names = vec!["made".to_owned()];
    workshop.build_request(&request).succeeded();
    let again = "FROM made\nCOPY --from=busybox /bin /bin\nRUN cat /file /more\n";
    let built = workshop.build(again);
    built.succeeded();
    assert_eq!(built.output(), ["onetwo"]);
    let image = &rplan::exec::stored::find(&workshop.store(), "made").expect("an image")[0];
    let image = image.image.as_ref().expect("its documents");
    let told = image.config.history.iter().filter(|line| !line.empty_layer).count();
    assert_eq!((image.layers.len(), told), (2, 2));
}

#[test]
fn a_directory_replaces_the_stage_of_its_name() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    put(&workshop, "other/out", "from outside", 0o644);
    let dockerfile = "FROM busybox AS made\nRUN false\nFROM busybox\nCOPY --from=made /out /out\nRUN cat /out\n";
    let built = workshop.build_request(&naming(&workshop, "made", "other", dockerfile));
    built.succeeded();
    assert_eq!(built.output(), ["from outside"]);
}

#[test]
fn a_name_for_one_platform_goes_before_the_name_for_all() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    put(&workshop, "all/file", "all", 0o644);
    put(&workshop, "one/file", "one", 0o644);
    let mut request = naming(&workshop, "files", "all", "FROM busybox\nCOPY --from=files file /\nRUN cat /file\n");
    let only = format!("files::{}", request.options.platform);
    request.named_contexts.insert(only, NamedContext::Directory(workshop.path("one")));
    assert_eq!(workshop.build_request(&request).output(), ["one"]);
}

#[test]
fn a_repository_or_a_part_of_it_is_a_named_context() {
    if !system_tests_run("root, git and busybox-static") {
        return;
    }
    let (workshop, repository) = (Workshop::new(), Repository::start());
    let dockerfile = "FROM busybox\nCOPY --from=src . /in\nRUN cd /in && stat -c '%n %a %u:%g' $(find . | sort)\n";
    let request = |value: &str| naming(&workshop, "src", value, dockerfile);
    let built = workshop.build_request(&request(&format!("{}#main:docs", repository.url())));
    built.succeeded();
    assert_eq!(built.output(), [". 755 0:0", "./inner 755 0:0", "./inner/guide 644 0:0"]);
    let built = workshop.build_request(&request(&format!("{}#v1", repository.url())));
    assert_eq!(built.output(), [". 755 0:0", "./README 644 0:0"]);
    let missing = workshop.build_request(&request(&format!("{}#v1:nowhere", repository.url())));
    assert!(missing.error().contains("there is no directory `nowhere` in http"), "{}", missing.error());

    // What is here already is not fetched again.
    let asked = repository.web.seen().len();
    assert_eq!(workshop.build_request(&request(&format!("{}#main:docs", repository.url()))).ran(), [""; 0]);
    let again = &repository.web.seen()[asked..];
    assert!(again.iter().all(|request| !request.contains("/objects/")), "{again:?}");
}

#[test]
fn a_part_of_a_repository_that_is_a_link_stays_inside() {
    if !system_tests_run("root and git") {
        return;
    }
    let (workshop, repository) = (Workshop::new(), Repository::start());
    fs::create_dir(repository.path("outside")).expect("a directory");
    fs::write(repository.path("outside/file"), "outside").expect("a file");
    std::os::unix::fs::symlink(repository.path("outside"), repository.path("work/link")).expect("a link");
    repository.commit("README", "with a link");
    let value = format!("{}#main:link", repository.url());
    let built = workshop.build_request(&naming(&workshop, "src", &value, "FROM scratch\nCOPY --from=src file /\n"));
    assert!(built.error().contains("there is no directory `link`"), "{}", built.error());
}

#[test]
fn an_archive_on_a_web_server_is_a_named_context_and_keeps_its_owners() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let served = ScriptedRegistry::start(move |_, request| match request.path.as_str() {
        "/a.tar" => Answer::ok(&archive()),
        _ => Answer::ok(b"no archive"),
    });
    let dockerfile = "FROM busybox\nCOPY --from=src dir /in\nRUN stat -c '%n %a %u:%g' /in/file\n";
    let request = |path: &str| naming(&workshop, "src", &format!("http://{}/{path}", served.host()), dockerfile);
    let built = workshop.build_request(&request("a.tar"));
    built.succeeded();
    assert_eq!(built.output(), ["/in/file 640 7:8"]);
    let plain = workshop.build_request(&request("plain")).error();
    assert!(plain.contains("one file and no archive"), "{plain}");
}

#[test]
fn the_umask_of_a_checkout_makes_nothing_run_again_when_modes_are_plain() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let modes = |file: u32, script: u32, directory: u32| {
        put(&workshop, "context/dir/file", "text", file);
        put(&workshop, "context/dir/script", "#!", script);
        put(&workshop, "other/file", "text", file);
        fs::set_permissions(workshop.path("context/dir"), fs::Permissions::from_mode(directory)).expect("a mode");
    };
    let dockerfile = "FROM busybox\nCOPY . /in\nCOPY --from=other file /named\n\
                      RUN --mount=target=/m stat -c %a /in/dir /in/dir/file /in/dir/script /named /m/dir/file\n";
    let build = |is_plain: bool| {
        let mut request = naming(&workshop, "other", "other", dockerfile);
        let context = Context::open(&workshop.path("context"), None, StatCache::in_memory()).expect("a context");
        let context = if is_plain { context.with_plain_modes() } else { context };
        request.context = Some(context.into());
        request.settings.plain_modes = is_plain;
        workshop.build_request(&request)
    };
    modes(0o600, 0o700, 0o700);
    assert_eq!(build(true).output(), ["755", "644", "755", "644", "644"]);
    modes(0o664, 0o775, 0o2775);
    assert_eq!(build(true).ran(), [""; 0]);
    // That a file can be run is no matter of the umask.
    modes(0o664, 0o664, 0o775);
    assert_eq!(build(true).ran().len(), 3, "the copy, and what lies on it");
    // As they are, modes count.
    assert_eq!(build(false).output(), ["775", "664", "664", "664", "664"]);
    modes(0o600, 0o600, 0o775);
    assert_eq!(build(false).ran().len(), 3);
}
