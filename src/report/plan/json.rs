//! A plan as JSON, in rplan's envelope.

use std::io;
use std::time::Duration;

use serde::Serialize;

use super::{PlanFormat, PlanView};
use crate::plan::critical::Cost;
use crate::plan::stale::Fate;
use crate::plan::{Step, StepId};
use crate::report::context::ContextEntry;
use crate::report::envelope;
use crate::report::place::Region;
use crate::text::{Encoding, Span};

/// One JSON document.
#[derive(Debug, Clone, Copy)]
pub struct PlanJson;

#[derive(Serialize)]
struct Document<'a> {
    file: &'a str,
    context: Option<ContextEntry<'a>>,
    builder: &'static str,
    /// Whose build the measured times are from, where it was not rplan's.
    times_from: Option<&'a str>,
    platform: &'a str,
    target: String,
    steps: Vec<StepEntry<'a>>,
    critical_path: Critical,
    at_once: usize,
    unused_stages: &'a [String],
    assumed_images: &'a [String],
}

#[derive(Serialize)]
struct StepEntry<'a> {
    name: String,
    stage: String,
    text: &'a str,
    span: Span,
    #[serde(flatten)]
    region: Region,
    definition: String,
    waits_for: Vec<String>,
    /// `cached`, `may_run`, `runs`; null where there is nothing to compare with.
    fate: Option<&'static str>,
    because: Vec<String>,
    needless: bool,
    seconds: Option<f64>,
    seconds_are: Option<&'static str>,
}

#[derive(Serialize)]
struct Critical {
    steps: Vec<String>,
    seconds: f64,
    steps_of_unknown_time: usize,
}

impl PlanFormat for PlanJson {
    fn write(&self, view: &PlanView, out: &mut dyn io::Write) -> io::Result<()> {
        let chain = view.critical_path();
        let document = Document {
            file: view.source.name(),
            context: view.context.entry(),
            builder: view.builder.as_str(),
            times_from: view.times_from.as_deref(),
            platform: &view.planned.platform,
            target: view.planned.stage_label(view.planned.target),
            steps: view.planned.steps.iter().map(|step| StepEntry::of(view, step)).collect(),
            critical_path: Critical {
                steps: names(view, &chain.steps),
                seconds: chain.time.as_secs_f64(),
                steps_of_unknown_time: chain.unknown,
            },
            at_once: view.at_once(),
            unused_stages: &view.unused_stages,
            assumed_images: &view.planned.assumed,
        };
        envelope::write("plan", &document, out)
    }
}

impl<'a> StepEntry<'a> {
    fn of(view: &PlanView, step: &'a Step) -> Self {
        let cost = view.cost(step.id);
        Self {
            name: step.name.to_string(),
            stage: view.planned.stage_label(step.stage),
            text: &step.text,
            span: step.span,
            region: Region::of(view.source, step.span, Encoding::Chars),
            definition: step.definition.to_string(),
            waits_for: names(view, &step.waits_for()),
            fate: view.fate(step.id).map(|fate| match fate {
                Fate::Cached => "cached",
                Fate::MayRun(_) => "may_run",
                Fate::Runs(_) => "runs",
            }),
            because: view.causes(step),
            needless: view.needless.contains(&step.id),
            seconds: cost.time().as_ref().map(Duration::as_secs_f64),
            seconds_are: match cost {
                Cost::Measured(_) => Some("measured"),
                Cost::Estimated(_) => Some("estimated"),
                Cost::Unknown => None,
            },
        }
    }
}

fn names(view: &PlanView, steps: &[StepId]) -> Vec<String> {
    steps.iter().map(|step| view.planned.step(*step).name.to_string()).collect()
}
