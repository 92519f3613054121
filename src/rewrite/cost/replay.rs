//! What each commit of the history would have cost with one version of a file.

use std::collections::BTreeSet;

use super::edits::edited_steps;
use super::moves::{Moves, chances, moving};
use super::needless::Reads;
use super::window::{Window, mean};
use super::{Costs, Gain, Origin, Outlook};
use crate::model::{History, Operation, Resolved, Surroundings, volatile};
use crate::plan::critical::{self, Cost};
use crate::plan::stale::{Builder, Changes, Fate, Watch};
use crate::plan::{self, Images, Outcome, Planned, StepId, plan};

/// Less than this, in seconds, is no gain that anybody would notice.
const NOTICEABLE: f64 = 0.05;
/// The time of a step that takes less matters to no figure, wherever it comes from.
const MATTERS: f64 = 1.0;

/// The rebuilds of one version of a file: one for each commit of the history, one for an edit, one of everything.
pub(in crate::rewrite) struct Rebuilds {
    pub(super) window: Window,
    /// Seconds of each commit's rebuild.
    pub(super) commits: Vec<f64>,
    /// Seconds of work in each commit's rebuild, one step after the other.
    pub(super) work: Vec<f64>,
    /// How much of that was spent on steps that read nothing which had changed; nothing where nobody asked.
    pub(super) needless: Vec<f64>,
    /// Seconds of a build of everything, and of its steps one after the other; what images bring apart.
    pub(super) cold: (f64, f64),
    /// What moves of the base images make of it.
    pub(super) moves: Moves,
    /// How many commits edited the Dockerfile.
    pub(super) edits: usize,
    edit: f64,
    pub(super) origin: Origin,
}

impl Rebuilds {
    /// Replays the history on a version of the file. None where there is no history, or no plan.
    pub(in crate::rewrite) fn replay(resolved: &Resolved, around: &Surroundings, costs: &Costs) -> Option<Self> {
        Self::replayed(resolved, around, costs, None)
    }

    /// The same, and what of it was needless, which takes longer to find out than all the rest.
    pub(in crate::rewrite) fn replay_with_needless(
        resolved: &Resolved,
        around: &Surroundings,
        costs: &Costs,
    ) -> Option<Self> {
        around.history.as_ref()?;
        Self::replayed(resolved, around, costs, Some(Reads::of(resolved, around)))
    }

    fn replayed(resolved: &Resolved, around: &Surroundings, costs: &Costs, reads: Option<Reads>) -> Option<Self> {
        let context = around.context.as_deref()?;
        let history = around.history.as_ref()?;
        let window = Window::of(history, context)?;
        let Ok(Outcome::Planned(planned)) = plan(resolved, around, Images::MayBeAssumed) else { return None };
        let watch = Watch::new(&planned, around.context.as_deref());
        let replay = Replay {
            costs: planned.steps.iter().map(|step| costs.of(step)).collect(),
            always: Changes::of_steps(always(&planned, resolved)),
            planned: &planned,
            watch,
            builder: costs.builder,
        };
        let mut rebuilds = Self {
            commits: Vec::new(),
            work: Vec::new(),
            needless: Vec::new(),
            cold: replay.cold(),
            moves: replay.moves(history),
            edits: around.edits.len(),
            edit: replay.edit(&window.edited, around),
            origin: replay.origin(),
            window,
        };
        let edited = edited_steps(&around.edits, resolved, &planned, costs.builder);
        for (commit, changes) in rebuilds.window.commits.iter().enumerate() {
            let fates = match edited.get(&commit) {
                Some(steps) => replay.fates(&changes.clone().and(Changes::of_steps(steps.iter().copied()))),
                None => replay.fates(changes),
            };
            rebuilds.commits.push(replay.makespan(&|step| fates[step.0].is_stale()));
            rebuilds.work.push(replay.sum(&|step| fates[step.0].is_stale()));
            if let Some(reads) = &reads {
                let needless = reads.needless(&planned, &fates);
                rebuilds.needless.push(replay.sum(&|step| needless.contains(&step)));
            }
        }
        Some(rebuilds)
    }

    /// What `after` saves of these; none when no commit would have noticed.
    pub(in crate::rewrite) fn gain(&self, after: &Self) -> Option<Gain> {
        let saved = self.commits.iter().zip(&after.commits).map(|(before, after)| before - after);
        let mut saved: Vec<f64> = saved.filter(|seconds| *seconds > NOTICEABLE).collect();
        saved.sort_unstable_by(f64::total_cmp);
        let seconds = *saved.get(saved.len() / 2)?;
        Some(Gain { seconds, commits: saved.len(), of: self.commits.len(), origin: self.origin.max(after.origin) })
    }

    /// Both beside each other.
    pub(in crate::rewrite) fn outlook(&self, after: &Self) -> Outlook {
        Outlook {
            edited: self.window.edited.clone(),
            edit: (self.edit, after.edit),
            per_hundred: (self.expected() * 100.0, after.expected() * 100.0),
            origin: self.origin.max(after.origin),
        }
    }

    /// Seconds that the rebuild after one commit takes, and what moves of base images add to it.
    pub(in crate::rewrite) fn expected(&self) -> f64 {
        mean(self.moved_commits().into_iter(), &self.window.weights)
    }

    /// Seconds of each commit's rebuild, where a base image may have moved since the one before.
    pub(super) fn moved_commits(&self) -> Vec<f64> {
        self.moves.met_by(&self.commits, self.moves.seconds)
    }

    /// The same of the work.
    pub(super) fn moved_work(&self) -> Vec<f64> {
        self.moves.met_by(&self.work, self.moves.work)
    }
}

/// A version of a file made ready for its commits.
struct Replay<'a> {
    planned: &'a Planned,
    watch: Watch<'a>,
    costs: Vec<Cost>,
    /// The steps that run at each commit, whatever it changed.
    always: Changes,
    builder: Builder,
}

impl Replay<'_> {
    fn fates(&self, changes: &Changes) -> Vec<Fate> {
        self.watch.invalidated(&changes.clone().and(self.always.clone()), self.builder)
    }

    /// Seconds until all these steps have run: independent ones at once, where the builder does that.
    fn makespan(&self, runs: &dyn Fn(StepId) -> bool) -> f64 {
        if !self.builder.builds_at_once() {
            return self.sum(runs);
        }
        critical::path(self.planned, &|step| self.costs[step.0], runs).time.as_secs_f64()
    }

    fn sum(&self, runs: &dyn Fn(StepId) -> bool) -> f64 {
        let steps = self.planned.steps.iter().map(|step| step.id).filter(|step| runs(*step));
        steps.filter_map(|step| self.costs[step.0].time()).map(|time| time.as_secs_f64()).sum()
    }

    fn cold(&self) -> (f64, f64) {
        let is_made = |step: StepId| !matches!(self.planned.step(step).operation, plan::Operation::Base(_));
        (self.makespan(&is_made), self.sum(&is_made))
    }

    fn moves(&self, history: &History) -> Moves {
        // Who takes what is there, never meets a moved image.
        let moving = if self.builder.asks_for_tags() { moving(self.planned) } else { Vec::new() };
        let all: f64 = moving.iter().map(|(_, rate)| rate).sum();
        let chances = chances(history, all);
        moving.into_iter().fold(Moves { chances, ..Moves::default() }, |moves, (step, rate)| {
            let fates = self.watch.invalidated(&Changes::of_steps([step]), self.builder);
            let runs = |step: StepId| fates[step.0].is_stale();
            Moves {
                seconds: moves.seconds + rate / all * self.makespan(&runs),
                work: moves.work + rate / all * self.sum(&runs),
                ..moves
            }
        })
    }

    fn edit(&self, path: &str, around: &Surroundings) -> f64 {
        let changes = Changes::of_paths([path], around.context.as_deref());
        let fates = self.watch.invalidated(&changes, self.builder);
        self.makespan(&|step| fates[step.0].is_stale())
    }

    fn origin(&self) -> Origin {
        let guessed = |cost: &Cost| matches!(cost, Cost::Estimated(time) if time.as_secs_f64() >= MATTERS);
        // What brings an image never runs again because of a commit.
        let steps = self.planned.steps.iter().zip(&self.costs);
        let mut made = steps.filter(|(step, _)| !matches!(step.operation, plan::Operation::Base(_)));
        if made.any(|(_, cost)| guessed(cost)) { Origin::Estimated } else { Origin::Measured }
    }
}

/// The steps that run in every build: a RUN behind an ARG whose value is another one each time, since every RUN sees it.
pub(super) fn always(planned: &Planned, resolved: &Resolved) -> BTreeSet<StepId> {
    let mut always = BTreeSet::new();
    for stage in &resolved.model.stages {
        let mut is_behind = false;
        for instruction in &stage.instructions {
            match &instruction.operation {
                Operation::Arg(args) => is_behind |= args.iter().any(|arg| volatile::is_volatile_name(&arg.name.value)),
                Operation::Run(_) if is_behind => {
                    let steps = planned.steps.iter().filter(|step| step.instruction == instruction.id);
                    always.extend(steps.map(|step| step.id));
                }
                _ => {}
            }
        }
    }
    always
}
