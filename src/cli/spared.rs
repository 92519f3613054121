//! Steps that run for nothing: what `rplan optimize --write` would keep in the cache.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::cli::earlier::{self, EarlierStep, LastBuild};
use crate::cli::exit::Answer;
use crate::cli::plan::planned;
use crate::cli::subject::Subject;
use crate::event::Ending;
use crate::plan::matching::{Labelled, match_steps};
use crate::plan::reason::Reason;
use crate::plan::stale::{Builder, Changes, Fate, invalidated};
use crate::plan::{Planned, StepId, StepName};
use crate::report::time;
use crate::rewrite::{Class, Costs, propose_where, resolved_after};

/// A step of a build that ran although it reads nothing of what had changed.
pub(super) struct Needless {
    pub(super) step: StepName,
    took: Duration,
    changed: String,
}

impl Needless {
    /// `never reads app.py: rplan optimize saves 30.1 s`
    pub(super) fn sentence(&self) -> String {
        format!("never reads {}: rplan optimize saves {}", self.changed, time(self.took))
    }
}

/// The steps of a build that ran for nothing, costliest first.
pub(super) fn of_build(build: &LastBuild, subject: &Subject) -> Answer<Vec<Needless>> {
    let ran = |step: &&EarlierStep| matches!(step.ending, Ending::Ran { .. });
    let follows = |step: &EarlierStep| step.because.iter().any(|reason| matches!(reason, Reason::Follows { .. }));
    let changed: BTreeSet<&str> =
        build.own_steps().filter(ran).flat_map(|step| step.because.iter().filter_map(path)).collect();
    let (Some(first), true) = (changed.first(), build.own_steps().filter(ran).any(follows)) else {
        return Ok(Vec::new());
    };
    let named = match changed.len() {
        1 => (*first).to_owned(),
        _ => format!("{first} and what else changed"),
    };
    let planned = planned(subject, &subject.resolved)?;
    let context = subject.around.context.as_deref();
    let changes = Changes::of_paths(changed.iter().copied(), context);
    let builder = earlier::builder(Some(build));
    let fates = invalidated(&planned, &changes, context, builder);
    let spared = of_plan(subject, &planned, &fates, &changes, builder)?;
    let names: BTreeSet<&StepName> = spared.iter().map(|step| &planned.step(*step).name).collect();
    let needless = build.own_steps().filter(ran).filter(|step| follows(step) && names.contains(&step.record.name));
    let mut needless: Vec<Needless> = needless
        .map(|step| Needless {
            step: step.record.name.clone(),
            took: Duration::from_millis(step.took_ms.unwrap_or_default()),
            changed: named.clone(),
        })
        .collect();
    needless.sort_by_key(|needless| std::cmp::Reverse(needless.took));
    Ok(needless)
}

/// The file that a reason is about.
fn path(reason: &Reason) -> Option<&str> {
    match reason {
        Reason::FileChanged { path, .. }
        | Reason::FileAdded { path }
        | Reason::FileGone { path }
        | Reason::ModeChanged { path, .. }
        | Reason::OwnerChanged { path, .. }
        | Reason::AttributesChanged { path } => Some(path),
        _ => None,
    }
}

/// The steps that run now and would stay cached in the file that `rplan optimize --write` leaves.
pub(super) fn of_plan(
    subject: &Subject,
    planned_now: &Planned,
    fates: &[Fate],
    changes: &Changes,
    builder: Builder,
) -> Answer<BTreeSet<StepId>> {
    let costs = Costs::default();
    let proposals =
        propose_where(&subject.resolved, &subject.around, &costs, &|proposal| proposal.class == Class::Same);
    if proposals.moves.is_empty() {
        return Ok(BTreeSet::new());
    }
    let better = planned(subject, &resolved_after(&subject.resolved, &subject.around, &proposals.moves))?;
    let better_fates = invalidated(&better, changes, subject.around.context.as_deref(), builder);
    let matched = match_steps(&labelled(&better, &stages(&better)), &labelled(planned_now, &stages(planned_now)));
    let spared = |step: &&StepId| {
        let runs = fates[step.0].runs();
        runs && matched[step.0].is_some_and(|other| {
            better.steps[other].text == planned_now.step(**step).text && better_fates[other] == Fate::Cached
        })
    };
    let steps: Vec<StepId> = planned_now.steps.iter().map(|step| step.id).collect();
    Ok(steps.iter().filter(spared).copied().collect())
}

fn stages(planned: &Planned) -> Vec<String> {
    planned.steps.iter().map(|step| planned.stage_label(step.stage)).collect()
}

fn labelled<'a>(planned: &'a Planned, stages: &'a [String]) -> Vec<Labelled<'a>> {
    planned.steps.iter().zip(stages).map(|(step, stage)| Labelled { stage, text: &step.text }).collect()
}
