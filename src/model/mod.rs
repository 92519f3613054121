//! What a Dockerfile means: typed instructions, variable scopes, the stage graph, shell bodies, ignore rules, surroundings.
//!
//! Two steps: [`analyze()`] types the tree and links the stages (symbolic, no values); [`resolve()`] gives every word a
//! [`Value`] under given build arguments and platform.
//! Does not know rules, rewrites or the disk.
//! Invariant: a value is Known or Unknown with a reason, never guessed.

mod analyze;
mod contexts;
mod diff;
pub mod expand;
mod graph;
pub mod ignore;
pub mod image_ref;
mod instruction;
mod link;
pub mod path;
mod ports;
mod remote;
mod resolve;
mod resolved;
mod scope;
pub mod secret;
pub mod shell;
mod surroundings;
mod value;
pub mod volatile;

pub use analyze::analyze;
pub use diff::{Change, ChangeKind, Field, diff};
pub use graph::{SourceRef, StageEdge, StageGraph, StageUse};
pub use instruction::{
    Add, Arg, Command, Copy, CopySource, Device, Env, EnvPair, Expose, From, Healthcheck, Instruction, InstructionId,
    Label, Mount, MountKind, Onbuild, Operation, Run, Security, Shell, Stage, StageId, Stopsignal, Transfer, User,
    Volume, Word, WordId, Workdir,
};
pub use remote::Remote;
pub use resolve::{MountOptions, Standing, VariableUse, byte_size, resolve};
pub use resolved::{Base, Model, Origin, Problem, ResolveOptions, Resolved, Variable};
pub use scope::Scopes;
pub use surroundings::{
    BuildContext, ContextEntry, DockerfileEdit, EntryKind, HealthcheckConfig, History, ImageFacts, RuntimeConfig,
    RuntimeNeeds, ShellChecker, Surroundings,
};
pub use value::{Unknown, Value};
