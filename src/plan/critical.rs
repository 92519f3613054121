//! The critical path: the chain of steps that a build cannot be faster than, however many run at once.
//!
//! Pure; times come in as values. A step whose time nobody knows counts as none, and the path says so.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::plan::{Planned, StepId};

/// How long a step takes, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "known", content = "time", rename_all = "snake_case")]
pub enum Cost {
    /// It was measured.
    Measured(Duration),
    /// It is what such steps usually take.
    Estimated(Duration),
    /// Nobody knows.
    #[default]
    Unknown,
}

impl Cost {
    /// The time; none where nobody knows it.
    pub fn time(self) -> Option<Duration> {
        match self {
            Cost::Measured(time) | Cost::Estimated(time) => Some(time),
            Cost::Unknown => None,
        }
    }

    /// How both together are known: as badly as the worse.
    pub fn and(self, other: Cost) -> Cost {
        match (self, other) {
            (Cost::Measured(one), Cost::Measured(two)) => Cost::Measured(one + two),
            (Cost::Unknown, _) | (_, Cost::Unknown) => Cost::Unknown,
            (Cost::Measured(one) | Cost::Estimated(one), Cost::Measured(two) | Cost::Estimated(two)) => {
                Cost::Estimated(one + two)
            }
        }
    }
}

/// The longest chain of steps that wait for each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriticalPath {
    /// The steps, first to last.
    pub steps: Vec<StepId>,
    /// Their time together, as far as it is known.
    pub time: Duration,
    /// Whether every time on it is measured, or how many of its steps have none.
    pub unknown: usize,
}

/// The critical path of those steps of a plan that `runs`; the others take no time and hold nobody up.
///
/// Of equally long paths the one with more steps is taken, and of those the one through the earlier lines: where
/// nothing is known of times, that is the longest chain.
pub fn path(planned: &Planned, costs: &dyn Fn(StepId) -> Cost, runs: &dyn Fn(StepId) -> bool) -> CriticalPath {
    let steps = &planned.steps;
    // The longest way that ends in each step: its time, its length, and the step before.
    let mut ways: Vec<(Duration, usize, Option<StepId>)> = Vec::with_capacity(steps.len());
    for step in steps {
        let best = step
            .waits_for()
            .into_iter()
            .max_by_key(|input| (ways[input.0].0, ways[input.0].1, std::cmp::Reverse(*input)));
        let (time, length) = best.map_or_else(Default::default, |input| (ways[input.0].0, ways[input.0].1));
        ways.push(match runs(step.id) {
            true => (time + costs(step.id).time().unwrap_or_default(), length + 1, best),
            false => (time, length, best),
        });
    }
    let last =
        (0..steps.len()).map(StepId).max_by_key(|step| (ways[step.0].0, ways[step.0].1, std::cmp::Reverse(*step)));
    let mut path: Vec<StepId> = std::iter::successors(last, |step| ways[step.0].2).filter(|step| runs(*step)).collect();
    path.reverse();
    CriticalPath {
        time: last.map_or_else(Default::default, |step| ways[step.0].0),
        unknown: path.iter().filter(|step| costs(**step) == Cost::Unknown).count(),
        steps: path,
    }
}

/// For each step its own cost and the costliest chain of those that wait for it.
pub(super) fn tails(waiters: &[Vec<StepId>], costs: &[Duration]) -> Vec<Duration> {
    let mut tails = costs.to_vec();
    for step in (0..waiters.len()).rev() {
        let longest = waiters[step].iter().map(|waiter| tails[waiter.0]).max().unwrap_or_default();
        tails[step] += longest;
    }
    tails
}
