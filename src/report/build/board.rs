//! What there is to know of a build at some moment, and how one of its steps reads on one line.

use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use crate::event::{Ending, StepInfo, StepNumber};
use crate::report::count::{size, time};
use crate::report::style::{Style, Tone};
use crate::report::wrap::cut;

/// A label longer than this is cut, so that what follows stays in sight.
const LABEL_WIDTH: usize = 60;
/// Cached steps that took less than this are not worth a remark.
const WORTH_TELLING: Duration = Duration::from_secs(1);
/// A reason no wider than this stands on the line of its step.
const SHORT_REASON: usize = 24;
/// What stands before the lines below a step.
pub(in crate::report) const INDENT: &str = "      ";

/// The steps of a build.
#[derive(Debug, Clone, Default)]
pub(in crate::report) struct Board {
    steps: Vec<StepInfo>,
    width: usize,
}

/// How a step ended, with its figures.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Ended<'a> {
    pub(in crate::report) step: StepNumber,
    pub(in crate::report) ending: &'a Ending,
    pub(in crate::report) took_ms: u64,
    pub(in crate::report) size: u64,
    pub(in crate::report) because: &'a [String],
}

impl Board {
    /// A board for these steps.
    pub(in crate::report) fn new(steps: &[StepInfo]) -> Self {
        let width = steps.iter().filter(|step| !step.name.is_empty()).map(|step| label(step).width()).max();
        Self { steps: steps.to_vec(), width: width.unwrap_or(0).min(LABEL_WIDTH) }
    }

    /// `[4/5] RUN pip install …`, cut where it is too long.
    pub(in crate::report) fn label(&self, step: StepNumber, style: Style) -> String {
        cut(&label(&self.steps[step.0]), LABEL_WIDTH, style)
    }

    /// `[4/5]`
    pub(in crate::report) fn name(&self, step: StepNumber) -> &str {
        &self.steps[step.0].name
    }

    /// A step that has failed, before anything else is known of it.
    pub(in crate::report) fn failed(&self, step: StepNumber, why: &str, style: Style) -> String {
        format!("{}   {} {}", self.label(step, style), style.paint(Tone::Error, "failed:"), style.plain(why))
    }

    /// A step that is over: its line, and below it why it ran. Nothing for a line of the file that makes no layer.
    pub(in crate::report) fn ended(&self, ended: Ended, style: Style) -> Vec<String> {
        if self.name(ended.step).is_empty() && !matches!(ended.ending, Ending::Failed { .. }) {
            return Vec::new();
        }
        let (status, tone) = match ended.ending {
            Ending::Cached => ("cached", Tone::Faint),
            Ending::Ran { .. } => ("ran", Tone::Good),
            Ending::Failed { .. } => ("failed", Tone::Error),
            Ending::Cancelled => ("halted", Tone::Warning),
        };
        let took = Duration::from_millis(ended.took_ms);
        let (shown_time, shown_size, remark) = match ended.ending {
            Ending::Cached if took >= WORTH_TELLING => (None, Some(ended.size), Some(format!("saves {}", time(took)))),
            Ending::Cached => (None, Some(ended.size), None),
            Ending::Ran { same_layer: true } => (Some(took), Some(ended.size), Some("same layer".to_owned())),
            Ending::Ran { same_layer: false } => (Some(took), Some(ended.size), None),
            Ending::Failed { why, .. } => (Some(took), None, Some(why.clone())),
            Ending::Cancelled => (Some(took), None, None),
        };
        let label = self.label(ended.step, style);
        let padding = " ".repeat(self.width.saturating_sub(label.width()));
        let status = format!("{}{}", style.paint(tone, status), " ".repeat(6_usize.saturating_sub(status.len())));
        let shown_time = shown_time.map(time).unwrap_or_default();
        let shown_size = shown_size.map(size).unwrap_or_default();
        // A short reason needs no line of its own.
        let (inline, below) = match ended.because {
            [only] if remark.is_none() && only.width() <= SHORT_REASON => (Some(only.clone()), &[][..]),
            all => (None, all),
        };
        let remark = remark.or(inline).map(|remark| format!("   {}", style.plain(&remark))).unwrap_or_default();
        let line = format!("{label}{padding}   {status}{shown_time:>8}{shown_size:>11}{remark}");
        let mut lines = vec![line.trim_end().to_owned()];
        for (index, reason) in below.iter().enumerate() {
            let lead = if index == 0 { "because " } else { "        " };
            lines.push(format!("{INDENT}{lead}{}", style.plain(reason)));
        }
        lines
    }
}

fn label(step: &StepInfo) -> String {
    format!("{} {}", step.name, step.text).trim_start().to_owned()
}
