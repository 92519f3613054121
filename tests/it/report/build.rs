//! Views of a build, from an event log made by hand.

use rplan::digest::Digest;
use rplan::event::{Ending, Event, StepInfo, StepNumber, Timed};
use rplan::report::{BuildSummary, BuildView, JsonLines, Live, Plain, Style};

use super::UNICODE;
use crate::support::snapshot::in_area;

const STEPS: [(&str, &str); 6] = [
    ("[1/5]", "FROM python:3.9"),
    ("[2/5]", "WORKDIR /app"),
    ("[3/5]", "COPY requirements.txt ./"),
    ("[4/5]", "RUN pip install -r requirements.txt"),
    ("[5/5]", "COPY . /app"),
    ("", "CMD [\"python\", \"app.py\"]"),
];

fn planned() -> Event {
    let info = |(name, text): (&str, &str)| StepInfo::called(name.into(), text.into());
    Event::Planned { steps: STEPS.into_iter().map(info).collect() }
}

fn ended(step: usize, ending: Ending, took_ms: u64, size: u64, because: &[&str]) -> Event {
    let because = because.iter().map(|reason| reason.to_string()).collect();
    Event::StepEnded { step: StepNumber(step), ending, took_ms, size, because }
}

fn timed(events: Vec<(u64, Event)>) -> Vec<Timed> {
    events.into_iter().map(|(at_ms, event)| Timed { at_ms, event }).collect()
}

/// The second build of the story: one file was edited.
fn second_build() -> Vec<Timed> {
    let edited = "app.py changed: sha256 3f2a91c4… → 8c07de15…, 1,204 → 1,251 bytes";
    let ran = Ending::Ran { same_layer: false };
    timed(vec![
        (1, planned()),
        (2, ended(0, Ending::Cached, 0, 1_000_000_000, &[])),
        (2, ended(1, Ending::Cached, 3, 0, &[])),
        (3, ended(2, Ending::Cached, 12, 6, &[])),
        (3, ended(3, Ending::Cached, 30_100, 12_400_000, &[])),
        (4, Event::StepBegan { step: StepNumber(4) }),
        (304, ended(4, ran, 300, 52_000, &[edited])),
        (304, ended(5, Ending::Cached, 0, 0, &[])),
        (420, Event::LayerPacked { step: StepNumber(4), blob: Digest::of("layer"), size: 18_000, is_new: true }),
        (480, Event::ImageMade { digest: Digest::of("image"), size: 1_000_000_000, names: vec!["myapp".into()] }),
        (500, Event::Finished { succeeded: true }),
    ])
}

/// Two steps at once, one of which fails while the other is called off.
fn failing_build() -> Vec<Timed> {
    let says = |step, line: &str| Event::StepOutput { step: StepNumber(step), line: line.into() };
    let failed = Ending::Failed { why: "exit code 2".into(), code: Some(2) };
    timed(vec![
        (0, Event::ImageWanted { reference: "python:3.9".into() }),
        (
            5,
            Event::ImageMoved {
                reference: "python:3.9".into(),
                blob: Digest::of("base"),
                done: 2_000_000,
                total: 50_000_000,
            },
        ),
        (9, planned()),
        (10, Event::StepBegan { step: StepNumber(3) }),
        (10, Event::StepBegan { step: StepNumber(4) }),
        (12, says(3, "Collecting flask")),
        (20, says(3, "\u{1b}[31mERROR: no matching distribution\u{1b}[0m")),
        (1_500, ended(3, failed, 1_490, 0, &["no earlier run known"])),
        (1_501, ended(4, Ending::Cancelled, 1_491, 0, &["app.py changed", "old.py is gone"])),
        (1_510, Event::Noted { note: "the cache is as it was".into() }),
        (1_510, Event::Finished { succeeded: false }),
    ])
}

fn shown(view: &mut dyn BuildView, events: &[Timed]) -> String {
    let mut out = Vec::new();
    for event in events {
        view.show(event, &mut out).expect("writing into memory does not fail");
        view.tick(event.at_ms + 1, &mut out).expect("writing into memory does not fail");
    }
    String::from_utf8(out).expect("views write UTF-8")
}

fn summary(events: &[Timed], style: Style) -> String {
    let mut summary = BuildSummary::default();
    events.iter().for_each(|event| summary.observe(event));
    summary.lines(style).join("\n")
}

/// What a terminal shows in the end: of everything drawn in place only the last drawing stays.
fn screen(written: &str) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    let mut rest = written;
    while let Some(next) = rest.chars().next() {
        rest = &rest[next.len_utf8()..];
        match next {
            '\n' => lines.push(String::new()),
            '\u{1b}' => {
                let end = rest.find(|c: char| c.is_ascii_alphabetic()).expect("sequences end");
                let (count, kind) = (rest[1..end].parse().unwrap_or(1), &rest[end..=end]);
                rest = &rest[end + 1..];
                match kind {
                    "A" => lines.truncate(lines.len() - count),
                    "J" => *lines.last_mut().expect("there is a line") = String::new(),
                    other => panic!("an unexpected sequence {other}"),
                }
            }
            other => lines.last_mut().expect("there is a line").push(other),
        }
    }
    lines
}

#[test]
fn plain_has_one_line_a_step_as_designed() {
    let events = second_build();
    let log = shown(&mut Plain::new(UNICODE), &events);
    in_area("report", || insta::assert_snapshot!("build_plain", format!("{log}\n{}", summary(&events, UNICODE))));
}

#[test]
fn plain_tells_a_failure() {
    in_area("report", || {
        insta::assert_snapshot!("build_plain_failing", shown(&mut Plain::new(Style::PLAIN), &failing_build()));
    });
}

#[test]
fn json_is_the_event_log() {
    let events = failing_build();
    let lines = shown(&mut JsonLines, &events);
    let back: Vec<Timed> = lines.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
    assert_eq!(back, events);
}

#[test]
fn the_live_view_ends_with_the_same_lines_as_the_plain_log() {
    let events = second_build();
    let plain = shown(&mut Plain::new(UNICODE), &events);
    assert_eq!(screen(&shown(&mut Live::new(UNICODE), &events)).join("\n"), plain);
}

#[test]
fn the_live_view_shows_what_goes_on() {
    let events = failing_build();
    let after = |count: usize| {
        let live = Style { width: 40, ..UNICODE };
        screen(&shown(&mut Live::new(live), &events[..count])).join("\n")
    };
    let moments = [2, 7, events.len()].map(after).join("==========\n");
    in_area("report", || insta::assert_snapshot!("build_live_failing", moments));
}
