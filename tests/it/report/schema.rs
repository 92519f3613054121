//! The JSON report is what its schema says, and the schema says nothing that no report has.

use rplan::report::Json;
use serde_json::Value;

use super::lint::{all_files, written};
use crate::support::cli::Place;
use crate::support::schema::Schema;

fn schema() -> Schema {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/report/lint/json.schema.json");
    Schema::read(&std::fs::read_to_string(path).expect("the schema"))
}

#[test]
fn reports_are_what_the_schema_says_and_have_all_that_it_names() {
    let mut schema = schema();
    let report: Value = serde_json::from_str(&written(&Json, &all_files())).expect("it is JSON");
    assert_eq!(schema.mistakes(&report, "report"), [""; 0]);
    assert_eq!(schema.unused(), [""; 0], "no report has these");
    let place = Place::with(&[("Dockerfile", "from debian\nRUN cd /x && sudo é\nMAINTAINER a\n"), ("b", "RUNN")]);
    for more in [&[][..], &["--select", "all", "--severity", "style", "--statistics"], &["gone", "b"]] {
        let run = place.rplan(&[&["lint", "--format", "json", "Dockerfile"], more].concat());
        let report: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
        assert_eq!(schema.mistakes(&report, "report"), [""; 0]);
    }
}

#[test]
fn the_check_finds_what_is_wrong() {
    let report: Value = serde_json::from_str(&written(&Json, &all_files())).expect("it is JSON");
    for (way, value) in [
        ("/version", Value::from(2)),
        ("/files/0/findings/0/severity", Value::from("grave")),
        ("/files/0/findings/0/start/line", Value::from(0)),
        ("/files/0/findings/0", serde_json::json!({})),
        ("/files/0/context", Value::from("here")),
        ("/summary", serde_json::json!({"files": 1})),
        ("/statistics", serde_json::json!({"a": "b"})),
        ("/rules/0/url", serde_json::json!([])),
    ] {
        let mut wrong = report.clone();
        *wrong.pointer_mut(way).expect("it is there") = value;
        assert!(!schema().mistakes(&wrong, "report").is_empty(), "{way}");
    }
    let mut more = report;
    more["files"][0]["new"] = Value::from(1);
    assert_eq!(schema().mistakes(&more, "report"), ["report.files[0].new is not in the schema"]);
}
