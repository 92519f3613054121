//! `plain`: one line a step when it is over, and what a step says as it says it. Nothing is ever taken back.
//!
//! What a step said that failed is shown once more in one piece, if others spoke in between.

use std::collections::BTreeSet;
use std::io;

use super::BuildView;
use super::board::{Board, Ended, INDENT};
use super::said::Said;
use super::spoken::printable;
use crate::event::{Ending, Event, StepNumber, Timed};
use crate::report::style::{Style, Tone};

/// A log for files, pipes and CI.
#[derive(Debug)]
pub struct Plain {
    style: Style,
    board: Board,
    /// The steps that have said something.
    heard: BTreeSet<StepNumber>,
    /// Those of them whose words do not stand together.
    interrupted: BTreeSet<StepNumber>,
    said: Said,
}

impl Plain {
    /// A log of a build that is about to begin.
    pub fn new(style: Style) -> Self {
        let (heard, interrupted) = (BTreeSet::new(), BTreeSet::new());
        Self { style, board: Board::default(), heard, interrupted, said: Said::default() }
    }

    /// What a step said that has failed, if it does not stand together just above.
    fn log(&mut self, step: StepNumber, out: &mut dyn io::Write) -> io::Result<()> {
        let log = self.said.take(step);
        if self.interrupted.contains(&step) && !log.is_empty() {
            writeln!(out, "{} said in all:", self.board.label(step, self.style))?;
            log.iter().try_for_each(|line| writeln!(out, "{INDENT}{line}"))?;
        }
        Ok(())
    }

    /// Somebody else than `step` is shown next.
    fn interrupt(&mut self, step: StepNumber) {
        self.interrupted.extend(self.said.speakers().filter(|speaker| *speaker != step));
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
                self.said.hear(*step, line);
                self.interrupt(*step);
            }
            Event::StepEnded { step, ending, took_ms, size, because } => {
                match ending {
                    Ending::Failed { .. } => self.log(*step, out)?,
                    _ => drop(self.said.take(*step)),
                }
                self.interrupt(*step);
                let ended = Ended { step: *step, ending, took_ms: *took_ms, size: *size, because };
                let lines = self.board.ended(ended, self.style);
                lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
            }
            Event::ShellOpened { step, why } => {
                self.log(*step, out)?;
                writeln!(out, "{}", self.board.failed(*step, why, self.style))?;
            }
            // What else happens is for the live view and the summary.
            Event::ImageWanted { .. }
            | Event::ImageFound { .. }
            | Event::ImageMoved { .. }
            | Event::ImageSent { .. }
            | Event::StepBegan { .. }
            | Event::ShellClosed { .. }
            | Event::RootKept { .. }
            | Event::LayerMoved { .. }
            | Event::LayerPacked { .. }
            | Event::ImageMade { .. }
            | Event::Written { .. }
            | Event::Finished { .. } => {}
        }
        Ok(())
    }
}
