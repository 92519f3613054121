//! From a resolved Dockerfile to steps: what has to be done, what each step waits for, and under which key its result
//! is kept.
//!
//! Owns steps, edges, keys, the reasons why a key differs, what a change makes stale, what steps usually take, the ready
//! queue and the critical path. Does not know processes, archives, rules or findings.
//! Invariant: a plan is a value. It holds no local path and no time, it can be written and read back, and the same
//! Dockerfile under the same options gives the same plan everywhere.

mod config;
pub mod critical;
pub mod explain;
pub mod files;
pub mod history;
pub mod key;
mod line;
pub mod matching;
pub mod operation;
mod planner;
pub mod queue;
pub mod reason;
pub mod record;
mod run;
mod selection;
pub mod since;
pub mod stale;
pub mod step;
pub mod timing;
mod transfer;
pub mod usual;

use crate::model::{Problem, Resolved, Surroundings};
use crate::text::Span;

pub use operation::{
    Add, Base, BasePlace, Copy, Filesystem, Inline, Mount, Network, Operation, Origin, Run, RunVariable, Source,
    Transfer, VariableKind, Workdir,
};
pub use stale::invalidated;
pub use step::{Input, Line, Planned, PlannedStage, StageBase, Step, StepId, StepName};

/// What to do about base images that are not at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Images {
    /// The plan needs them: what they set is part of what the file means.
    Required,
    /// They may be assumed to set nothing, and to be what their reference says: good enough to look at a plan.
    MayBeAssumed,
}

/// A base image that is not at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededImage {
    /// The reference as written, variables expanded.
    pub reference: String,
    /// The reference in full: the name under which [`Surroundings::images`] wants its facts.
    pub normalized: String,
    /// For which platform.
    pub platform: String,
    /// The line that needs it.
    pub span: Span,
}

/// What planning gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The plan.
    Planned(Planned),
    /// These images have to be at hand first, and the file to be resolved again with what they set.
    Needs(Vec<NeededImage>),
}

/// Plans a resolved Dockerfile, or tells what is wrong with it.
pub fn plan(resolved: &Resolved, surroundings: &Surroundings, images: Images) -> Result<Outcome, Vec<Problem>> {
    planner::Planner::new(resolved, surroundings, images).plan()
}
