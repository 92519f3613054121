//! What Compose and Bake files say of Dockerfiles: which there are, what they are built with, which stages are meant.

mod inline;

use super::*;

const CLEAN: &str = "FROM alpine:3.20\nWORKDIR /srv\nCMD [\"date\"]\n";

/// What `rplan lint --format compact` says.
fn lint(place: &Place, args: &[&str]) -> (i32, String, String) {
    let run = place.rplan(&[&["lint", "--format", "compact"], args].concat());
    (run.code, run.stdout, run.stderr)
}

/// The files of a report, each with its context, and the ids of what was found in it.
fn files(place: &Place, args: &[&str]) -> Vec<(String, String, Vec<String>)> {
    let run = place.rplan(&[&["lint", "--format", "json", "--severity", "info"], args].concat());
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
    let file = |file: &serde_json::Value| {
        let findings = file["findings"].as_array().expect("findings");
        let rules = findings.iter().map(|finding| finding["rule"].as_str().expect("a rule").to_owned());
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("none").to_owned();
        (text(&file["path"]), text(&file["context"]["path"]), rules.collect())
    };
    report["files"].as_array().expect("files").iter().map(file).collect()
}

/// The path, the context and the findings of one file.
fn one(path: &str, context: &str, rules: &[&str]) -> (String, String, Vec<String>) {
    (path.to_owned(), context.to_owned(), rules.iter().map(|rule| (*rule).to_owned()).collect())
}

#[test]
fn a_compose_file_that_is_named_gives_its_dockerfiles() {
    let place = Place::with(&[
        (
            "deploy/stack.yml",
            "services:\n  web:\n    build:\n      context: ..\n      dockerfile: docker/web.docker\n  api:\n    build: ../api\n  db:\n    image: postgres\n",
        ),
        ("docker/web.docker", "FROM alpine\nCOPY docker /x\n"),
        ("api/Dockerfile", CLEAN),
        ("other/Dockerfile", "FROM alpine\n"),
    ]);
    let expected = [one("api/Dockerfile", "api", &[]), one("docker/web.docker", ".", &["untagged-image"])];
    assert_eq!(files(&place, &["deploy/stack.yml"]), expected);
}

#[test]
fn a_search_finds_what_compose_files_name() {
    let place = Place::with(&[
        (
            "a/compose.yaml",
            "services:\n  web: {build: {context: ., dockerfile: web.docker}}\n  out: {build: ../b}\n  gone: {build: ./gone}\n",
        ),
        ("a/web.docker", CLEAN),
        ("b/Dockerfile", CLEAN),
    ]);
    assert_eq!(files(&place, &["a"]), [one("a/web.docker", "a", &[])]);
    assert_eq!(files(&place, &["--exclude", "*.docker"]), [one("b/Dockerfile", "b", &[])]);
    let run = place.rplan(&["lint", "a/compose.yaml"]);
    assert!(run.code == 1 && run.stdout.contains("a/gone/Dockerfile: cannot be read"), "{run:?}");
}

#[test]
fn arguments_are_known_where_every_build_gives_the_same() {
    let dockerfile = "ARG TAG=latest\nFROM alpine:$TAG\nWORKDIR /srv\nCMD [\"date\"]\n";
    let place = Place::with(&[("Dockerfile", dockerfile)]);
    let rules = |compose: &str| {
        place.write("compose.yaml", compose);
        files(&place, &["Dockerfile"])[0].2.clone()
    };
    assert_eq!(rules("services: {}\n"), ["latest-tag"]);
    assert_eq!(rules("services:\n  a:\n    build:\n      context: .\n      args: [TAG=3.20]\n"), [""; 0]);
    assert_eq!(rules("services:\n  a:\n    build:\n      context: .\n      args: [TAG=latest]\n"), ["latest-tag"]);
    assert_eq!(rules("services:\n  a:\n    build:\n      context: .\n      args:\n        TAG: $TAG\n"), [""; 0]);
    assert_eq!(rules("services:\n  a: {build: .}\n  b: {build: {context: ., args: {TAG: '3.20'}}}\n"), [""; 0]);
}

#[test]
fn a_stage_that_a_declared_target_reaches_is_used() {
    let dockerfile = "FROM alpine:3.20 AS base\nFROM base AS unit\nFROM base AS old\nFROM base\n";
    let place = Place::with(&[("Dockerfile", dockerfile)]);
    let unused = |compose: &str| {
        place.write("compose.yaml", compose);
        let run = place.rplan(&["lint", "--select", "unused-stage", "--severity", "info", "--format", "compact"]);
        run.stdout.lines().map(|line| line.split(':').nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(unused("services: {}\n"), ["2", "3"]);
    assert_eq!(unused("services:\n  a: {build: {context: ., target: UNIT}}\n"), ["3"]);
    assert_eq!(unused("services:\n  a: {build: {context: ., target: '${T:-old}'}}\n"), ["2"]);
    assert_eq!(unused("services:\n  a: {build: {context: ., target: $T}}\n"), [""; 0]);
}

#[test]
fn the_target_of_a_named_compose_file_is_what_is_built() {
    let place = Place::with(&[
        ("compose.yaml", "services:\n  a: {build: {context: ., target: gone}}\n"),
        ("Dockerfile", CLEAN),
    ]);
    let (code, shown, _) = lint(&place, &["compose.yaml"]);
    assert_eq!(code, 1);
    assert!(shown.contains("there is no stage `gone` to build"), "{shown}");
    assert_eq!(lint(&place, &[]).0, 0, "whoever lints the Dockerfile may build something else");
}

#[test]
fn named_contexts_stand_for_images() {
    let place = Place::with(&[
        ("compose.yaml", "services:\n  a: {build: {context: ., additional_contexts: [base=./base]}}\n"),
        ("Dockerfile", "FROM base\nWORKDIR /srv\nCMD [\"date\"]\n"),
    ]);
    assert_eq!(files(&place, &[]), [one("Dockerfile", ".", &[])]);
}

#[test]
fn services_extend_others_and_lie_over_others() {
    let place = Place::with(&[
        ("common/base.yaml", "services:\n  app: {build: {context: ./app, args: {TAG: latest, MORE: x}}}\n"),
        (
            "compose.yaml",
            "services:\n  web:\n    extends: {file: common/base.yaml, service: app}\n    build: {args: {TAG: '3.20'}}\n",
        ),
        ("common/app/Dockerfile", "ARG TAG\nFROM alpine:$TAG\nWORKDIR /srv\n"),
        ("api/Dockerfile", CLEAN),
        ("docker-compose.yml", "services:\n  api: {build: {context: api}}\n"),
        ("docker-compose.prod.yml", "services:\n  api: {build: {target: prod}}\n"),
    ]);
    assert_eq!(files(&place, &["compose.yaml"]), [one("common/app/Dockerfile", "common/app", &[])]);
    let (_, shown, _) = lint(&place, &["docker-compose.prod.yml"]);
    assert!(shown.starts_with("Dockerfile:1:1: error[unreadable-file]"), "compose.yaml has no such service: {shown}");
    std::fs::remove_file(place.path().join("compose.yaml")).expect("a file");
    let (_, shown, _) = lint(&place, &["docker-compose.prod.yml"]);
    assert!(shown.starts_with("api/Dockerfile:") && shown.contains("no stage `prod`"), "{shown}");
}

#[test]
fn what_the_env_file_of_a_project_says_is_known() {
    let dockerfile = "ARG TAG\nFROM alpine:$TAG\nWORKDIR /srv\nCMD [\"date\"]\n";
    let place = Place::with(&[
        ("Dockerfile", dockerfile),
        (".env", "TAG=latest\nDIR=sub\n"),
        ("compose.yaml", "services:\n  a: {build: {context: ., args: [TAG]}}\ninclude: ['${DIR}/compose.yaml']\n"),
        ("sub/compose.yaml", "services:\n  b: {build: {context: ., args: ['TAG=${TAG}', 'OS=${OS:-os}']}}\n"),
        ("sub/.env", "TAG=3.20\nOS=$TAG\n"),
        ("sub/Dockerfile", "ARG OS\nARG TAG\nFROM $OS:$TAG\n"),
    ]);
    let tagged = |path: &str| {
        let run = place.rplan(&["lint", "--select", "latest-tag,untagged-image", "--format", "compact", path]);
        run.stdout.trim().to_owned()
    };
    assert_eq!(tagged("compose.yaml").lines().count(), 2, "{}", tagged("compose.yaml"));
    assert!(tagged("compose.yaml").contains("sub/Dockerfile:3:6"), "what includes comes before what is included");
    assert_eq!(tagged("sub/compose.yaml"), "", "by itself it has its own variables");
    place.write(".env", "TAG=3.20\nDIR=sub\n");
    assert_eq!(tagged("compose.yaml"), "");
}

#[test]
fn an_included_file_may_be_read_from_elsewhere() {
    let include = "include:\n  - path: [deploy/compose.yaml]\n    project_directory: app\n    env_file: deploy/vars\n";
    let place = Place::with(&[
        ("compose.yaml", include),
        ("deploy/compose.yaml", "services:\n  a: {build: {context: ., dockerfile: $FILE}}\n"),
        ("deploy/vars", "FILE=web.docker\n"),
        ("app/web.docker", CLEAN),
    ]);
    assert_eq!(files(&place, &["compose.yaml"]), [one("app/web.docker", "app", &[])]);
}

#[test]
fn the_platform_is_known_where_all_builds_are_for_one() {
    let place = Place::with(&[("Dockerfile", "FROM --platform=$TARGETPLATFORM arm64v8/alpine:3.20\n")]);
    let is_wrong = |platforms: &str| {
        place.write("compose.yaml", &format!("services:\n  a: {{build: {{context: ., platforms: {platforms}}}}}\n"));
        place.rplan(&["lint", "--select", "image-for-other-platform"]).code == 1
    };
    assert!(is_wrong("[linux/amd64]") && is_wrong("[linux/s390x]"));
    assert!(!is_wrong("[linux/arm64]"));
    assert!(!is_wrong("[linux/arm64, linux/amd64]"), "which of them is meant is not known");
}

/// Whoever reads what a file names reads no more than files.
#[cfg(unix)]
#[test]
fn a_pipe_that_nobody_writes_into_holds_nothing_up() {
    let place =
        Place::with(&[("compose.yaml", "services:\n  a: {build: .}\ninclude: [pipe.yaml]\n"), ("Dockerfile", CLEAN)]);
    for name in [".env", "pipe.yaml"] {
        let made = std::process::Command::new("mkfifo").arg(place.path().join(name)).status().expect("mkfifo runs");
        assert!(made.success());
    }
    assert_eq!(files(&place, &["compose.yaml"]), [one("Dockerfile", ".", &[])]);
}

#[test]
fn included_files_are_followed_once() {
    let place = Place::with(&[
        ("compose.yaml", "include:\n  - sub/compose.yaml\n  - path: [compose.yaml, gone.yaml]\n"),
        ("sub/compose.yaml", "include: [../compose.yaml]\nservices: {a: {build: .}}\n"),
        ("sub/Dockerfile", CLEAN),
    ]);
    assert_eq!(files(&place, &["compose.yaml"]), [one("sub/Dockerfile", "sub", &[])]);
}

#[test]
fn bake_files_are_read_with_what_lies_over_them() {
    let place = Place::with(&[
        (
            "docker-bake.hcl",
            "variable \"TAG\" { default = \"3.20\" }\ngroup \"default\" { targets = [\"app\", \"test\"] }\n\
             target \"app\" {\n  context = \"app\"\n  args = { TAG = TAG }\n}\n\
             target \"test\" {\n  inherits = [\"app\"]\n  target = \"unit\"\n}\n",
        ),
        ("app/Dockerfile", "ARG TAG=latest\nFROM alpine:$TAG AS base\nFROM base AS unit\nFROM base\nWORKDIR /srv\n"),
    ]);
    assert_eq!(files(&place, &[]), [one("app/Dockerfile", "app", &[])]);
    assert_eq!(files(&place, &["docker-bake.hcl"]), [one("app/Dockerfile", "app", &[])]);
    place.write(
        "docker-bake.override.hcl",
        "target \"test\" {\n  target = \"base\"\n  args = { TAG = \"latest\" }\n}\n",
    );
    let both = one("app/Dockerfile", "app", &["latest-tag", "unused-stage"]);
    assert_eq!(files(&place, &["docker-bake.override.hcl", "--build-arg", "TAG=latest"]), [both]);
    assert_eq!(files(&place, &[]), [one("app/Dockerfile", "app", &[])], "the builds do not agree on TAG");
    let json = "{\"target\": {\"app\": {\"context\": \"app\", \"args\": {\"TAG\": \"latest\"}}}}";
    place.write("other.json", json);
    let latest = one("app/Dockerfile", "app", &["latest-tag", "unused-stage"]);
    assert_eq!(files(&place, &["other.json"]), [latest]);
}

#[test]
fn a_wrong_bake_file_is_told_with_its_place() {
    let place = Place::with(&[("docker-bake.hcl", "target \"a\" {\n  args = {\n    A = \n  }\n}\n"), ("x.json", "{}")]);
    let named = place.rplan(&["lint", "docker-bake.hcl"]);
    in_area("cli", || insta::assert_snapshot!("lint_bake_wrong", named.shown()));
    assert!(place.rplan(&["lint"]).stderr.starts_with("note: docker-bake.hcl:3:9: this cannot be read as HCL"));
    let none = place.rplan(&["lint", "x.json"]);
    assert!(none.code == 2 && none.stderr.contains("this is no Bake file"), "{none:?}");
}

#[test]
fn a_wrong_compose_file_is_an_error_where_it_was_named_and_else_a_note() {
    let place = Place::with(&[("compose.yaml", "services:\n  a:\n    build: [.]\n"), ("Dockerfile", CLEAN)]);
    let named = place.rplan(&["lint", "compose.yaml"]);
    in_area("cli", || insta::assert_snapshot!("lint_compose_wrong", named.shown()));
    let (code, shown, notes) = lint(&place, &[]);
    assert_eq!((code, shown.as_str()), (0, ""));
    assert_eq!(notes, "note: compose.yaml:3:12: `build` is a mapping in a Compose file; what it builds is not known\n");
    assert_eq!(lint(&place, &["Dockerfile"]).2, notes, "however the Dockerfile was found");
    assert_eq!(lint(&place, &["-q"]).2, "");
}

#[test]
fn a_dockerfile_of_a_compose_file_can_be_repaired() {
    let place = Place::with(&[
        ("compose.yaml", "services:\n  a: {build: app}\n"),
        ("app/Dockerfile", "FROM alpine:3.20\nENV A b\n"),
    ]);
    let run = place.rplan(&["fix", "compose.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "repaired app/Dockerfile: legacy-key-value\n"));
}

/// What plans and builds a Dockerfile that is given without a context takes the one that is declared.
#[test]
fn a_declared_context_is_that_of_other_commands_too() {
    let place = Place::with(&[
        ("compose.yaml", "services:\n  a: {build: {context: app, dockerfile: ../docker/web.Dockerfile}}\n"),
        ("docker/web.Dockerfile", "FROM scratch\nCOPY x /x\n"),
        ("docker/x", "nearer"),
        ("app/x", "declared"),
    ]);
    let context = || {
        let run = place.rplan(&["plan", "docker/web.Dockerfile", "--format", "json"]);
        let plan: serde_json::Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
        plan["context"]["path"].as_str().map(str::to_owned)
    };
    assert_eq!(context().as_deref(), Some("app"));
    place.write("rplan.toml", "[[image]]\nfile = 'docker/web.Dockerfile'\ncontext = '.'\n");
    assert_eq!(context().as_deref(), Some("."), "the settings say it first");
    std::fs::remove_file(place.path().join("rplan.toml")).expect("a file");
    std::fs::remove_file(place.path().join("compose.yaml")).expect("a file");
    assert_eq!(context().as_deref(), Some("docker"));
}
