//! `rplan config`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

const PROJECT: &str = "\
[lint]
profile = 'strict'
ignore = ['latest-tag',
          'DL3008']
rules = []

[lint.rule.registry-not-allowed]
severity = 'warning'
allowed = ['docker.io', 'quay.io']

[optimize]
skip = ['split-stage']

[[image]]
context = 'api'
build-args = { A = '1' }
";

fn json(run: &crate::support::cli::Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"))
}

#[test]
fn what_is_in_force_is_shown_with_where_it_comes_from() {
    let place = Place::with(&[("rplan.toml", PROJECT)]);
    let run = place.rplan(&["config", "show", "api", "-v", "--fail-on", "error", "--ignore", "untagged-image"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let lines = run.stdout.lines().filter(|line| !line.starts_with("lint.rule.") || line.contains("registry-not"));
    in_area("cli", || insta::assert_snapshot!("config_show", lines.collect::<Vec<_>>().join("\n")));
}

#[test]
fn whoever_types_the_rules_means_them_alone() {
    let place = Place::with(&[("rplan.toml", PROJECT)]);
    let shown = json(&place.rplan(&["config", "show", "--format", "json", "--select", "maintainer"]));
    let setting = |key: &str| {
        let found = shown["settings"].as_array().expect("a list").iter().find(|setting| setting["key"] == key);
        found.unwrap_or_else(|| panic!("{key} in {shown}")).clone()
    };
    assert_eq!(setting("lint.select")["origins"], serde_json::json!([{"kind": "command-line", "option": "--select"}]));
    assert_eq!(setting("lint.ignore")["value"], serde_json::json!([]));
    assert_eq!(setting("lint.ignore")["origins"], serde_json::json!([{"kind": "default"}]));
    let profile = setting("lint.profile");
    assert_eq!(profile["origins"], serde_json::json!([{"kind": "file", "name": "rplan.toml", "line": 2}]));
}

#[test]
fn settings_that_linting_refuses_are_refused() {
    let place = Place::with(&[("rplan.toml", "[lint]\nselect = ['latest-tga']\n")]);
    let run = place.rplan(&["config", "show"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("did you mean `latest-tag`?") && run.stderr.contains("rplan.toml:2"), "{}", run.stderr);
    assert_eq!(place.rplan(&["config", "show", "--config", "gone.toml"]).code, 2);
}

#[test]
fn an_override_holds_for_its_files_and_the_last_one_counts() {
    let text = "FROM a:latest AS one\nFROM b:latest\nWORKDIR x\n";
    let place = Place::with(&[("Dockerfile", text), ("dev/Dockerfile", text), ("dev/x/Dockerfile", text)]);
    place.write(
        "rplan.toml",
        "[lint]\nselect = ['latest-tag', 'relative-workdir', 'unused-stage']\nfail-on = 'error'\ntargets = ['one']\n\
         [lint.rule.latest-tag]\nseverity = 'warning'\n\
         [[lint.override]]\nfiles = ['/dev']\nignore = ['DL3000']\nfail-on = 'warning'\n\
         [[lint.override]]\nfiles = ['x/']\n[lint.override.rule.DL3007]\nseverity = 'info'\n",
    );
    let found = |path: &str| {
        let run = place.rplan(&["lint", path, "--format", "compact"]);
        (run.code, run.stdout.matches("[latest-tag]").count(), run.stdout.matches("[relative-workdir]").count())
    };
    assert_eq!(found("Dockerfile"), (0, 2, 1));
    assert_eq!(found("dev/Dockerfile"), (1, 2, 0));
    assert_eq!(found("dev/x/Dockerfile"), (0, 0, 0));
    let run = place.rplan(&["config", "show", "dev/x/Dockerfile"]);
    for line in [
        "lint.ignore = [\"DL3000\"]   # rplan.toml:9",
        "lint.fail-on = \"warning\"   # rplan.toml:10",
        "lint.rule.latest-tag.severity = \"info\"   # rplan.toml:14",
        "lint.targets = [\"one\"]   # rplan.toml:4",
    ] {
        let (setting, origin) = line.split_once("   ").expect("a setting and an origin");
        assert!(
            run.stdout.lines().any(|shown| shown.starts_with(setting) && shown.ends_with(origin)),
            "{line}: {run:?}"
        );
    }
    assert_eq!(place.rplan(&["lint"]).code, 1);
}

#[test]
fn what_is_wrong_in_an_override_is_told_too() {
    let place = Place::with(&[("Dockerfile", "FROM a:1\n")]);
    place.write("rplan.toml", "[lint]\nexclude = ['[z-a]']\n[[lint.override]]\nignore = ['latest-tga']\nrules = []\n");
    let run = place.rplan(&["lint"]);
    in_area("cli", || insta::assert_snapshot!("config_override_wrong", run.shown()));
    place.write("rplan.toml", "[[lint.override]]\nfiles = ['a', '{b']\nignore = ['latest-tga']\n");
    let run = place.rplan(&["lint"]);
    assert!(run.code == 2 && run.stderr.contains("rplan.toml:2:") && run.stderr.contains("`{b`"), "{run:?}");
    place.write("rplan.toml", "[[lint.override]]\nfiles = ['a']\nignore = ['latest-tga']\n");
    let run = place.rplan(&["lint"]);
    assert!(run.code == 2 && run.stderr.contains("did you mean `latest-tag`?"), "{run:?}");
    place.write("rplan.toml", "[lint]\nexclude = ['[z-a]']\n");
    let run = place.rplan(&["lint"]);
    assert!(run.code == 2 && run.stderr.contains("rplan.toml:2:12"), "{run:?}");
}

/// A stage that is built on purpose is no waste; one that no target needs is.
#[test]
fn declared_targets_make_stages_legitimate() {
    let text = "FROM a:1 AS deps\nFROM deps AS qa\nFROM a:1 AS idle\nFROM a:1\n";
    let place = Place::with(&[("Dockerfile", text)]);
    let lines = || {
        let run = place.rplan(&["lint", "--select", "unused-stage", "--severity", "info", "--format", "compact"]);
        run.stdout.lines().map(|line| line.split(':').nth(1).unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(lines(), ["2", "3"]);
    place.write("rplan.toml", "[lint]\ntargets = ['QA', 'elsewhere']\n");
    assert_eq!(lines(), ["3"]);
}

#[test]
fn nothing_fails_where_nothing_may() {
    let place = Place::with(&[("Dockerfile", "FRM a\n"), ("rplan.toml", "[lint]\nfail-on = 'never'\n")]);
    let run = place.rplan(&["lint"]);
    assert!(run.code == 0 && run.stdout.contains("syntax-error"), "{run:?}");
    assert_eq!(place.rplan(&["lint", "--fail-on", "error"]).code, 1, "what is typed wins");
    place.write("rplan.toml", "");
    assert_eq!(place.rplan(&["lint", "--fail-on", "never"]).code, 0);
    assert_eq!(place.rplan(&["lint", "gone", "--fail-on", "never"]).code, 1, "a file that is missing is no clean one");
}

#[test]
fn comments_silence_only_where_they_may() {
    let text = "FROM a:1\n# hadolint ignore=DL3000\n# rplan ignore=relative-workdir\nWORKDIR x\n";
    let place = Place::with(&[("Dockerfile", text)]);
    assert_eq!(place.rplan(&["lint", "--fail-on", "warning"]).code, 0);
    place.write("rplan.toml", "[lint]\ninline-ignores = false\n");
    let run = place.rplan(&["lint"]);
    assert!(run.code == 1 && run.stdout.contains("relative-workdir"), "{run:?}");
}

/// Every key of a schema's table, with what it leads to; `[]` stands for any name and any place in a list.
fn keys(table: &Value, prefix: &str, into: &mut BTreeSet<String>) {
    for (key, value) in table["properties"].as_object().into_iter().flatten() {
        into.insert(format!("{prefix}{key}"));
        keys(value, &format!("{prefix}{key}."), into);
        keys(&value["items"], &format!("{prefix}{key}[]."), into);
        keys(&value["additionalProperties"], &format!("{prefix}{key}[]."), into);
    }
}

/// A reader that is given a key that it does not know names all that it does.
#[test]
fn the_schema_and_the_reader_know_the_same_keys() {
    let place = Place::with(&[]);
    let schema = json(&place.rplan(&["config", "schema"]));
    let mut known = BTreeSet::new();
    keys(&schema, "", &mut known);
    in_area("cli", || {
        insta::assert_snapshot!("config_keys", known.into_iter().collect::<Vec<_>>().join("\n"));
    });
    for (head, table) in [
        ("", &schema),
        ("[lint]\n", &schema["properties"]["lint"]),
        ("[optimize]\n", &schema["properties"]["optimize"]),
        ("[[image]]\n", &schema["properties"]["image"]["items"]),
        ("[[lint.override]]\nfiles = []\n", &schema["properties"]["lint"]["properties"]["override"]["items"]),
    ] {
        place.write("rplan.toml", &format!("{head}qqqqqqqq = 1\n"));
        let run = place.rplan(&["config", "show"]);
        let listed: BTreeSet<&str> =
            table["properties"].as_object().expect("a table").keys().map(String::as_str).collect();
        let listed = listed.into_iter().collect::<Vec<_>>().join(", ");
        let told = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(run.code == 2 && told.contains(&format!("known here: {listed}")), "{listed}\n{told}");
    }
}

#[test]
fn every_setting_of_the_schema_says_what_it_is_for_and_is_shown() {
    let place = Place::with(&[("rplan.toml", PROJECT)]);
    fn described(value: &Value, path: &str) {
        for (key, inner) in value["properties"].as_object().into_iter().flatten() {
            let about = inner["description"].as_str().unwrap_or_default();
            assert!(about.len() > 5, "{path}{key} has no description");
            described(inner, &format!("{path}{key}."));
            described(&inner["items"], &format!("{path}{key}."));
            described(&inner["additionalProperties"], &format!("{path}{key}."));
        }
    }
    let schema = json(&place.rplan(&["config", "schema"]));
    described(&schema, "");
    described(&schema["definitions"]["rules"], "rule.");
    described(&json(&place.rplan(&["config", "schema", "--user"])), "");
    let shown = json(&place.rplan(&["config", "show", "--format", "json"]));
    let shown: BTreeSet<&str> =
        shown["settings"].as_array().expect("a list").iter().map(|one| one["key"].as_str().expect("a key")).collect();
    for table in ["lint", "optimize"] {
        for key in schema["properties"][table]["properties"].as_object().expect("a table").keys() {
            let rules = schema["definitions"]["rules"]["properties"].as_object().expect("a table of each rule");
            let options = rules.iter().flat_map(|(rule, table)| {
                let options =
                    table["properties"].as_object().expect("a table").keys().filter(|name| *name != "severity");
                options.map(move |option| format!("lint.rule.{rule}.{option}"))
            });
            let keys: Vec<String> = match key.as_str() {
                "rule" => options.collect(),
                // What holds by one is shown in its place.
                "override" => Vec::new(),
                _ => vec![format!("{table}.{key}")],
            };
            keys.iter().for_each(|key| assert!(shown.contains(key.as_str()), "{key} is not shown"));
        }
    }
}

/// Rules of one's own are unknown to rplan's schema; with their directory, their options are in it.
#[test]
fn the_schema_knows_rules_and_their_options() {
    let place = Place::with(&[]);
    place.rplan(&["rules", "new", "no-curl-pipe"]);
    let schema = json(&place.rplan(&["config", "schema", "--rules", "no-curl-pipe.yaml"]));
    let lint = &schema["properties"]["lint"]["properties"];
    assert_eq!(lint["rule"]["allOf"][0]["$ref"], "#/definitions/rules");
    let rules = &schema["definitions"]["rules"]["properties"];
    assert_eq!(rules["registry-not-allowed"]["properties"]["allowed"]["items"]["type"], "string");
    assert_eq!(rules["registry-not-allowed"]["additionalProperties"], false);
    assert!(rules["no-curl-pipe"].is_object());
    let names = schema["definitions"]["name"]["anyOf"][0]["enum"].as_array().expect("names");
    for name in ["all", "cache", "latest-tag", "DL3007", "no-curl-pipe"] {
        assert!(names.contains(&name.into()), "{name}");
    }
    assert_eq!(lint["profile"]["enum"], serde_json::json!(["default", "strict", "hadolint", "buildkit"]));
}
