//! How often the base images of a file move under it, and what that costs: events that no commit tells of.

use crate::model::History;
use crate::plan::usual::moves_a_year;
use crate::plan::{Operation, Planned, StepId};

/// The seconds of a year.
const YEAR: f64 = 365.25 * 24.0 * 3600.0;

/// The base images of a plan that move, each with how often it does for each commit of the history.
pub(super) fn moves(planned: &Planned, history: &History) -> Vec<(StepId, f64)> {
    let years_of_a_commit = history.seconds as f64 / YEAR / history.commits.len().max(1) as f64;
    let moving = planned.steps.iter().filter_map(|step| match &step.operation {
        // A digest never moves.
        Operation::Base(base) if !base.reference.contains('@') => {
            Some((step.id, moves_a_year(&base.normalized)? * years_of_a_commit))
        }
        _ => None,
    });
    moving.filter(|(_, rate)| *rate > 0.0).collect()
}
