//! The schema of the events names every one that there is.

use std::collections::BTreeSet;

use rplan::digest::Digest;
use rplan::event::{Ending, Event, Expected, ImagePlace, StepInfo, StepNumber, Timed};
use rplan::report::EVENTS_SCHEMA;
use rplan::text::Span;
use serde_json::Value;

use crate::support::schema::Schema;

/// One of each kind.
fn samples() -> Vec<Event> {
    let (step, digest) = (StepNumber(0), Digest::of("x"));
    let text = String::from;
    let info = StepInfo {
        name: text("[1/1]"),
        text: text("FROM x"),
        span: Span::new(0, 6),
        stage: text("0"),
        waits_for: vec![step],
        expected: Expected { ms: 1, measured: true },
    };
    let endings = [
        Ending::Cached,
        Ending::Ran { same_layer: true },
        Ending::Failed { why: text("x"), code: Some(1) },
        Ending::Failed { why: text("x"), code: None },
        Ending::Cancelled,
    ];
    let ended = endings.map(|ending| Event::StepEnded { step, ending, took_ms: 1, size: 2, because: vec![text("x")] });
    let others = [
        Event::ImageWanted { reference: text("x") },
        Event::ImageFound { reference: text("x"), digest, place: ImagePlace::NamedContext },
        Event::ImageMoved { reference: text("x"), blob: digest, done: 1, total: 2 },
        Event::ImageSent { name: text("x"), blob: digest, done: 1, total: 2 },
        Event::Planned { steps: vec![info] },
        Event::Noted { note: text("x") },
        Event::StepBegan { step },
        Event::StepOutput { step, line: text("x") },
        Event::ShellOpened { step, why: text("x") },
        Event::ShellClosed { step },
        Event::RootKept { step, path: text("x") },
        Event::LayerMoved { step, done: 1, total: 2 },
        Event::LayerPacked { step, blob: digest, size: 1, is_new: true },
        Event::ImageMade { digest, size: 1, names: vec![text("x")] },
        Event::Written { output: text("x") },
        Event::Finished { succeeded: true },
    ];
    others.into_iter().chain(ended).collect()
}

#[test]
fn every_event_is_in_the_schema_and_nothing_else() {
    let mut schema = Schema::read(EVENTS_SCHEMA);
    let mut names = BTreeSet::new();
    for event in samples() {
        let value = serde_json::to_value(Timed { at_ms: 3, event }).expect("it is JSON");
        assert_eq!(schema.mistakes(&value, "event"), [""; 0]);
        let mut more = value.clone();
        more["new"] = Value::from(1);
        assert!(!schema.mistakes(&more, "event").is_empty(), "the schema names the keys of {value}");
        names.insert(format!("#/$defs/{}", value["event"].as_str().expect("a name")));
    }
    let known = schema.root["anyOf"].as_array().expect("events").iter();
    let known: BTreeSet<String> = known.map(|event| event["$ref"].as_str().expect("a way").to_owned()).collect();
    assert_eq!(names, known);
    assert_eq!(schema.unused(), [""; 0]);
}
