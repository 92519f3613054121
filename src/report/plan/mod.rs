//! What `rplan plan` shows: the lines of each stage, what becomes of their steps, what runs at once, what takes longest.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

use crate::plan::critical::{Cost, CriticalPath, path};
use crate::plan::reason::Reason;
use crate::plan::stale::{Builder, Cause, Fate};
use crate::plan::{Line, Operation, Origin, Planned, PlannedStage, Step, StepId};
use crate::report::context::ContextNote;
use crate::report::count::listed;
use crate::text::SourceFile;

pub(super) mod graph;
pub(super) mod json;
pub(super) mod names;
pub(super) mod text;
pub(super) mod touched;

/// More paths than this are counted, not named.
const PATHS_NAMED: usize = 3;

/// A form in which a plan can be written.
pub trait PlanFormat {
    /// Writes all of it.
    fn write(&self, view: &PlanView, out: &mut dyn io::Write) -> io::Result<()>;
}

/// A plan, and what is known of its steps.
#[derive(Debug, Clone)]
pub struct PlanView<'a> {
    /// The Dockerfile.
    pub source: &'a SourceFile,
    /// Its build context.
    pub context: ContextNote,
    /// The plan.
    pub planned: &'a Planned,
    /// Whose rules of caching apply.
    pub builder: Builder,
    /// What becomes of each step; none when there is nothing to compare with.
    pub fates: Option<Vec<Fate>>,
    /// Why a step differs from what it was in the last build.
    pub reasons: BTreeMap<StepId, Vec<Reason>>,
    /// The steps that run now and would not after `rplan optimize`.
    pub needless: BTreeSet<StepId>,
    /// What each step costs.
    pub costs: Vec<Cost>,
    /// Whose build the measured ones are from, where it was not rplan's.
    pub times_from: Option<String>,
    /// The stages that nothing asks for, by name or number.
    pub unused_stages: Vec<String>,
}

/// One row of the table: a line of the file with its step, or an image that only COPY or a mount names.
enum Row<'a> {
    Step(&'a Step),
    Plain(&'a Line),
}

impl<'a> PlanView<'a> {
    /// The rows of a stage, in the order of the file.
    fn rows(&self, stage: &'a PlannedStage) -> Vec<Row<'a>> {
        let mut rows = Vec::new();
        for line in &stage.lines {
            let steps = self.planned.steps.iter().filter(|step| step.stage == stage.id);
            // What a line brings besides its own step comes first: an image that it copies from.
            let brought = steps.filter(|step| step.instruction == line.instruction && line.step != Some(step.id));
            rows.extend(brought.filter(|step| matches!(step.operation, Operation::Base(_))).map(Row::Step));
            rows.push(match line.step {
                Some(id) => Row::Step(self.planned.step(id)),
                None => Row::Plain(line),
            });
        }
        rows
    }

    fn fate(&self, step: StepId) -> Option<&Fate> {
        self.fates.as_ref().map(|fates| &fates[step.0])
    }

    /// Whether a step has to be counted on: it runs, or may, or nothing is known of it.
    fn is_live(&self, step: StepId) -> bool {
        self.fate(step).is_none_or(Fate::is_stale)
    }

    /// The steps that run, or may.
    fn live(&self) -> Vec<StepId> {
        self.planned.steps.iter().map(|step| step.id).filter(|step| self.is_live(*step)).collect()
    }

    fn cost(&self, step: StepId) -> Cost {
        self.costs.get(step.0).copied().unwrap_or_default()
    }

    /// The chain of live steps that takes longest.
    fn critical_path(&self) -> CriticalPath {
        path(self.planned, &|step| self.cost(step), &|step| self.is_live(step))
    }

    /// How many live steps may run at the same time.
    fn at_once(&self) -> usize {
        if !self.builder.builds_at_once() {
            return self.live().len().min(1);
        }
        let mut depths: Vec<usize> = Vec::with_capacity(self.planned.steps.len());
        let mut widths = BTreeMap::<usize, usize>::new();
        for step in &self.planned.steps {
            let below = step.waits_for().into_iter().map(|input| depths[input.0]).max().unwrap_or(0);
            let depth = if self.is_live(step.id) { below + 1 } else { below };
            if depth > below {
                *widths.entry(depth).or_default() += 1;
            }
            depths.push(depth);
        }
        widths.into_values().max().unwrap_or(0)
    }

    /// Why a step runs or may, in phrases.
    fn causes(&self, step: &Step) -> Vec<String> {
        let Some(fate) = self.fate(step.id) else { return Vec::new() };
        let condition = if fate.runs() { "" } else { ", if its output differs" };
        let mut phrases = Vec::new();
        for cause in fate.causes() {
            match cause {
                Cause::Itself => {
                    phrases.extend(self.reasons.get(&step.id).into_iter().flatten().map(Reason::to_string));
                }
                Cause::Takes(paths) => phrases.push(format!("{} {}", takes(step), named(paths))),
                Cause::IgnoreRules => phrases.push("the ignore rules may change what it copies".to_owned()),
                Cause::Repeated => {
                    phrases.push(format!("{} {} in every build", self.builder.as_str(), takes(step)));
                }
                Cause::Follows(root) => {
                    phrases.push(format!("follows {}{condition}", self.planned.step(*root).name));
                }
                Cause::Output { origin, step: root } => phrases.push(self.output(*origin, *root)),
            }
        }
        phrases
    }

    fn output(&self, origin: Origin, root: StepId) -> String {
        let root = &self.planned.step(root).name;
        match origin {
            Origin::Stage { stage, .. } => {
                format!("if stage {}'s output differs ({root})", self.planned.stage_label(stage))
            }
            Origin::Image(_) | Origin::Context => format!("if {root} gives other files"),
        }
    }
}

/// The verb for what a step does with files of the context.
fn takes(step: &Step) -> &'static str {
    match step.operation {
        Operation::Copy(_) => "copies",
        Operation::Add(_) => "adds",
        _ => "reads",
    }
}

fn named(paths: &[String]) -> String {
    match paths.len() {
        count if count <= PATHS_NAMED => listed(paths),
        count => format!("{} and {} more", paths[..PATHS_NAMED].join(", "), count - PATHS_NAMED),
    }
}

/// The sum of times, as far as they are known; none where no time is.
fn total(costs: impl Iterator<Item = Cost>) -> Option<Duration> {
    costs.filter_map(Cost::time).reduce(|sum, time| sum + time)
}

/// How the times of steps are known: measured, estimated, or some this way and some that.
fn times_known(costs: impl Iterator<Item = Cost>) -> Option<&'static str> {
    costs.fold(None, |known, cost| match (known, cost) {
        (known, Cost::Unknown) => known,
        (None | Some("measured"), Cost::Measured(_)) => Some("measured"),
        (None | Some("estimated"), Cost::Estimated(_)) => Some("estimated"),
        _ => Some("partly estimated"),
    })
}
