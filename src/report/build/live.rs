//! `tty`: steps that are over stay; below them, redrawn in place, what is going on right now.
//!
//! What goes on is a [`scene`](super::scene); this file knows how to draw one over another. Nothing is ever hidden or
//! switched that would have to be restored: a view that is cut short leaves the terminal as any program does.

use std::fmt::Write as _;
use std::io;

use super::BuildView;
use super::board::{Ended, INDENT};
use super::scene::Scene;
use crate::event::{Ending, Event, StepNumber, Timed};
use crate::report::style::{Style, Tone};

/// The live view of a terminal.
#[derive(Debug)]
pub struct Live {
    style: Style,
    scene: Scene,
    /// How many lines the terminal has, where that is known.
    rows: Option<usize>,
    /// How wide each line of the last drawing is, to be taken back before the next.
    drawn: Vec<usize>,
    /// Whether the screen is somebody else's for now.
    is_away: bool,
}

impl Live {
    /// The view of a build that is about to begin.
    pub fn new(style: Style) -> Self {
        Self { style, scene: Scene::default(), rows: None, drawn: Vec::new(), is_away: false }
    }

    /// Takes the drawing back, lets `lines` stay, and draws what goes on at `at_ms`.
    fn redraw(&mut self, lines: &[String], at_ms: u64, out: &mut dyn io::Write) -> io::Result<()> {
        let mut text = String::new();
        match self.height_of_drawing() {
            0 => {}
            // Up to its first line, then clear to the end of the screen.
            height => write!(text, "\u{1b}[{height}A\u{1b}[0J").expect("writing to a string cannot fail"),
        }
        let drawing = match self.is_away {
            true => Vec::new(),
            // One column and one row stay free: a full one would make some terminals scroll.
            false => self.scene.lines(at_ms, self.columns() - 1, self.rows.map(|rows| rows - 1), self.style),
        };
        for line in lines.iter().map(String::as_str).chain(drawing.iter().map(|line| line.shown.as_str())) {
            text.push_str(line);
            text.push('\n');
        }
        self.drawn = drawing.iter().map(|line| line.width).collect();
        // In one piece, so that no half of it is ever seen.
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// How many rows the last drawing takes. A terminal that has become narrower since has broken its lines.
    fn height_of_drawing(&self) -> usize {
        self.drawn.iter().map(|width| width.div_ceil(self.columns()).max(1)).sum()
    }

    fn columns(&self) -> usize {
        self.style.width.max(2)
    }

    /// What a step said that has failed.
    fn log(&mut self, step: StepNumber) -> Vec<String> {
        let said = self.scene.said.take(step);
        said.iter().map(|line| format!("{INDENT}{}", self.style.ascii(line))).collect()
    }

    fn end(&mut self, ended: Ended) -> Vec<String> {
        let mut lines = Vec::new();
        if let Ending::Failed { .. } = ended.ending {
            // It scrolled by on one line; whoever must mend it needs all of it.
            lines = self.log(ended.step);
        }
        lines.extend(self.scene.board.ended(ended, self.style));
        lines
    }
}

impl BuildView for Live {
    fn show(&mut self, timed: &Timed, out: &mut dyn io::Write) -> io::Result<()> {
        let mut lines = Vec::new();
        match &timed.event {
            Event::StepEnded { step, ending, took_ms, size, because } => {
                lines = self.end(Ended { step: *step, ending, took_ms: *took_ms, size: *size, because });
            }
            Event::ShellOpened { step, why } => {
                lines = self.log(*step);
                lines.push(self.scene.board.failed(*step, why, self.style));
                self.is_away = true;
            }
            Event::ShellClosed { .. } => self.is_away = false,
            Event::Noted { note } => lines.push(format!("{} {note}", self.style.paint(Tone::Info, "note:"))),
            _ => {}
        }
        self.scene.take_in(timed);
        match &timed.event {
            // The next tick shows it: what comes often must not redraw the screen each time.
            Event::StepOutput { .. }
            | Event::ImageMoved { .. }
            | Event::ImageSent { .. }
            | Event::LayerMoved { .. } => Ok(()),
            _ => self.redraw(&lines, timed.at_ms, out),
        }
    }

    fn tick(&mut self, at_ms: u64, out: &mut dyn io::Write) -> io::Result<()> {
        match self.is_away {
            true => Ok(()),
            false => self.redraw(&[], at_ms, out),
        }
    }

    fn resize(&mut self, columns: usize, rows: usize) {
        self.style.width = columns;
        self.rows = Some(rows.max(2));
    }
}
