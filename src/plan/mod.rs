//! From a resolved Dockerfile to steps: what has to be done, what each step waits for, and under which key its result
//! is kept.
//!
//! Owns steps, edges, keys, the reasons why a key differs, what a change makes stale, the ready queue and the critical
//! path. Does not know processes, archives, rules or findings.
//! Invariant: a plan is a value. It holds no local path and no time, it can be written and read back, and the same
//! Dockerfile under the same options gives the same plan everywhere.

pub mod critical;
pub mod explain;
pub mod history;
pub mod key;
pub mod matching;
pub mod operation;
pub mod queue;
pub mod reason;
pub mod record;
mod selection;
pub mod stale;
pub mod step;

pub use operation::{
    Add, Base, BasePlace, Copy, Filesystem, Inline, Mount, Network, Operation, Origin, Run, RunVariable, Source,
    Transfer, VariableKind, Workdir,
};
pub use step::{Input, Line, Planned, PlannedStage, StageBase, Step, StepId, StepName};
