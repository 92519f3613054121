//! Views of a build, from an event log made by hand.

use std::collections::BTreeSet;

use rplan::digest::Digest;
use rplan::event::{Ending, Event, Expected, StepInfo, StepNumber, Timed};
use rplan::report::{BuildSummary, BuildView, JsonLines, Live, Plain, Silent, Style};

use super::UNICODE;
use crate::support::screen::screen;
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
    assert_eq!(screen(&shown(&mut Live::new(UNICODE), &events), usize::MAX).join("\n"), plain);
}

#[test]
fn the_live_view_shows_what_goes_on() {
    let events = failing_build();
    let after = |count: usize| {
        let live = Style { width: 40, ..UNICODE };
        screen(&shown(&mut Live::new(live), &events[..count]), 40).join("\n")
    };
    let moments = [2, 7, events.len()].map(after).join("==========\n");
    in_area("report", || insta::assert_snapshot!("build_live_failing", moments));
}

/// Three stages at work while an image is on its way, with what is known of how long they take.
fn busy_build() -> Vec<Timed> {
    let step = |name: &str, text: &str, waits_for: &[usize], ms, measured| StepInfo {
        waits_for: waits_for.iter().copied().map(StepNumber).collect(),
        expected: Expected { ms, measured },
        ..StepInfo::called(name.into(), text.into())
    };
    let steps = vec![
        step("[deps 1/2]", "FROM node:24", &[], 2_000, true),
        step("[deps 2/2]", "RUN npm ci --no-audit --no-fund --prefer-offline", &[0], 30_000, true),
        step("[build 1/1]", "RUN cargo build --release", &[], 90_000, true),
        step("[test 1/1]", "RUN cargo test --workspace --all-features --no-fail-fast", &[], 0, false),
        step("[4/4]", "COPY --from=build /out /app", &[1, 2, 3], 400, true),
    ];
    let says = |step, line: &str| Event::StepOutput { step: StepNumber(step), line: line.into() };
    let moved =
        |done| Event::ImageMoved { reference: "node:24".into(), blob: Digest::of("node"), done, total: 400_000_000 };
    let layer = Event::LayerMoved { step: StepNumber(1), done: 30_000_000, total: 120_000_000 };
    timed(vec![
        (3, Event::Planned { steps }),
        (4, ended(0, Ending::Cached, 2_000, 400_000_000, &[])),
        (5, Event::StepBegan { step: StepNumber(1) }),
        (5, Event::StepBegan { step: StepNumber(2) }),
        (6, Event::StepBegan { step: StepNumber(3) }),
        (900, says(1, "added 214 packages in 9s")),
        (1_200, says(2, "   Compiling serde v1.0.228")),
        (5_000, moved(100_000_000)),
        (12_400, layer),
    ])
}

/// The last drawing of a build that still goes on, on a terminal of this size.
fn drawn(events: &[Timed], style: Style, columns: usize, rows: usize) -> String {
    let mut live = Live::new(style);
    live.resize(columns, rows);
    let screen = screen(&shown(&mut live, events), columns);
    assert!(screen.iter().all(|line| line.chars().count() <= columns), "{screen:#?}");
    screen.join("\n")
}

#[test]
fn the_live_view_fits_the_terminal_as_designed() {
    let events = busy_build();
    let wide = drawn(&events, UNICODE, 100, 24);
    let narrow = drawn(&events, UNICODE, 44, 24);
    let low = drawn(&events, Style::PLAIN, 80, 7);
    in_area("report", || insta::assert_snapshot!("build_live_busy", [wide, narrow, low].join("==========\n")));
}

#[test]
fn a_drawing_that_a_narrower_terminal_broke_is_taken_back_whole() {
    let events = busy_build();
    let mut live = Live::new(UNICODE);
    live.resize(100, 24);
    shown(&mut live, &events);
    let mut frame = |columns| {
        live.resize(columns, 24);
        let mut out = Vec::new();
        live.tick(13_000, &mut out).expect("writing into memory does not fail");
        String::from_utf8(out).expect("it is UTF-8")
    };
    let (wide, narrow) = (frame(100), frame(30));
    // What the first of the two takes back is not there.
    let written = wide.split_once("[0J").expect("a drawing is taken back").1.to_owned() + &narrow;
    // As a narrow terminal holds what was drawn on a wide one: broken into rows.
    let lines = screen(&written, 30);
    let begins = lines.iter().filter(|line| line.starts_with("[buil"));
    assert_eq!(begins.count(), 1, "{lines:#?}");
}

#[test]
fn all_that_a_failed_step_said_is_shown_however_much_that_is() {
    let mut events = vec![(0, planned()), (1, Event::StepBegan { step: StepNumber(3) })];
    let line = |number| format!("line {number} {}", "x".repeat(1_000));
    events.extend((0..3_000).map(|number| (2, Event::StepOutput { step: StepNumber(3), line: line(number) })));
    events.push((2, Event::StepBegan { step: StepNumber(4) }));
    events.push((2, Event::StepOutput { step: StepNumber(4), line: "in between".into() }));
    let failed = Ending::Failed { why: "exit code 2".into(), code: Some(2) };
    events.push((3, ended(3, failed, 1, 0, &[])));
    let events = timed(events);
    let views: [(&str, Box<dyn BuildView>); 3] = [
        ("live", Box::new(Live::new(UNICODE))),
        ("plain", Box::new(Plain::new(UNICODE))),
        ("quiet", Box::new(Silent::new(UNICODE))),
    ];
    for (name, mut view) in views {
        let shown = shown(&mut *view, &events);
        // The first of them stands where a drawing was taken back.
        let lines = shown.lines().filter_map(|line| line.rsplit("[0J").next()?.strip_prefix("      "));
        let lines: BTreeSet<&str> = lines.collect();
        assert!((0..3_000).all(|number| lines.contains(line(number).as_str())), "{name}: a line is missing");
    }
}
