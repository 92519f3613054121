//! What an instruction reads and writes, and when steps may change places.
//!
//! Owns path sets, effect sets, the models of commands, the ecosystems of packages, and the exchange and split tests with the reason for a no.
//! Does not know where edits go.
//! Invariant: every set is an over-approximation; what is not modelled is a barrier, never "nothing".

pub mod command;
pub mod ecosystem;
pub mod exchange;
pub mod instruction;
mod links;
pub mod packages;
pub mod paths;
pub mod set;
mod shared;
pub mod split;
pub mod transfer;

pub use command::{Action, CommandEffect, PackageManager};
pub use exchange::{Conflict, exchange};
pub use paths::PathSet;
pub use set::{Cell, EffectSet};
pub use split::{Breach, Split, split};
