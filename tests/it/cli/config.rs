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
        let own = known.iter().filter(|key| !key.starts_with("lint.rule."));
        insta::assert_snapshot!("config_keys", own.cloned().collect::<Vec<_>>().join("\n"));
    });
    for (head, table) in [
        ("", &schema),
        ("[lint]\n", &schema["properties"]["lint"]),
        ("[optimize]\n", &schema["properties"]["optimize"]),
        ("[[image]]\n", &schema["properties"]["image"]["items"]),
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
    described(&json(&place.rplan(&["config", "schema", "--user"])), "");
    let shown = json(&place.rplan(&["config", "show", "--format", "json"]));
    let shown: BTreeSet<&str> =
        shown["settings"].as_array().expect("a list").iter().map(|one| one["key"].as_str().expect("a key")).collect();
    for table in ["lint", "optimize"] {
        for (key, value) in schema["properties"][table]["properties"].as_object().expect("a table") {
            let options = value["properties"].as_object().into_iter().flatten().flat_map(|(rule, table)| {
                let options =
                    table["properties"].as_object().expect("a table").keys().filter(|name| *name != "severity");
                options.map(move |option| format!("lint.rule.{rule}.{option}"))
            });
            let keys: Vec<String> = if key == "rule" { options.collect() } else { vec![format!("{table}.{key}")] };
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
    let rules = &lint["rule"]["properties"];
    assert_eq!(rules["registry-not-allowed"]["properties"]["allowed"]["items"]["type"], "string");
    assert_eq!(rules["registry-not-allowed"]["additionalProperties"], false);
    assert!(rules["no-curl-pipe"].is_object());
    let names = schema["definitions"]["name"]["anyOf"][0]["enum"].as_array().expect("names");
    for name in ["all", "cache", "latest-tag", "DL3007", "no-curl-pipe"] {
        assert!(names.contains(&name.into()), "{name}");
    }
    assert_eq!(lint["profile"]["enum"], serde_json::json!(["default", "strict", "hadolint", "buildkit"]));
}
