//! In which commits each step is triggered by itself, whatever stands before it: the bit vectors that orders are weighed
//! by.

use super::Costs;
use super::edits::edited_steps;
use super::replay::always;
use super::window::Window;
use crate::model::{InstructionId, Resolved, Surroundings};
use crate::plan::stale::{Cause, Changes, Fate, Watch};
use crate::plan::{Images, Outcome, Planned, plan};

/// What is known of the steps of a file over the commits of its history.
pub(in crate::rewrite) struct Triggers {
    planned: Planned,
    /// For each step the commits that trigger it.
    by_step: Vec<Vec<bool>>,
    seconds: Vec<f64>,
    /// How much each commit counts; all together 1.
    pub(in crate::rewrite) weights: Vec<f64>,
}

impl Triggers {
    /// None where there is no history, or no plan.
    pub(in crate::rewrite) fn of(resolved: &Resolved, around: &Surroundings, costs: &Costs) -> Option<Self> {
        let context = around.context.as_deref()?;
        let window = Window::of(around.history.as_ref()?, context)?;
        let Ok(Outcome::Planned(planned)) = plan(resolved, around, Images::MayBeAssumed) else { return None };
        let watch = Watch::new(&planned, Some(context));
        let always = Changes::of_steps(always(&planned, resolved));
        let mut by_step = vec![Vec::with_capacity(window.commits.len()); planned.steps.len()];
        let edited = edited_steps(&around.edits, resolved, &planned, costs.builder);
        for (commit, changes) in window.commits.iter().enumerate() {
            let steps = edited.get(&commit).into_iter().flatten().copied();
            let changes = changes.clone().and(Changes::of_steps(steps));
            let fates = watch.invalidated(&changes.and(always.clone()), costs.builder);
            by_step.iter_mut().zip(&fates).for_each(|(commits, fate)| commits.push(is_triggered(fate)));
        }
        let seconds = planned.steps.iter().map(|step| costs.of(step).time().unwrap_or_default().as_secs_f64());
        let total: f64 = window.weights.iter().sum();
        Some(Self {
            by_step,
            seconds: seconds.collect(),
            weights: window.weights.iter().map(|weight| weight / total).collect(),
            planned,
        })
    }

    /// The seconds of what an instruction does and the commits that trigger it; no time and none where it does nothing.
    pub(in crate::rewrite) fn of_instruction(&self, instruction: InstructionId) -> (f64, Vec<bool>) {
        let steps = self.planned.steps.iter().filter(|step| step.instruction == instruction && step.below.is_some());
        let none = (0.0, vec![false; self.weights.len()]);
        steps.fold(none, |(seconds, mut commits), step| {
            commits.iter_mut().zip(&self.by_step[step.id.0]).for_each(|(commit, own)| *commit |= own);
            (seconds + self.seconds[step.id.0], commits)
        })
    }
}

/// Whether something else than what is below a step makes it run again.
fn is_triggered(fate: &Fate) -> bool {
    fate.causes().iter().any(|cause| !matches!(cause, Cause::Follows(_) | Cause::Repeated))
}
