//! `plain`: one line a step when it is over, and what a step says as it says it. Nothing is ever taken back.

use std::collections::BTreeSet;
use std::io;

use super::BuildView;
use super::board::{Board, Ended};
use super::spoken::printable;
use crate::event::{Event, StepNumber, Timed};
use crate::report::style::{Style, Tone};

/// A log for files, pipes and CI.
#[derive(Debug)]
pub struct Plain {
    style: Style,
    board: Board,
    /// The steps that have said something.
    heard: BTreeSet<StepNumber>,
}

impl Plain {
    /// A log of a build that is about to begin.
    pub fn new(style: Style) -> Self {
        Self { style, board: Board::default(), heard: BTreeSet::new() }
    }
}

impl BuildView for Plain {
    fn show(&mut self, timed: &Timed, out: &mut dyn io::Write) -> io::Result<()> {
        match &timed.event {
            Event::Planned { steps } => self.board = Board::new(steps),
            Event::Noted { note } => writeln!(out, "{} {note}", self.style.paint(Tone::Info, "note:"))?,
            Event::StepOutput { step, line } => {
                if self.heard.insert(*step) {
                    writeln!(out, "{}", self.board.label(*step, self.style))?;
                }
                let name = self.style.paint(Tone::Faint, format_args!("{} |", self.board.name(*step)));
                writeln!(out, "{name} {}", printable(line))?;
            }
            Event::StepEnded { step, ending, took_ms, size, because } => {
                let ended = Ended { step: *step, ending, took_ms: *took_ms, size: *size, because };
                let lines = self.board.ended(ended, self.style);
                lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
            }
            // What else happens is for the live view and the summary.
            Event::ImageWanted { .. }
            | Event::ImageFound { .. }
            | Event::ImageMoved { .. }
            | Event::ImageSent { .. }
            | Event::StepBegan { .. }
            | Event::ShellOpened { .. }
            | Event::ShellClosed { .. }
            | Event::LayerMoved { .. }
            | Event::LayerPacked { .. }
            | Event::ImageMade { .. }
            | Event::OutputMoved { .. }
            | Event::Written { .. }
            | Event::Finished { .. } => {}
        }
        Ok(())
    }
}
