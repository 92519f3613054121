//! Why the steps of a build ran or not, costliest first.

use std::io;
use std::time::Duration;

use serde::Serialize;

use crate::digest::Digest;
use crate::event::{Ending, StepInfo, StepNumber};
use crate::report::build::board::{Board, Ended, INDENT};
use crate::report::count::time;
use crate::report::envelope;
use crate::report::style::Style;

/// A build that is over, as far as `why` tells of it.
#[derive(Debug, Clone)]
pub struct WhyView {
    /// What was built, in words: the Dockerfile and its context.
    pub subject: String,
    /// When it was over, in seconds since 1970, and as people write it.
    pub at: (i64, String),
    /// How long it took.
    pub took: Duration,
    /// Whether it came to its end.
    pub succeeded: bool,
    /// The image it gave, where that is known.
    pub image: Option<Digest>,
    /// Who built it, where it was not rplan.
    pub builder: Option<&'static str>,
    /// The steps that are asked about, in the order of the plan.
    pub steps: Vec<WhyStep>,
}

/// One step of it.
#[derive(Debug, Clone)]
pub struct WhyStep {
    /// What it is called, what it says, where that is not known any more.
    pub info: StepInfo,
    /// How it ended.
    pub ending: Ending,
    /// How long it took, then or when its result was made.
    pub took: Duration,
    /// Bytes of content in what it changed.
    pub size: u64,
    /// Why it ran.
    pub because: Vec<String>,
}

impl WhyView {
    /// The steps: those that failed, those that ran, those that did not have to; of each the costliest first.
    fn costliest_first(&self) -> Vec<&WhyStep> {
        let rank = |ending: &Ending| match ending {
            Ending::Failed { .. } => 0,
            Ending::Ran { .. } | Ending::Cancelled => 1,
            Ending::Cached => 2,
        };
        let mut steps: Vec<&WhyStep> = self.steps.iter().collect();
        steps.sort_by_key(|step| (rank(&step.ending), std::cmp::Reverse(step.took)));
        steps
    }
}

/// Writes it for people.
pub fn write_why_text(view: &WhyView, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let by = view.builder.map(|builder| format!(" by {builder}")).unwrap_or_default();
    let ended = match view.succeeded {
        true => format!("built {}{by} in {}", view.at.1, time(view.took)),
        false => format!("failed {}{by} after {}", view.at.1, time(view.took)),
    };
    let image = view.image.map(|image| format!(": sha256:{}{}", image.short(), style.pick("…", "...")));
    writeln!(out, "{}, {ended}{}\n", view.subject, image.unwrap_or_default())?;
    let steps = view.costliest_first();
    let infos: Vec<StepInfo> = steps.iter().map(|step| step.info.clone()).collect();
    let board = Board::new(&infos);
    for (number, step) in steps.iter().enumerate() {
        let took_ms = u64::try_from(step.took.as_millis()).unwrap_or(u64::MAX);
        let ended =
            Ended { step: StepNumber(number), ending: &step.ending, took_ms, size: step.size, because: &step.because };
        board.ended(ended, style).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        if step.ending == Ending::Cached && view.steps.len() == 1 {
            writeln!(out, "{INDENT}nothing that it depends on had changed")?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Document<'a> {
    subject: &'a str,
    at: i64,
    seconds: f64,
    succeeded: bool,
    image: Option<String>,
    builder: &'static str,
    steps: Vec<StepEntry<'a>>,
}

#[derive(Serialize)]
struct StepEntry<'a> {
    name: &'a str,
    text: &'a str,
    ending: &'a Ending,
    seconds: f64,
    size: u64,
    because: &'a [String],
}

/// Writes it as JSON, in rplan's envelope.
pub fn write_why_json(view: &WhyView, out: &mut dyn io::Write) -> io::Result<()> {
    let steps = view.costliest_first();
    let document = Document {
        subject: &view.subject,
        at: view.at.0,
        seconds: view.took.as_secs_f64(),
        succeeded: view.succeeded,
        image: view.image.map(|image| image.to_string()),
        builder: view.builder.unwrap_or("rplan"),
        steps: steps.iter().map(|step| StepEntry::of(step)).collect(),
    };
    envelope::write("why", &document, out)
}

impl<'a> StepEntry<'a> {
    fn of(step: &'a WhyStep) -> Self {
        Self {
            name: &step.info.name,
            text: &step.info.text,
            ending: &step.ending,
            seconds: step.took.as_secs_f64(),
            size: step.size,
            because: &step.because,
        }
    }
}
