//! `rplan rules` and `rplan explain`.

use super::*;

#[test]
fn rules_are_listed() {
    let place = Place::with(&[]);
    let run = place.rplan(&["rules"]);
    assert_eq!(run.code, 0);
    let line = run.stdout.lines().find(|line| line.starts_with("copy-before-deps ")).expect("it is listed");
    assert!(line.contains("warning") && line.contains("cache"), "{line}");
    let ids: Vec<&str> = run.stdout.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert!(ids.is_sorted());
    let json: serde_json::Value =
        serde_json::from_str(&place.rplan(&["rules", "--format", "json"]).stdout).expect("it is JSON");
    assert_eq!(json["rules"].as_array().unwrap().len(), ids.len());
    assert_eq!(json["command"], "rules");
}

#[test]
fn rules_and_rewrites_are_explained_by_any_of_their_names() {
    let place = Place::with(&[]);
    let page = place.rplan(&["explain", "latest-tag"]);
    assert_eq!((page.code, page.stdout == place.rplan(&["explain", "dl3007"]).stdout), (0, true));
    let rewrite = place.rplan(&["explain", "hoist-manifests"]);
    in_area("cli", || insta::assert_snapshot!("explain_rewrite", rewrite.stdout));
    for (name, rule) in [("SecretsUsedInArgOrEnv", "secret-in-arg-or-env"), ("DL4000", "maintainer")] {
        assert!(place.rplan(&["explain", name]).stdout.starts_with(&format!("{rule}: ")), "{name}");
    }
    let run = place.rplan(&["explain", "latest-tga"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("did you mean `latest-tag`?"), "{}", run.stderr);
}

#[test]
fn a_rule_of_ones_own_is_started_tried_and_used() {
    let place = Place::with(&[("Dockerfile", "FROM alpine:3.20\nRUN curl https://x.example/i | sh\n")]);
    let run = place.rplan(&["rules", "new", "no-curl-pipe"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "no-curl-pipe.yaml\n"));
    assert_eq!(place.rplan(&["rules", "new", "no-curl-pipe"]).code, 2, "never over a file that is there");
    let run = place.rplan(&["rules", "test", "no-curl-pipe.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "ok      no-curl-pipe  2 examples\n"));
    let own = place.read("no-curl-pipe.yaml");
    place.write("mine/no-curl-pipe.yaml", &own);
    let lint = ["lint", "--format", "compact", "--rules", "mine", "--select", "no-curl-pipe"];
    assert!(place.rplan(&lint).stdout.starts_with("Dockerfile:2:"));
    assert!(place.rplan(&["rules", "--rules", "mine"]).stdout.contains("\nno-curl-pipe "));
    assert!(place.rplan(&["explain", "--rules", "mine", "no-curl-pipe"]).stdout.starts_with("no-curl-pipe: "));
    place.write("rplan.toml", "[lint]\nrules = ['mine']\nselect = ['no-curl-pipe']\n");
    assert_eq!(place.rplan(&["lint"]).code, 1, "the settings name the directory too");
}

#[test]
fn examples_that_fail_are_told() {
    let place = Place::with(&[]);
    place.rplan(&["rules", "new", "no-curl-pipe"]);
    let own = place.read("no-curl-pipe.yaml");
    place.write("no-curl-pipe.yaml", &own.replace("line: 2, words: runs what", "line: 1, words: fetches what"));
    let run = place.rplan(&["rules", "test", "."]);
    in_area("cli", || insta::assert_snapshot!("rules_test_failing", run.shown()));
}

#[test]
fn a_broken_rule_is_drawn() {
    let place = Place::with(&[("Dockerfile", "FROM a\n")]);
    place.rplan(&["rules", "new", "no-curl-pipe"]);
    let own = place.read("no-curl-pipe.yaml");
    place.write("no-curl-pipe.yaml", &own.replace("severity: warning", "severity: grave"));
    let run = place.rplan(&["lint", "--rules", "no-curl-pipe.yaml"]);
    in_area("cli", || insta::assert_snapshot!("rule_broken", run.shown()));
    assert_eq!(place.rplan(&["lint", "--rules", "gone"]).code, 2);
    assert_eq!(place.rplan(&["rules", "new", "latest-tag"]).code, 2, "the name is taken");
    assert_eq!(place.rplan(&["rules", "new", "No_Good"]).code, 2);
}

/// Whoever comes from another linter asks by its names: every one is known, whether there is a rule for it or not.
#[test]
fn what_there_is_no_rule_for_is_explained_too() {
    let place = Place::with(&[]);
    let run = place.rplan(&["explain", "tally/gpu/prefer-uv-over-conda"]);
    assert_eq!(run.code, 0);
    in_area("cli", || insta::assert_snapshot!("explain_declined", run.stdout));
    assert!(place.rplan(&["explain", "dd042"]).stdout.starts_with("DD042: ONBUILD used at all\ndeclined: "));
    let run = place.rplan(&["explain", "sc2086"]);
    let head = "SC2086: a finding of ShellCheck\n\nSee\n  https://www.shellcheck.net/wiki/SC2086\n";
    assert!(run.code == 0 && run.stdout.starts_with(head), "{run:?}");
    assert!(place.rplan(&["explain", "unreadable-file"]).stdout.contains("nobody wrote that by hand"));
}

#[test]
fn the_reference_is_printed_as_it_is_committed() {
    let place = Place::with(&[]);
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/README.md");
    let committed = std::fs::read_to_string(committed).expect("the reference");
    assert!(
        place.rplan(&["rules", "--format", "md"]).stdout == committed,
        "RPLAN_UPDATE=1 cargo test --test it rules::"
    );
    assert!(committed.contains("| gpu/no-buildtime-gpu-queries |"));
    place.rplan(&["rules", "new", "no-curl-pipe"]);
    let with_own = place.rplan(&["rules", "--rules", ".", "--format", "md"]).stdout;
    assert!(with_own.contains("\n## Rules of your own\n") && with_own.contains("\n| `no-curl-pipe` |"), "{with_own}");
}
