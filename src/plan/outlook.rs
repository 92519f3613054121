//! What a build would be like: the data behind `rplan plan`.
//!
//! Puts together what others decide (staleness, reasons, costs) and counts. Does not know how it is printed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::StageId;
use crate::plan::critical::{self, Cost, CriticalPath};
use crate::plan::reason::Reason;
use crate::plan::since::Difference;
use crate::plan::stale::{Cause, Fate};
use crate::plan::{Operation, Origin, Planned, Step, StepId, StepName};
use crate::text::Span;

/// How many paths one sentence names.
const MOST_PATHS: usize = 3;

/// What a build would be like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlook {
    /// The stages that the target needs, in the order of the file.
    pub stages: Vec<StageOutlook>,
    /// How many steps there are.
    pub steps: usize,
    /// How many run for certain.
    pub runs: usize,
    /// How many may run.
    pub may_run: usize,
    /// The time of all that runs for certain, one after the other.
    pub work: Cost,
    /// The longest chain of what runs for certain.
    pub critical: CriticalPath,
    /// What can begin together, if nothing else holds it up: each group waits for the one before.
    pub waves: Vec<Vec<StepName>>,
    /// The base images that are not at hand.
    pub assumed: Vec<String>,
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageOutlook {
    /// Which one.
    pub id: StageId,
    /// Its name.
    pub name: Option<String>,
    /// The stages that it needs, in the order of the file.
    pub needs: Vec<StageId>,
    /// Every line in order.
    pub lines: Vec<LineOutlook>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineOutlook {
    /// On one line, as shown.
    pub text: String,
    /// Where it is written.
    pub span: Span,
    /// Whether ONBUILD added it.
    pub is_triggered: bool,
    /// What becomes of its step; none for a line that makes no layer.
    pub step: Option<StepOutlook>,
}

/// What becomes of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepOutlook {
    /// Which.
    pub id: StepId,
    /// What it is called.
    pub name: StepName,
    /// Whether it runs.
    pub fate: Fate,
    /// How long it takes when it runs.
    pub cost: Cost,
    /// Why it runs or may, in sentences.
    pub because: Vec<String>,
}

/// What a build of `planned` would be like, given what becomes of each step, how it differs from an earlier build (none
/// is known where there was none), and what steps cost.
pub fn outlook(planned: &Planned, fates: &[Fate], difference: &Difference, cost: &dyn Fn(StepId) -> Cost) -> Outlook {
    let runs = |step: StepId| fates[step.0].runs();
    let of_step = |step: &Step| StepOutlook {
        id: step.id,
        name: step.name.clone(),
        fate: fates[step.id.0].clone(),
        cost: cost(step.id),
        because: sentences(planned, step, &fates[step.id.0], difference.reasons.get(&step.id)),
    };
    let stages = planned.stages.iter().map(|stage| StageOutlook {
        id: stage.id,
        name: stage.name.clone(),
        needs: planned.needs(stage),
        lines: stage
            .lines
            .iter()
            .map(|line| LineOutlook {
                text: line.text.clone(),
                span: line.span,
                is_triggered: line.is_triggered,
                step: line.step.map(|step| of_step(planned.step(step))),
            })
            .collect(),
    });
    Outlook {
        stages: stages.collect(),
        steps: planned.steps.len(),
        runs: fates.iter().filter(|fate| fate.runs()).count(),
        may_run: fates.iter().filter(|fate| fate.is_stale() && !fate.runs()).count(),
        work: planned
            .steps
            .iter()
            .filter(|step| runs(step.id))
            .fold(Cost::Measured(Duration::ZERO), |sum, step| sum.and(cost(step.id))),
        critical: critical::path(planned, cost, &runs),
        waves: waves(planned, fates),
        assumed: planned.assumed.clone(),
    }
}

/// The stale steps by the length of the longest chain of stale steps that they end.
fn waves(planned: &Planned, fates: &[Fate]) -> Vec<Vec<StepName>> {
    let mut depths: Vec<usize> = Vec::with_capacity(planned.steps.len());
    let mut waves: Vec<Vec<StepName>> = Vec::new();
    for step in &planned.steps {
        let before = step.waits_for().iter().map(|input| depths[input.0]).max().unwrap_or(0);
        let is_stale = fates[step.id.0].is_stale();
        depths.push(before + usize::from(is_stale));
        if is_stale {
            if waves.len() == before {
                waves.push(Vec::new());
            }
            waves[before].push(step.name.clone());
        }
    }
    waves
}

/// Why a step runs or may: how it differs in itself, else what it follows.
fn sentences(planned: &Planned, step: &Step, fate: &Fate, reasons: Option<&Vec<Reason>>) -> Vec<String> {
    let own = reasons.into_iter().flatten().map(Reason::to_string);
    let caused = fate.causes().iter().filter_map(|cause| match cause {
        Cause::Itself => None,
        Cause::Takes(_) if reasons.is_some() => None,
        Cause::Takes(paths) => Some(format!("{} {}", verb(&step.operation), some(paths))),
        Cause::IgnoreRules => Some("the ignore rules changed".to_owned()),
        Cause::Follows(root) => Some(format!("follows {}", planned.step(*root).name)),
        Cause::Output { origin, step } => {
            let from = match origin {
                Origin::Stage { stage, .. } => format!("stage {}", planned.stage_label(*stage)),
                Origin::Image(_) | Origin::Context => "that image".to_owned(),
            };
            Some(format!("if {from} gives something else, after {}", planned.step(*step).name))
        }
    });
    own.chain(caused).collect()
}

fn verb(operation: &Operation) -> &'static str {
    match operation {
        Operation::Run(_) => "reads",
        _ => "copies",
    }
}

/// The first few paths, and how many more.
fn some(paths: &[String]) -> String {
    let named = paths.iter().take(MOST_PATHS).cloned().collect::<Vec<_>>().join(", ");
    match paths.len().saturating_sub(MOST_PATHS) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
