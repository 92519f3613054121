//! What pre-commit is told: each hook takes the files that it is given, and stops the commit when it should.

use std::path::Path;

use serde::Deserialize;

use crate::support::cli::Place;

#[derive(Deserialize)]
struct Hook {
    id: String,
    entry: String,
    language: String,
    types: Vec<String>,
}

fn hooks() -> Vec<Hook> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    serde_yaml::from_str(&std::fs::read_to_string(path).expect("the hooks are there")).expect("they are hooks")
}

/// Runs a hook as pre-commit does: its entry, then the files.
fn run(place: &Place, id: &str, file: &str) -> i32 {
    let hooks = hooks();
    let hook = hooks.iter().find(|hook| hook.id == id).expect("there is such a hook");
    let mut words: Vec<&str> = hook.entry.split(' ').collect();
    assert_eq!(words.remove(0), "rplan", "the wheel brings this program");
    words.push(file);
    place.rplan(&words).code
}

#[test]
fn hooks_are_built_from_the_sources_for_dockerfiles() {
    for hook in hooks() {
        assert_eq!((hook.language.as_str(), hook.types.as_slice()), ("python", ["dockerfile".to_owned()].as_slice()));
    }
}

#[test]
fn the_linting_hook_stops_a_commit_and_the_fixing_one_repairs() {
    let place = Place::with(&[
        ("Dockerfile", "FROM debian:12\nENV a b\nRUN curl -k https://x\n"),
        ("good", "FROM debian:12\n"),
    ]);
    assert_eq!(run(&place, "rplan-lint", "Dockerfile"), 1);
    assert_eq!(run(&place, "rplan-lint", "good"), 0);
    assert_eq!(run(&place, "rplan-fix", "Dockerfile"), 0, "pre-commit sees by the change that something was repaired");
    assert!(place.read("Dockerfile").contains("ENV a=b"));
}
