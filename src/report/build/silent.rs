//! `quiet`: nothing, but for what a step said that failed.

use std::io;

use super::BuildView;
use super::board::{Board, INDENT};
use super::said::Said;
use crate::event::{Ending, Event, StepNumber, Timed};
use crate::report::style::Style;

/// Shows nothing as long as all goes well.
#[derive(Debug)]
pub struct Silent {
    style: Style,
    board: Board,
    said: Said,
}

impl Silent {
    /// The view of a build that is about to begin.
    pub fn new(style: Style) -> Self {
        Self { style, board: Board::default(), said: Said::default() }
    }

    fn tell(&mut self, step: StepNumber, out: &mut dyn io::Write) -> io::Result<()> {
        let log = self.said.take(step);
        if !log.is_empty() {
            writeln!(out, "{} said:", self.board.label(step, self.style))?;
        }
        log.iter().try_for_each(|line| writeln!(out, "{INDENT}{line}"))
    }
}

impl BuildView for Silent {
    fn show(&mut self, timed: &Timed, out: &mut dyn io::Write) -> io::Result<()> {
        match &timed.event {
            Event::Planned { steps } => self.board = Board::new(steps),
            Event::StepOutput { step, line } => self.said.hear(*step, line),
            Event::ShellOpened { step, .. } | Event::StepEnded { step, ending: Ending::Failed { .. }, .. } => {
                self.tell(*step, out)?;
            }
            Event::StepEnded { step, .. } => drop(self.said.take(*step)),
            _ => {}
        }
        Ok(())
    }
}
