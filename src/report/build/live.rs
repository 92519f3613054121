//! `tty`: steps that are over stay; below them, redrawn in place, what is going on right now.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::time::Duration;

use super::BuildView;
use super::board::{Board, Ended, INDENT};
use super::spoken::printable;
use crate::digest::Digest;
use crate::event::{Ending, Event, StepNumber, Timed};
use crate::report::count::{size, time};
use crate::report::style::{Style, Tone};
use crate::report::wrap::cut;

/// How many of the last lines of a failed step are shown.
const TAIL: usize = 20;

/// The live view of a terminal.
#[derive(Debug)]
pub struct Live {
    style: Style,
    board: Board,
    running: BTreeMap<StepNumber, Running>,
    /// By reference: which blobs are on their way, as (bytes so far, bytes in all).
    moving: BTreeMap<String, BTreeMap<Digest, (u64, u64)>>,
    /// The same for images that are pushed, by name.
    sending: BTreeMap<String, BTreeMap<Digest, (u64, u64)>>,
    /// How many lines the last drawing has, to be taken back before the next.
    drawn: usize,
}

#[derive(Debug)]
struct Running {
    since_ms: u64,
    tail: VecDeque<String>,
}

impl Live {
    /// The view of a build that is about to begin.
    pub fn new(style: Style) -> Self {
        let (running, moving, sending) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { style, board: Board::default(), running, moving, sending, drawn: 0 }
    }

    /// Takes the drawing back, lets `lines` stay, and draws what goes on at `at_ms`.
    fn redraw(&mut self, lines: &[String], at_ms: u64, out: &mut dyn io::Write) -> io::Result<()> {
        if self.drawn > 0 {
            // Up to its first line, then clear to the end of the screen.
            write!(out, "\u{1b}[{}A\u{1b}[0J", self.drawn)?;
        }
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        let drawing = self.drawing(at_ms);
        drawing.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        self.drawn = drawing.len();
        out.flush()
    }

    fn drawing(&self, at_ms: u64) -> Vec<String> {
        // One column stays free: a full line would make some terminals scroll.
        let width = self.style.width.saturating_sub(1);
        let mut lines = Vec::new();
        let pulling = self.moving.iter().map(|moving| ("pulling", moving));
        for (what, (name, blobs)) in pulling.chain(self.sending.iter().map(|sending| ("pushing", sending))) {
            let (done, total) = blobs.values().fold((0, 0), |sum, blob| (sum.0 + blob.0, sum.1 + blob.1));
            let line = format!("{what} {name}   {} of {}", size(done), size(total));
            lines.push(self.style.paint(Tone::Info, cut(&line, width, self.style)));
        }
        for (step, running) in &self.running {
            let since = Duration::from_millis(at_ms.saturating_sub(running.since_ms));
            let line = format!("{}   {}", self.board.label(*step, self.style), time(since));
            lines.push(self.style.paint(Tone::Info, cut(&line, width, self.style)));
            if let Some(last) = running.tail.back() {
                lines.push(self.style.paint(Tone::Faint, cut(&format!("{INDENT}{last}"), width, self.style)));
            }
        }
        lines
    }

    fn end(&mut self, ended: Ended) -> Vec<String> {
        let running = self.running.remove(&ended.step);
        let mut lines = Vec::new();
        if let (Some(running), Ending::Failed { .. }) = (running, ended.ending) {
            // It scrolled by on one line; whoever must mend it needs more of it.
            lines.extend(running.tail.iter().map(|line| format!("{INDENT}{line}")));
        }
        lines.extend(self.board.ended(ended, self.style));
        lines
    }
}

impl BuildView for Live {
    fn show(&mut self, timed: &Timed, out: &mut dyn io::Write) -> io::Result<()> {
        let mut lines = Vec::new();
        match &timed.event {
            Event::Planned { steps } => self.board = Board::new(steps),
            Event::ImageMoved { reference, blob, done, total } => {
                self.moving.entry(reference.clone()).or_default().insert(*blob, (*done, *total));
            }
            Event::ImageSent { name, blob, done, total } => {
                self.sending.entry(name.clone()).or_default().insert(*blob, (*done, *total));
            }
            Event::ImageFound { reference, .. } => _ = self.moving.remove(reference),
            Event::Noted { note } => lines.push(format!("{} {note}", self.style.paint(Tone::Info, "note:"))),
            Event::StepBegan { step } => {
                let running = Running { since_ms: timed.at_ms, tail: VecDeque::new() };
                self.running.insert(*step, running);
            }
            Event::StepOutput { step, line } => {
                if let Some(running) = self.running.get_mut(step) {
                    if running.tail.len() == TAIL {
                        running.tail.pop_front();
                    }
                    running.tail.push_back(printable(line));
                }
                // The next tick shows it: a chatty step must not redraw the screen for each of its lines.
                return Ok(());
            }
            Event::StepEnded { step, ending, took_ms, size, because } => {
                let ended = Ended { step: *step, ending, took_ms: *took_ms, size: *size, because };
                lines = self.end(ended);
            }
            Event::Finished { .. } => {
                self.running.clear();
                self.moving.clear();
                self.sending.clear();
            }
            Event::ImageWanted { .. }
            | Event::ShellOpened { .. }
            | Event::ShellClosed { .. }
            | Event::LayerMoved { .. }
            | Event::LayerPacked { .. }
            | Event::ImageMade { .. }
            | Event::OutputMoved { .. }
            | Event::Written { .. } => {}
        }
        self.redraw(&lines, timed.at_ms, out)
    }

    fn tick(&mut self, at_ms: u64, out: &mut dyn io::Write) -> io::Result<()> {
        self.redraw(&[], at_ms, out)
    }
}
