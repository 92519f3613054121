//! `rplan plan`.

use super::*;

#[test]
fn an_edit_of_the_naive_file_is_shown_as_designed() {
    let run = Place::with_example("python-naive").rplan(&["plan", "--changed", "app.py"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    in_area("cli", || insta::assert_snapshot!("plan_naive_changed", run.stdout));
}

#[test]
fn stages_and_what_runs_at_once_are_shown() {
    let place = Place::with_example("diamond");
    let shown = |args: &[&str]| place.rplan(args).stdout;
    in_area("cli", || {
        insta::assert_snapshot!("plan_diamond", shown(&["plan"]));
        insta::assert_snapshot!("plan_diamond_changed", shown(&["plan", "--changed", "api/greeting"]));
        insta::assert_snapshot!("plan_diamond_target", shown(&["plan", "--target", "web"]));
        insta::assert_snapshot!("plan_diamond_mermaid", shown(&["plan", "--changed", "web/x", "--format", "mermaid"]));
        insta::assert_snapshot!("plan_diamond_dot", shown(&["plan", "--changed", "web/x", "--format", "dot"]));
        insta::assert_snapshot!("plan_diamond_json", shown(&["plan", "--changed", "web/x", "--format", "json"]));
    });
    assert_eq!(shown(&["plan", "--changed", "web/x", "--format", "names"]), "[web 1/2]\n[web 2/2]\n[3/3]\n");
}

#[test]
fn changed_paths_may_come_from_stdin_and_need_not_exist() {
    let place = Place::with_example("python-efficient");
    let names = |args: &[&str], stdin: &str| place.rplan_with(args, &[], stdin).stdout;
    let list = ["plan", "--format", "names", "--changed", "-"];
    assert_eq!(names(&list, "app.py\n\ntemplates/new.html\n"), "[5/5]\n");
    assert_eq!(names(&list, "requirements.txt\n"), "[3/5]\n[4/5]\n[5/5]\n");
    assert_eq!(names(&list, ".git/HEAD\n"), "", "what the ignore file excludes changes nothing");
    let several = ["plan", "--format", "names", "--changed", "a", "requirements.txt"];
    assert_eq!(names(&several, ""), "[3/5]\n[4/5]\n[5/5]\n");
    let shown = place.rplan(&["plan", "--changed", ".git/HEAD"]).stdout;
    assert!(shown.contains("All 5 steps are cached."), "{shown}");
}

#[test]
fn without_a_context_no_change_can_be_told() {
    let place = Place::with(&[]);
    let file = "FROM a\nCOPY x /\n";
    let run = place.rplan_with(&["plan", "-"], &[], file);
    assert!(run.code == 0 && run.stdout.starts_with("<stdin>, context unknown"), "{run:?}");
    let run = place.rplan_with(&["plan", "-", "--changed", "x"], &[], file);
    assert_eq!(run.code, 2);
}

#[test]
fn build_arguments_choose_the_base() {
    let place = Place::with(&[("Dockerfile", "ARG V=1\nFROM base:$V\nARG X\nRUN echo $X\n")]);
    let shown = |args: &[&str], variables: &[(&str, &str)]| place.rplan_with(args, variables, "").stdout;
    assert!(shown(&["plan"], &[]).contains("Assumed: base:1 "));
    assert!(shown(&["plan", "--build-arg", "V=2"], &[]).contains("Assumed: base:2 "));
    assert!(shown(&["plan", "--build-arg", "V"], &[("V", "3")]).contains("Assumed: base:3 "));
}

#[test]
fn several_forms_go_to_several_files() {
    let place = Place::with_example("diamond");
    let run = place.rplan(&["plan", "--format", "json=plan.json", "--format", "dot=plan.dot"]);
    assert!(run.code == 0 && run.stdout.contains("up to 2 at once"), "{run:?}");
    assert!(place.read("plan.json").starts_with("{\n  \"tool\": \"rplan\""));
    assert!(place.read("plan.dot").starts_with("digraph plan {"));
    assert_eq!(place.rplan(&["plan", "--format", "json", "--format", "dot"]).code, 2);
    assert_eq!(place.rplan(&["plan", "--format", "jso"]).code, 2);
    assert_eq!(place.rplan(&["plan", "--format", "json=no/such/folder"]).code, 4);
}

#[test]
fn ascii_is_enough_where_the_locale_has_no_more() {
    let place = Place::with_example("diamond");
    let run = place.rplan_with(&["plan", "--changed", "api/greeting"], &[("LC_ALL", "C")], "");
    assert!(run.stdout.is_ascii(), "{}", run.stdout);
}

/// A repository of three images, one of which a second commit touches.
fn repository() -> Place {
    let place = Place::with(&[
        ("api/Dockerfile", "FROM golang\nWORKDIR /src\nCOPY go.mod ./\nRUN go mod download\nCOPY . .\n"),
        ("api/go.mod", "module api\n"),
        ("api/main.go", "package main\n"),
        ("web/Dockerfile", "FROM nginx\nCOPY index.html /usr/share/nginx/html/\n"),
        ("web/index.html", "hello\n"),
        ("tools/Dockerfile", "FROM alpine\nRUN apk add git\n"),
    ]);
    place.commit("begin");
    place
}

#[test]
fn the_images_that_a_change_touches_are_told() {
    let place = repository();
    place.write("api/main.go", "package main\n\nfunc main() {}\n");
    place.write("tools/Dockerfile", "FROM alpine\nRUN apk add git make\n");
    let run = place.rplan(&["plan", "--all", "--since", "HEAD"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    in_area("cli", || insta::assert_snapshot!("plan_all_since", run.stdout));
    let names = place.rplan(&["plan", "--all", "--since", "HEAD", "--format", "names"]);
    assert_eq!(names.stdout, "api\ntools\n");
    let json = place.rplan(&["plan", "--all", "--since", "HEAD", "--format", "json"]).stdout;
    let answer: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((answer["of"].as_u64(), answer["images"][0]["because"][0].as_str()), (Some(3), Some("main.go")));
    place.commit("both");
    let nothing = place.rplan(&["plan", "--all", "--since", "HEAD"]).stdout;
    assert_eq!(nothing, "None of 3 images changes since HEAD.\n");
    assert_eq!(place.rplan(&["plan", "--all"]).code, 2);
    assert_eq!(place.rplan(&["plan", "--all", "--since", "nowhere"]).code, 2);
}

#[test]
fn what_a_branch_would_rebuild_of_one_image_is_told() {
    let place = repository();
    place.write("api/main.go", "package main\n\nfunc main() {}\n");
    let names = |folder: &str| place.rplan(&["plan", "--since", "HEAD", "--format", "names", folder]).stdout;
    assert_eq!((names("api").as_str(), names("web").as_str()), ("[5/5]\n", ""));
    place.write("api/Dockerfile", "FROM golang\nWORKDIR /src\nCOPY go.mod ./\nRUN go mod download -x\nCOPY . .\n");
    let shown = place.rplan(&["plan", "--since", "HEAD", "api"]).stdout;
    assert!(shown.contains("the line changed: RUN go mod download → RUN go mod download -x"), "{shown}");
}
