//! The JSON report is what its schema says, and the schema says nothing that no report has.
//!
//! The schema is a file for people and their tools. It is read here by the few words of JSON Schema that it uses; a key
//! that it does not know is a mistake here, although within a version keys may be added: then they belong into it.

use std::collections::BTreeSet;

use rplan::report::Json;
use serde_json::Value;

use super::lint::{all_files, written};
use crate::support::cli::Place;

/// The schema, and which of its definitions and keys a report has needed.
struct Schema {
    root: Value,
    used: BTreeSet<String>,
}

impl Schema {
    fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/report/lint/json.schema.json");
        let text = std::fs::read_to_string(path).expect("the schema");
        Self { root: serde_json::from_str(&text).expect("it is JSON"), used: BTreeSet::new() }
    }

    /// Everything that is wrong with the value, each with the way to it.
    fn check(&mut self, value: &Value, schema: &Value, way: &str) -> Vec<String> {
        if let Some(name) = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/$defs/")) {
            self.used.insert(name.to_owned());
            let definition = self.root["$defs"][name].clone();
            assert!(definition.is_object(), "there is no definition {name}");
            return self.check_as(value, &definition, way, name);
        }
        self.check_as(value, schema, way, way)
    }

    fn check_as(&mut self, value: &Value, schema: &Value, way: &str, name: &str) -> Vec<String> {
        if let Some(choices) = schema["anyOf"].as_array() {
            let tried: Vec<Vec<String>> = choices.iter().map(|choice| self.check(value, choice, way)).collect();
            return if tried.iter().any(Vec::is_empty) { Vec::new() } else { tried.concat() };
        }
        let mut wrong = Vec::new();
        let is = |kind: &Value| kind == kind_of(value) || (kind == "integer" && value.is_u64());
        match &schema["type"] {
            Value::Array(kinds) if !kinds.iter().any(is) => wrong.push(format!("{way} is none of {kinds:?}")),
            kind @ Value::String(_) if !is(kind) => wrong.push(format!("{way} is not {kind}")),
            _ => {}
        }
        if schema.get("const").is_some_and(|only| only != value) {
            wrong.push(format!("{way} is not {}", schema["const"]));
        }
        if schema["enum"].as_array().is_some_and(|known| !known.contains(value)) {
            wrong.push(format!("{way} is {value}"));
        }
        if schema["minimum"].as_u64() > value.as_u64() {
            wrong.push(format!("{way} is {value}"));
        }
        for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if value.get(key).is_none() {
                wrong.push(format!("{way}.{key} is missing"));
            }
        }
        for (key, inner) in value.as_object().into_iter().flatten() {
            let (known, way) = (&schema["properties"][key], format!("{way}.{key}"));
            match (known.is_object(), schema["additionalProperties"].is_object()) {
                (true, _) => {
                    self.used.insert(format!("{name}.{key}"));
                    wrong.extend(self.check(inner, known, &way));
                }
                (false, true) => wrong.extend(self.check(inner, &schema["additionalProperties"], &way)),
                (false, false) => wrong.push(format!("{way} is not in the schema")),
            }
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            wrong.extend(self.check(item, &schema["items"], &format!("{way}[{index}]")));
        }
        wrong
    }

    fn mistakes(&mut self, report: &Value) -> Vec<String> {
        let root = self.root.clone();
        self.check(report, &root, "report")
    }

    /// Every definition, and every key of one.
    fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for (name, definition) in self.root["$defs"].as_object().expect("definitions") {
            names.insert(name.clone());
            let keys = definition["properties"].as_object().into_iter().flatten();
            names.extend(keys.map(|(key, _)| format!("{name}.{key}")));
        }
        names
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[test]
fn reports_are_what_the_schema_says_and_have_all_that_it_names() {
    let mut schema = Schema::read();
    let report: Value = serde_json::from_str(&written(&Json, &all_files())).expect("it is JSON");
    assert_eq!(schema.mistakes(&report), [""; 0]);
    let unused: Vec<String> = schema.names().difference(&schema.used).cloned().collect();
    assert_eq!(unused, [""; 0], "no report has these");
    let place = Place::with(&[("Dockerfile", "from debian\nRUN cd /x && sudo é\nMAINTAINER a\n"), ("b", "RUNN")]);
    for more in [&[][..], &["--select", "all", "--severity", "style", "--statistics"], &["gone", "b"]] {
        let run = place.rplan(&[&["lint", "--format", "json", "Dockerfile"], more].concat());
        let report: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
        assert_eq!(schema.mistakes(&report), [""; 0]);
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
        assert!(!Schema::read().mistakes(&wrong).is_empty(), "{way}");
    }
    let mut more = report;
    more["files"][0]["new"] = Value::from(1);
    assert_eq!(Schema::read().mistakes(&more), ["report.files[0].new is not in the schema"]);
}
