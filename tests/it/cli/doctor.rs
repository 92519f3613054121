//! `rplan doctor`: what it finds here, and how it ends.

use crate::support::cli::Place;
use crate::support::system::system_tests_run;

#[test]
fn root_can_build_here() {
    if !system_tests_run("root") {
        return;
    }
    let place = Place::with(&[]);
    let run = place.rplan(&["doctor", "--format", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let json: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!((&json["command"], &json["can_build"]), (&"doctor".into(), &true.into()));
    let checks = json["checks"].as_array().expect("a list");
    for name in ["kernel", "user", "store", "overlay", "step"] {
        let check = checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("{name}: {checks:?}"));
        assert_eq!(check["verdict"], "works", "{check}");
    }
    // What is not fine says how to mend it.
    assert!(checks.iter().all(|check| check["verdict"] == "works" || check["mend"].is_string()), "{checks:?}");
}

#[test]
fn a_store_that_cannot_be_made_is_the_environments_fault() {
    let place = Place::with(&[("file", "")]);
    let data = place.path().join("file");
    let run = place.rplan_with(&["doctor"], &[("XDG_DATA_HOME", data.to_str().expect("a text"))], "");
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stdout.contains("fails  store") && run.stdout.contains("This machine cannot build"), "{run:?}");
}
