//! hadolint's settings, as they are and taken over.

use super::*;

/// Says something for every key that hadolint has.
const EVERYTHING: &str = "\
failure-threshold: warning
format: json
ignored: [DL3008, DL3005, DL9999, 'DL3018']
override:
  error: [DL3007, DL4000]
  warning:
    - DL3057
    - DL9998
  info: [DL3051]
  style: [DL4000]
trustedRegistries:
  - hub.docker.com
  - '*.example.com'
label-schema:
  author: text
  version: semver
  home: url
strict-labels: true
no-fail: false
no-color: true
verbose: true
disable-ignore-pragma: true
";

const DOCKERFILE: &str = "\
FROM quay.io/a/b:latest
LABEL version=one
# hadolint ignore=DL3004
RUN sudo make
MAINTAINER me
";

/// What `rplan lint` finds, one line a finding.
fn found(place: &Place, args: &[&str], variables: &[(&str, &str)]) -> String {
    place.rplan_with(&[&["lint", "--format", "compact"], args].concat(), variables, "").stdout
}

#[test]
fn every_setting_of_hadolint_is_taken_over_or_told() {
    let place = Place::with(&[(".hadolint.yaml", EVERYTHING)]);
    let run = place.rplan(&["config", "migrate"]);
    in_area("cli", || insta::assert_snapshot!("config_migrate", run.shown()));
}

/// What is written and what holds without it are the same.
#[test]
fn what_is_taken_over_holds_as_before() {
    let place = Place::with(&[(".hadolint.yaml", EVERYTHING), ("Dockerfile", DOCKERFILE)]);
    let before = found(&place, &[], &[]);
    for code in ["registry-not-allowed", "bad-label-value", "missing-label", "sudo-in-run", "maintainer"] {
        assert!(before.contains(&format!("[{code}]")), "{code} in\n{before}");
    }
    let run = place.rplan(&["config", "migrate", "--write", "-q"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "rplan.toml\n", ""));
    assert_eq!(found(&place, &[], &[]), before);
    let run = place.rplan(&["config", "migrate", "--write"]);
    assert!(run.code == 2 && run.stderr.contains("there is a file `rplan.toml` already"), "{run:?}");
    place.write("ci/h.yaml", "ignored: [DL3007]\n");
    place.write("ci/.rplan.toml", "");
    assert_eq!(place.rplan(&["config", "migrate", "ci/h.yaml", "--write"]).code, 2, "either name is taken");
}

#[test]
fn without_a_file_of_its_own_rplan_follows_hadolints_with_one_note() {
    let place = Place::with(&[(".hadolint.yml", "ignored: [DL3007]\n"), ("a/Dockerfile", DOCKERFILE)]);
    place.write("b/Dockerfile", "FROM a:latest\n");
    let run = place.rplan(&["lint"]);
    assert_eq!(run.code, 1);
    let note = "note: hadolint's settings hold (.hadolint.yml); `rplan config migrate` turns it into an rplan.toml\n";
    assert_eq!(run.stderr, note);
    assert!(!run.stdout.contains("latest-tag") && run.stdout.contains("maintainer"), "{run:?}");
    place.write("b/rplan.toml", "");
    let found = found(&place, &[], &[]);
    assert!(found.contains("b/Dockerfile:1:6: warning[latest-tag]") && !found.contains("a/Dockerfile:1:"), "{found}");
    assert_eq!(place.rplan(&["lint", "b"]).stderr, "", "nobody asked hadolint");
}

#[test]
fn what_is_typed_wins() {
    let place = Place::with(&[(".hadolint.yaml", "failure-threshold: style\n"), ("Dockerfile", "FROM a:latest\n")]);
    assert_eq!(place.rplan(&["lint"]).code, 1);
    assert_eq!(place.rplan(&["lint", "--fail-on", "error"]).code, 0);
    assert!(found(&place, &["--select", "latest-tag"], &[]).contains("latest-tag"));
    place.write("none.toml", "[lint]\nignore = ['latest-tag']\n");
    assert_eq!(found(&place, &["--config", "none.toml"], &[]), "");
    place.write("ci/hadolint.yaml", "no-fail: true\n");
    let run = place.rplan(&["lint", "--config", "ci/hadolint.yaml"]);
    assert!(run.code == 0 && run.stdout.contains("latest-tag"), "{run:?}");
}

#[test]
fn variables_are_followed_and_shown() {
    let place = Place::with(&[(".hadolint.yaml", "ignored: [DL3007]\n"), ("Dockerfile", DOCKERFILE)]);
    let variables = [("HADOLINT_IGNORE", "DL4000"), ("HADOLINT_FAILURE_THRESHOLD", "error"), ("HADOLINT_NOFAIL", "")];
    let run = place.rplan_with(&["config", "show"], &variables, "");
    let lines = run.stdout.lines().filter(|line| !line.starts_with("lint.rule."));
    in_area("cli", || insta::assert_snapshot!("config_show_hadolint", lines.collect::<Vec<_>>().join("\n")));
    let variables = [("HADOLINT_TRUSTED_REGISTRIES", "docker.io"), ("HADOLINT_NOFAIL", "1")];
    let run = Place::with(&[("Dockerfile", DOCKERFILE)]).rplan_with(&["lint"], &variables, "");
    assert!(run.code == 0 && run.stdout.contains("registry-not-allowed"), "{run:?}");
    assert!(run.stderr.contains("(HADOLINT_NOFAIL, HADOLINT_TRUSTED_REGISTRIES)"), "{run:?}");
    let run = place.rplan_with(&["lint"], &[("HADOLINT_FAILURE_THRESHOLD", "grave")], "");
    assert!(run.code == 2 && run.stderr.contains("HADOLINT_FAILURE_THRESHOLD"), "{run:?}");
}

#[test]
fn hadolint_is_found_where_it_looks() {
    let place = Place::with(&[("Dockerfile", "FROM a:latest\n")]);
    let shown = || place.rplan(&["config", "show"]).stdout.lines().next().unwrap_or_default().to_owned();
    for path in
        [".hadolint.yml", ".hadolint.yaml", ".hadolint/config.yaml", ".hadolint/hadolint.yml", ".config/hadolint.yml"]
    {
        let path = place.home().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, "").expect("a file");
        assert_eq!(shown(), format!("# ., by {}", path.display()));
    }
    place.write("xdg/hadolint.yaml", "ignored: [DL3007]\n");
    let xdg = place.path().join("xdg").display().to_string();
    assert_eq!(found(&place, &[], &[("XDG_CONFIG_HOME", &xdg)]), "");
    place.write(".hadolint.yaml", "");
    assert_eq!(shown(), "# ., by .hadolint.yaml");
}

#[test]
fn broken_settings_of_hadolint_are_drawn_and_never_passed_over() {
    let place = Place::with(&[("Dockerfile", "FROM a:latest\n")]);
    place.write(".hadolint.yaml", "ignore:\n  - DL3007\noverride:\n  warning: [DL3007\n");
    let run = place.rplan(&["lint"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains(".hadolint.yaml:"), "{}", run.stderr);
    place.write(".hadolint.yaml", "ignore:\n  - DL3007\nfailure-threshold: warn\n");
    let run = place.rplan(&["lint"]);
    in_area("cli", || insta::assert_snapshot!("hadolint_broken", run.shown()));
    assert_eq!(place.rplan(&["config", "migrate"]).code, 2);
    assert_eq!(place.rplan(&["config", "migrate", "gone.yaml"]).code, 2);
    assert_eq!(Place::with(&[]).rplan(&["config", "migrate"]).code, 2);
}

/// A rule may be set under any of its names, and only once.
#[test]
fn rules_are_set_by_foreign_names_and_nothing_twice() {
    let place = Place::with(&[("Dockerfile", "FROM a:latest\nCMD a\nCMD b\nENTRYPOINT a\nENTRYPOINT b\n")]);
    let tables = |text: &str| place.write("rplan.toml", text);
    tables("[lint.rule.DL3007]\nseverity = 'error'\n[lint.rule.DL3026]\nallowed = ['quay.io']\n");
    let shown = found(&place, &[], &[]);
    assert!(shown.contains("error[latest-tag]") && shown.contains("registry-not-allowed"), "{shown}");
    tables("[lint.rule.DL4004]\nseverity = 'error'\n[lint.rule.multiple-cmd]\nseverity = 'warning'\n");
    let shown = found(&place, &["--select", "multiple-cmd"], &[]);
    assert!(shown.contains("2:1: warning[") && shown.contains("4:1: error["), "what hadolint tells apart: {shown}");
    tables(
        "[lint.rule.DL3007]\nseverity = 'error'\n[lint.rule.latest-tag]\nseverity = 'info'\n\
         [lint.rule.DL3026]\nallowed = []\n[lint.rule.registry-not-allowed]\nallowed = ['a']\n",
    );
    let run = place.rplan(&["lint"]);
    in_area("cli", || insta::assert_snapshot!("rules_set_twice", run.shown()));
}

/// hadolint itself speaks of every stage.
#[test]
fn what_is_about_the_size_of_an_image_is_told_of_stages_that_ship() {
    let install = "RUN pip install a==1 && apt-get update && apt-get install -y b=1";
    let builder = format!("FROM debian:13 AS build\n{install}\n");
    let place = Place::with(&[
        (".hadolint.yaml", ""),
        ("Dockerfile", &format!("{builder}FROM debian:13\nCOPY --from=build /x /x\n")),
    ]);
    let told = |place: &Place| {
        let found = found(place, &["--severity", "style"], &[]);
        let of_size = |rule: &&str| found.contains(&format!("[{rule}]"));
        ["apt-with-recommends", "apt-without-clean", "pip-with-cache"].into_iter().filter(of_size).count()
    };
    assert_eq!(told(&place), 0);
    place.write("Dockerfile", &builder);
    assert_eq!(told(&place), 3);
}
