//! What goes on in a build at some moment, as lines: what runs with its last words, what moves with a bar, and how far
//! it all is.

use std::collections::BTreeMap;
use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use super::bar::bar;
use super::board::{Board, INDENT};
use super::forecast::{State, forecast};
use super::said::Said;
use crate::digest::Digest;
use crate::event::{Event, StepInfo, StepNumber, Timed};
use crate::report::count::time;
use crate::report::style::{Style, Tone};
use crate::report::wrap::cut;

/// A build that is over before nobody needs to be told how far it is.
const WORTH_TELLING_MS: u64 = 500;

/// What goes on.
#[derive(Debug, Default)]
pub(super) struct Scene {
    pub(super) board: Board,
    pub(super) said: Said,
    steps: Vec<StepInfo>,
    states: BTreeMap<StepNumber, State>,
    /// By reference: which blobs are on their way, as (bytes so far, bytes in all).
    pulls: BTreeMap<String, BTreeMap<Digest, (u64, u64)>>,
    /// The same of images that are pushed, by name.
    pushes: BTreeMap<String, BTreeMap<Digest, (u64, u64)>>,
    layers: BTreeMap<StepNumber, (u64, u64)>,
}

/// A line to be drawn.
#[derive(Debug)]
pub(super) struct Line {
    /// With its colours.
    pub(super) shown: String,
    /// How many columns it takes.
    pub(super) width: usize,
}

impl Line {
    fn new(tone: Tone, text: &str, width: usize, style: Style) -> Self {
        let text = cut(&style.ascii(text), width, style);
        Self { width: text.width(), shown: style.paint(tone, text) }
    }
}

impl Scene {
    /// Something happened.
    pub(super) fn take_in(&mut self, timed: &Timed) {
        match &timed.event {
            Event::Planned { steps } => {
                self.board = Board::new(steps);
                self.steps.clone_from(steps);
            }
            Event::ImageMoved { reference, blob, done, total } => {
                self.pulls.entry(reference.clone()).or_default().insert(*blob, (*done, *total));
            }
            Event::ImageSent { name, blob, done, total } => {
                self.pushes.entry(name.clone()).or_default().insert(*blob, (*done, *total));
            }
            Event::StepBegan { step } => _ = self.states.insert(*step, State::Running { since_ms: timed.at_ms }),
            Event::StepOutput { step, line } => self.said.hear(*step, line),
            Event::StepEnded { step, .. } => {
                self.states.insert(*step, State::Over);
                self.said.take(*step);
            }
            Event::LayerMoved { step, done, total } => _ = self.layers.insert(*step, (*done, *total)),
            Event::LayerPacked { step, .. } => _ = self.layers.remove(step),
            Event::Finished { .. } => *self = Self { board: std::mem::take(&mut self.board), ..Self::default() },
            Event::ImageWanted { .. }
            | Event::ImageFound { .. }
            | Event::Noted { .. }
            | Event::ShellOpened { .. }
            | Event::ShellClosed { .. }
            | Event::RootKept { .. }
            | Event::Written { .. }
            | Event::ImageMade { .. } => {}
        }
    }

    /// What goes on at `at_ms`, in no more rows than there are: last words are left out first, then steps.
    pub(super) fn lines(&self, at_ms: u64, width: usize, rows: Option<usize>, style: Style) -> Vec<Line> {
        let mut below: Vec<Line> = self.moving(style).map(|text| Line::new(Tone::Info, &text, width, style)).collect();
        below.extend(self.progress(at_ms, style).map(|text| Line::new(Tone::Faint, &text, width, style)));
        let mut room = rows.unwrap_or(usize::MAX).saturating_sub(below.len());
        let running: Vec<(StepNumber, u64)> = self.running().collect();
        let count = if running.len() <= room { running.len() } else { room.saturating_sub(1) };
        let (shown, hidden) = (&running[..count], running.len() - count);
        let mut lines = Vec::new();
        room = room.saturating_sub(shown.len() + usize::from(hidden > 0));
        for (step, since_ms) in shown {
            let since = self.since(*step, at_ms.saturating_sub(*since_ms));
            let label = cut(&self.board.label(*step, style), width.saturating_sub(since.width()), style);
            lines.push(Line::new(Tone::Info, &format!("{label}{since}"), width, style));
            if let Some(words) = self.said.last(*step).filter(|_| room > 0) {
                room -= 1;
                lines.push(Line::new(Tone::Faint, &format!("{INDENT}{words}"), width, style));
            }
        }
        if hidden > 0 {
            lines.push(Line::new(Tone::Info, &format!("and {hidden} more"), width, style));
        }
        lines.extend(below);
        lines
    }

    fn running(&self) -> impl Iterator<Item = (StepNumber, u64)> {
        self.states.iter().filter_map(|(step, state)| match state {
            State::Running { since_ms } => Some((*step, *since_ms)),
            State::Over => None,
        })
    }

    /// How long a step runs, and how long it did the last time.
    fn since(&self, step: StepNumber, ran_ms: u64) -> String {
        let ran = time(Duration::from_millis(ran_ms));
        match self.steps.get(step.0).map(|step| step.expected).filter(|expected| expected.measured && expected.ms > 0) {
            Some(expected) => format!("   {ran} of {}", time(Duration::from_millis(expected.ms))),
            None => format!("   {ran}"),
        }
    }

    /// What is on its way and not there yet.
    fn moving(&self, style: Style) -> impl Iterator<Item = String> {
        let pulls = self.pulls.iter().map(|(reference, blobs)| (format!("pulling {reference}"), sum(blobs)));
        let pushes = self.pushes.iter().map(|(name, blobs)| (format!("pushing {name}"), sum(blobs)));
        let layers = self.layers.iter().map(|(step, moved)| (format!("packing {}", self.board.name(*step)), *moved));
        let moving = pulls.chain(layers).chain(pushes).filter(|(_, (done, total))| done < total);
        moving.map(move |(what, (done, total))| format!("{what}   {}", bar(done, total, style)))
    }

    /// How far the build is, and how long it will take in all.
    fn progress(&self, at_ms: u64, style: Style) -> Option<String> {
        if at_ms < WORTH_TELLING_MS || self.steps.is_empty() {
            return None;
        }
        let over = self.states.values().filter(|state| **state == State::Over).count();
        let taken = time(Duration::from_millis(at_ms));
        // What takes longer than expected has no end that could be told.
        let in_all = forecast(&self.steps, &self.states, at_ms).filter(|forecast| forecast.end_ms > at_ms);
        let in_all = in_all.map(|forecast| {
            let source = if forecast.measured { "measured" } else { "estimated" };
            format!(" of about {} ({source})", time(Duration::from_millis(forecast.end_ms)))
        });
        let dot = style.pick("·", "|");
        Some(format!("{taken}{} {dot} {over} of {} steps", in_all.unwrap_or_default(), self.steps.len()))
    }
}

fn sum(blobs: &BTreeMap<Digest, (u64, u64)>) -> (u64, u64) {
    blobs.values().fold((0, 0), |sum, blob| (sum.0 + blob.0, sum.1 + blob.1))
}
