//! `rplan build`, `why` and `inspect`, with real builds.

use std::path::Path;

use super::*;
use crate::support::builds::{BASE, Workshop};
use crate::support::cli::Run;
use crate::support::system::system_tests_run;

/// A place with a copy of an example, and a base image.
pub(super) struct Site {
    pub(super) place: Place,
    pub(super) workshop: Workshop,
}

impl Site {
    fn of(example: &str) -> Self {
        Self { place: Place::with_example(example), workshop: Workshop::new() }
    }

    pub(super) fn with(files: &[(&str, &str)]) -> Self {
        Self { place: Place::with(files), workshop: Workshop::new() }
    }

    pub(super) fn build(&self, args: &[&str]) -> Run {
        let arguments = self.arguments(args);
        self.place.rplan(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The whole command line of a build.
    pub(super) fn arguments(&self, args: &[&str]) -> Vec<String> {
        let context = format!("{BASE}=oci-layout://{}", self.workshop.path("base").display());
        [&["build", "--build-context", &context], args].concat().into_iter().map(str::to_owned).collect()
    }
}

/// What differs from run to run, made the same.
fn steady(text: &str) -> String {
    let text = regex::Regex::new(r"sha256[: ][0-9a-f]{8,}").unwrap().replace_all(text, "sha256:DIGEST");
    // Packed, a layer is as long as its times let it be.
    let text = regex::Regex::new(r"new layers? \([0-9.]+ k?B\)").unwrap().replace_all(&text, "new layer (PACKED)");
    let text = regex::Regex::new(r" +[0-9]+\.[0-9] s").unwrap().replace_all(&text, " TIME");
    regex::Regex::new(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]+ UTC").unwrap().replace_all(&text, "DATE").into_owned()
}

#[test]
fn a_second_build_tells_what_changed_as_designed() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = Site::with(&[
        (
            "Dockerfile",
            "FROM busybox\nWORKDIR /app\nCOPY needs.txt ./\nRUN wc needs.txt > sum\nCOPY . /app\nCMD [\"cat\", \"sum\"]\n",
        ),
        (".dockerignore", "Dockerfile\n.dockerignore\n"),
        ("needs.txt", "flask\n"),
        ("app.py", "print(1)\n"),
    ]);
    let first = site.build(&["-t", "myapp", "."]);
    assert_eq!(first.code, 0, "{first:?}");
    site.place.write("app.py", "print(1234)\n");
    let second = site.build(&["-t", "myapp", "."]);
    assert_eq!(second.code, 0, "{second:?}");
    in_area("cli", || {
        insta::assert_snapshot!("build_second", steady(&format!("{}{}", second.stderr, second.stdout)));
        let shown = |args: &[&str]| steady(&site.place.rplan(args).stdout);
        // The costliest come first, and here all cost next to nothing.
        let why = shown(&["why"]);
        let mut rows: Vec<&str> = why.lines().collect();
        rows.sort_unstable();
        insta::assert_snapshot!("why", rows.join("\n"));
        insta::assert_snapshot!("why_step", shown(&["why", "Dockerfile:4"]));
        insta::assert_snapshot!("plan_since_build", shown(&["plan"]));
        site.place.write("needs.txt", "django\n");
        insta::assert_snapshot!("plan_since_edit", shown(&["plan"]));
    });
    let json = site.place.rplan(&["why", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(json["steps"].as_array().unwrap().len(), 5);
    assert_eq!(site.place.rplan(&["why", "9"]).code, 2);
    assert_eq!(site.place.rplan(&["why", "--target", "other"]).code, 1);
}

#[test]
fn a_build_that_failed_is_remembered_beside_what_its_steps_were_before() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let file = "FROM busybox AS lib\nCOPY a /\nRUN sleep 1.1; cat a\n\
                FROM busybox\nRUN sleep 0.1; cat /etc/passwd\nCOPY --from=lib /a /\nRUN cat /a\n";
    let site = Site::with(&[("Dockerfile", file), ("a", "1\n")]);
    assert_eq!(site.build(&["."]).code, 0);
    site.place.write("a", "2\n");
    site.place.write("Dockerfile", &file.replace("cat a", "false"));
    assert_eq!(site.build(&["."]).code, 3);

    let steps = |args: &[&str]| {
        let json = site.place.rplan(&[&["why", "--format", "json"], args].concat()).stdout;
        let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!((&json["succeeded"], &json["image"]), (&false.into(), &serde_json::Value::Null));
        json["steps"].as_array().expect("steps").clone()
    };
    let failed = steps(&[])[0].clone();
    assert_eq!((&failed["name"], &failed["ending"]["code"]), (&"[lib 3/3]".into(), &1.into()), "{failed}");
    let because = failed["because"].to_string();
    assert!(because.contains("the line changed") && because.contains("follows [lib 2/3]"), "{failed}");
    let copied = steps(&["lib:2"])[0]["because"].to_string();
    assert!(copied.contains("a changed: "), "{copied}");
    let told = site.place.rplan(&["why"]).stdout;
    assert!(told.lines().next().is_some_and(|line| line.contains(", failed 20")), "{told}");
    assert!(!told.contains("RUN cat /a"), "it did not come to that: {told}");

    // The failed build taught how long its steps took, and what the others were is still known.
    let plan = site.place.rplan(&["plan"]).stdout;
    let slow = plan.lines().find(|line| line.starts_with("[lib 3/3]")).unwrap_or_default();
    assert!(plan.contains("times measured") && slow.contains(" s "), "{plan}");
    site.place.write("Dockerfile", file);
    let mended = site.build(&["."]);
    assert_eq!(mended.code, 0, "{mended:?}");
    assert!(mended.stderr.contains("stage lib gave another /a"), "{mended:?}");
    assert!(!mended.stderr.contains("no earlier run known"), "{mended:?}");
    assert!(!mended.stdout.contains(" before"), "a failed build is no measure: {mended:?}");
}

#[test]
fn with_keep_going_every_step_that_failed_is_remembered() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let file = "FROM busybox AS a\nRUN exit 3\nFROM busybox AS b\nRUN exit 4\n\
                FROM busybox\nCOPY --from=a / /a\nCOPY --from=b / /b\n";
    let site = Site::with(&[("Dockerfile", file)]);
    assert_eq!(site.build(&["--keep-going", "."]).code, 3);
    let why = site.place.rplan(&["why"]).stdout;
    assert!(why.contains("exit code 3") && why.contains("exit code 4"), "{why}");
}

#[test]
fn a_failing_step_is_drawn_and_ends_with_3() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = Site::with(&[("Dockerfile", "FROM busybox\nRUN echo before; \\\n    exit 7\n")]);
    let run = site.build(&["."]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""));
    in_area("cli", || insta::assert_snapshot!("build_failing", steady(&run.stderr)));
    let quiet = site.build(&["--progress", "quiet", "."]);
    assert!(quiet.code == 3 && quiet.stderr.contains("before"), "{quiet:?}");
}

#[test]
fn what_nobody_allowed_is_said_before_any_step() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = Site::with(&[("Dockerfile", "FROM busybox\nRUN --device=vendor/dev=x true\n")]);
    let run = site.build(&["."]);
    assert_eq!(run.code, 1);
    in_area("cli", || insta::assert_snapshot!("build_not_allowed", run.stderr));
    site.place.write("Dockerfile", "FROM busybox\nCOPY nothing /\n");
    let run = site.build(&["."]);
    assert!(run.code == 3 && run.stderr.contains("`nothing` does not exist"), "{run:?}");
}

#[test]
fn results_go_to_stdout_and_everything_else_to_stderr() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = Site::of("diamond");
    let quiet = site.build(&["-q", "."]);
    assert!(quiet.stdout.starts_with("sha256:") && quiet.stdout.len() == 72 && quiet.stderr.is_empty(), "{quiet:?}");
    let events = site.build(&["--progress", "json", "."]);
    let lines = events.stderr.lines().filter(|line| line.starts_with('{'));
    let events: Vec<serde_json::Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.len() > 10, "{events:?}");
    let run = site.build(&["-o", "type=oci,dest=image.tar", "--metadata-file", "meta.json", "-t", "x:1", "."]);
    assert!(run.stdout.contains("\nWritten: OCI archive image.tar\n"), "{run:?}");
    let meta: serde_json::Value = serde_json::from_str(&site.place.read("meta.json")).expect("it is JSON");
    assert_eq!(meta["image.name"], "docker.io/library/x:1");
    assert_eq!(site.build(&["-o", "type=zip,dest=x", "."]).code, 2);
    assert_eq!(site.build(&["--jobs", "0", "."]).code, 2);
}

#[test]
fn scripts_are_told_what_was_made_as_buildx_tells_them() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = Site::of("diamond");
    let run = site.build(&[
        "-t",
        "x:1",
        "--iidfile",
        "id",
        "--metadata-file",
        "meta.json",
        "--label",
        "who=me",
        "--annotation",
        "manifest,manifest-descriptor:org.x=y",
        "--annotation",
        "manifest[linux/s390x]:not=here",
        "-o",
        "type=oci,dest=image.tar",
        "-o",
        "type=image,name=y:2",
        ".",
    ]);
    assert_eq!(run.code, 0, "{run:?}");
    let meta: serde_json::Value = serde_json::from_str(&site.place.read("meta.json")).expect("it is JSON");
    let descriptor = &meta["containerimage.descriptor"];
    assert_eq!(meta["image.name"], "docker.io/library/x:1,docker.io/library/y:2");
    assert_eq!(site.place.read("id"), meta["containerimage.config.digest"].as_str().unwrap());
    assert_eq!(descriptor["digest"], meta["containerimage.digest"]);
    assert_eq!(descriptor["mediaType"], "application/vnd.oci.image.manifest.v1+json");
    assert_eq!(descriptor["annotations"]["config.digest"], meta["containerimage.config.digest"]);
    assert_eq!(descriptor["annotations"]["org.x"], "y");
    assert!(meta["buildx.build.ref"].as_str().unwrap().starts_with("rplan/"));
    let listed: serde_json::Value =
        serde_json::from_str(&site.place.rplan(&["image", "ls", "--format", "json"]).stdout).expect("it is JSON");
    assert_eq!(listed["images"][1]["name"], "docker.io/library/y:2");
    assert_eq!(listed["images"][1]["digest"], meta["containerimage.digest"]);
    let shown = site.place.rplan(&["inspect", "image.tar", "--format", "json"]).stdout;
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("it is JSON");
    assert_eq!(shown["image"]["config"]["Labels"]["who"], "me");
    for wrong in [&["--push"][..], &["--annotation", "index:a=b"], &["--label", "=x"], &["-o", "type=registry"]] {
        assert_eq!(site.build(&[wrong, &["."]].concat()).code, 2, "{wrong:?}");
    }
}

#[test]
fn a_stored_image_is_inspected_and_built_upon() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = Site::of("diamond");
    assert_eq!(site.build(&["-t", "diamond", "-o", "type=oci,dest=image.tar", "."]).code, 0);
    let shown = |args: &[&str]| {
        let run = site.place.rplan(args);
        assert_eq!(run.code, 0, "{run:?}");
        run.stdout
    };
    let by_name = shown(&["inspect", "diamond"]);
    let by_file = shown(&["inspect", "image.tar"]);
    assert_eq!(by_name.split_once(' ').unwrap().1, by_file.split_once(' ').unwrap().1);
    assert!(by_name.contains("COPY /api.txt /srv/ # buildkit"), "{by_name}");
    assert!(shown(&["inspect", "diamond", "--tree"]).contains("  srv/web.txt\n"));
    let layers = by_name.lines().filter(|line| line.contains("entries")).count();
    assert!(shown(&["inspect", "diamond", "--layer", &layers.to_string()]).contains("srv/web.txt"));
    assert_eq!(site.place.rplan(&["inspect", "diamond", "--layer", "99"]).code, 2);
    assert_eq!(site.place.rplan(&["inspect", "nothing"]).code, 2);
    let json: serde_json::Value =
        serde_json::from_str(&shown(&["inspect", "diamond", "--format", "json"])).expect("it is JSON");
    assert_eq!(json["image"]["config"]["Cmd"][0], "cat");
    site.place.write("next/Dockerfile", "FROM diamond\nRUN cat /srv/api.txt\n");
    let run = site.place.rplan(&["build", "next"]);
    assert!(run.code == 0 && run.stderr.contains("[2/2] | "), "{run:?}");
}

#[test]
fn the_users_settings_are_heeded() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = Site::with(&[("Dockerfile", "FROM busybox\nRUN ls /sys/class/net; false\n")]);
    let config = site.place.home().join(".config/rplan");
    std::fs::create_dir_all(&config).unwrap();
    let store = site.place.home().join("elsewhere");
    let text = format!("store = '{}'\n[build]\nnetwork = 'none'\njobs = 1\n", store.display());
    std::fs::write(config.join("config.toml"), text).unwrap();
    let run = site.build(&["."]);
    let names: Vec<&str> = run.stderr.lines().filter_map(|line| line.strip_prefix("[2/2] | ")).collect();
    assert_eq!(names, ["lo"], "{run:?}");
    assert!(store.exists());
    std::fs::write(config.join("config.toml"), "[build]\njob = 1\n").unwrap();
    let run = site.build(&["."]);
    assert!(run.code == 2 && run.stderr.contains("did you mean `jobs`?"), "{run:?}");
}

#[test]
fn a_build_that_needs_what_is_not_there_ends_with_4() {
    if !system_tests_run("root") {
        return;
    }
    let place = Place::with(&[("Dockerfile", "FROM localhost:1/nothing\n")]);
    let run = place.rplan(&["build", "."]);
    assert!(run.code == 4 && run.stderr.starts_with("error: "), "{run:?}");
    assert_eq!(place.rplan(&["why"]).code, 1);
}

#[test]
fn signals_reach_what_a_step_runs() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let line = "RUN sh -c 'kill -TERM $$; echo survived'; test $? = 143 && sh -c 'kill -INT $$'; test $? = 130";
    let site = Site::with(&[("Dockerfile", &format!("FROM busybox\n{line}\n"))]);
    let run = site.build(&["."]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn steps_are_in_the_control_group_that_is_named() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let (older, newer) = (Path::new("/sys/fs/cgroup/pids"), Path::new("/sys/fs/cgroup"));
    let hierarchy = if older.is_dir() { older } else { newer };
    let parent = format!("rplan-test-{}", std::process::id());
    let group = hierarchy.join(&parent);
    std::fs::create_dir(&group).expect("a control group");
    std::fs::write(group.join("pids.max"), "4").expect("its limit");
    let fork = "FROM busybox\nRUN for i in 1 2 3 4 5 6; do sleep 1 & done; wait\n";
    let site = Site::with(&[("Dockerfile", fork)]);
    let limited = site.build(&["--cgroup-parent", &parent, "."]);
    let left = std::fs::read_dir(&group).expect("the group").flatten().filter(|entry| entry.path().is_dir()).count();
    for controller in ["pids", "memory", "cpu", "blkio", "."] {
        let _ = std::fs::remove_dir(Path::new("/sys/fs/cgroup").join(controller).join(&parent));
    }
    assert!(limited.code == 3 && limited.stderr.contains("fork"), "{limited:?}");
    assert_eq!(left, 0, "its own group is gone with the build");
    assert_eq!(site.build(&["."]).code, 0);
    let wrong = site.build(&["--cgroup-parent", "../out", "."]);
    assert!(wrong.code == 0 && wrong.stderr.contains("a parent is a path of names"), "{wrong:?}");
}
