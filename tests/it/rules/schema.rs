//! The JSON schema of a rule's file says what the reader of such files takes, and nothing else.

use std::collections::BTreeSet;

use rplan::rules::{RULE_SCHEMA, skeleton};
use serde_json::{Value, json};

use super::*;
use crate::support::schema::Schema;

/// A rule that says everything that a rule can say.
const WHOLE: &str = "\
id: whole
since: 0.1.0
edition: opt-in
status: preview
category: style
severity: info
severity-from: {2: warning}
confidence: likely
summary: s
why: w
advice: a
limits: l
fix: {offered: sometimes, safety: unsafe}
changes: [run.command]
aliases: [UndefinedVar, DL3006: ignore]
options:
  - {name: tools, about: a, default: [curl]}
references: ['https://example.com']
match:
  schema: 1
  message: m
  all:
    - any: [{instruction: [RUN]}]
    - not: [{argument: {regex: a}}]
    - all: [{flag: {name: mount, value: {glob: '*'}}}]
  any:
    - command: {name: [a], sub: [b], has: [c], lacks: [d]}
  not:
    - image: {registry: {glob: a}, tag: {regex: b}, digest: true}
    - stage: final
examples:
  - bad: x
    options: {tools: [wget], most: 1, strict: true}
    context: {a: text, b: 12}
    history: [{commits: 2, change: [a]}]
    expect: [{line: 1, words: w}]
    fixed: z
    except: {crlf: why}
  - good: z
";

fn json_of(yaml: &str) -> Value {
    serde_yaml::from_str(yaml).expect("it is YAML")
}

#[test]
fn every_rule_is_what_the_schema_says() {
    let mut schema = Schema::read(RULE_SCHEMA);
    // A rule of rplan's own may be decided by code.
    schema.root["required"].as_array_mut().expect("a list").retain(|key| key != "match");
    for document in documents() {
        let path = root().join(format!("rules/lint/{}.yaml", document.id));
        let rule = json_of(&fs::read_to_string(path).expect("its file"));
        assert_eq!(schema.mistakes(&rule, &document.id), [""; 0]);
    }
    for text in [skeleton("a-rule"), WHOLE.to_owned()] {
        assert!(read_document(&SourceFile::new("rule.yaml", text.as_str())).is_ok(), "{text}");
        assert_eq!(Schema::read(RULE_SCHEMA).mistakes(&json_of(&text), "rule"), [""; 0]);
    }
    assert_eq!(schema.mistakes(&json_of(WHOLE), "rule"), [""; 0]);
    assert_eq!(schema.unused(), [""; 0], "no rule has these");
}

#[test]
fn the_schema_finds_what_the_reader_refuses() {
    for (way, value) in [
        ("/id", json!([])),
        ("/severity", json!("grave")),
        ("/edition", json!("never")),
        ("/match/schema", json!(2)),
        ("/match/all", json!([{"instruction": ["BUY"]}])),
        ("/match/all", json!([{}])),
        ("/match/all", json!([{"stage": "final", "instruction": ["RUN"]}])),
        ("/match/any", json!([{"command": {"sub": ["x"]}}])),
        ("/examples/0/expect", json!([{"line": 1}])),
        ("/examples/0/context", json!({"a": []})),
    ] {
        let mut wrong = json_of(WHOLE);
        *wrong.pointer_mut(way).expect("it is there") = value;
        assert!(!Schema::read(RULE_SCHEMA).mistakes(&wrong, "rule").is_empty(), "the schema takes {wrong}");
        let text = serde_json::to_string(&wrong).expect("it can be written");
        assert!(read_document(&SourceFile::new("rule.yaml", text.as_str())).is_err(), "the reader takes {text}");
    }
}

/// A reader that is given a key that it does not know names all that it does.
#[test]
fn the_schema_and_the_reader_of_rules_know_the_same_keys() {
    let schema = Schema::read(RULE_SCHEMA).root;
    let definition = |name: &str| schema["definitions"][name].clone();
    for (way, known) in [
        ("", schema.clone()),
        ("/fix", definition("fix")),
        ("/options/0", definition("option")),
        ("/match", definition("match")),
        ("/match/all/2/all/0/flag", definition("flag")),
        ("/match/any/0/command", definition("command")),
        ("/match/not/0/image", definition("image")),
        ("/match/any/0", definition("predicate")),
        ("/match/not/0/image/tag", definition("pattern")),
        ("/examples/0", definition("example")),
        ("/examples/0/history/0", definition("commits")),
        ("/examples/0/expect/0", definition("expected")),
    ] {
        let mut rule = json_of(WHOLE);
        let place = rule.pointer_mut(way).expect("it is there");
        // What is one of several has only the key that is not known.
        let is_choice = known["maxProperties"] == 1;
        match is_choice {
            true => *place = json!({"qqqq": 1}),
            false => place["qqqq"] = json!(1),
        }
        let text = serde_json::to_string(&rule).expect("it can be written");
        let told = read_document(&SourceFile::new("rule.yaml", text.as_str())).expect_err("it is unknown").message;
        let listed = told.split(" at line ").next().and_then(|told| told.split("expected ").nth(1)).unwrap_or_default();
        let words = listed.trim_start_matches("one of ").split([',', ' ']).map(|word| word.trim_matches('`'));
        let listed: BTreeSet<&str> = words.filter(|word| !word.is_empty() && *word != "or").collect();
        let keys: BTreeSet<&str> = known["properties"].as_object().expect("keys").keys().map(String::as_str).collect();
        assert_eq!(listed, keys, "{way}: {told}");
    }
}
