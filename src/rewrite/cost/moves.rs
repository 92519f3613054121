//! How often a rebuild meets base images that have moved since the one before, and what that costs: events that no commit
//! tells of.

use crate::model::History;
use crate::plan::usual::moves_a_year;
use crate::plan::{Operation, Planned, StepId};

/// The seconds of a year.
const YEAR: f64 = 365.25 * 24.0 * 3600.0;

/// What moves of base images make of the rebuilds of a history.
#[derive(Default)]
pub(super) struct Moves {
    /// For each commit how probable it is that its rebuild meets a moved image.
    pub(super) chances: Vec<f64>,
    /// Seconds that such a rebuild takes.
    pub(super) seconds: f64,
    /// Seconds of work in it.
    pub(super) work: f64,
}

impl Moves {
    /// What each commit costs then, where it costs `commits` by itself: what a moved image makes run includes most of
    /// what the commit does, so that the larger of both is taken.
    pub(super) fn met_by(&self, commits: &[f64], moved: f64) -> Vec<f64> {
        let chance = |commit: usize| self.chances.get(commit).copied().unwrap_or_default();
        let both = |(commit, own): (usize, &f64)| own + chance(commit) * (moved - own).max(0.0);
        commits.iter().enumerate().map(both).collect()
    }
}

/// The base images of a plan that move, each with how often it does so in a year.
pub(super) fn moving(planned: &Planned) -> Vec<(StepId, f64)> {
    let rate = |step: &crate::plan::Step| match &step.operation {
        // A digest never moves.
        Operation::Base(base) if !base.reference.contains('@') => Some((step.id, moves_a_year(&base.normalized)?)),
        _ => None,
    };
    planned.steps.iter().filter_map(rate).collect()
}

/// For each commit how probable it is that something which moves so often in a year has moved since the one before;
/// nothing where nobody knows when they were made.
pub(super) fn chances(history: &History, moves_a_year: f64) -> Vec<f64> {
    let gap = |pair: &[i64]| pair[0].saturating_sub(pair[1]).max(0) as f64;
    let gaps = history.times.windows(2).map(gap).chain((!history.times.is_empty()).then_some(0.0));
    gaps.map(|gap| 1.0 - (-moves_a_year * gap / YEAR).exp()).collect()
}
