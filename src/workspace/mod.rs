//! Everything around a Dockerfile, read from disk.
//!
//! Owns which files are Dockerfiles, what Compose and Bake files say of them, which directory one is built in, and the build context with its ignore rules and
//! its stat cache, and what git knows of it. Does not know rules, rewrites or steps: it fills [`Surroundings`](crate::model::Surroundings), and
//! others decide. Invariants: nothing here changes a file of the user, nothing outside a context is read through a link
//! in it, and nothing found depends on the order in which a disk lists its files.

mod belongs;
#[cfg(feature = "cli")]
pub mod builds;
pub mod commits;
pub mod context;
#[cfg(feature = "cli")]
pub mod discover;
pub mod edits;
pub mod history;
pub mod progress;
pub mod revision;
mod shellcheck;
pub mod stat_cache;

pub use belongs::{ContextRoot, context_root, repository_root};
pub use context::{Context, ContextError, own_ignore_file};
pub use shellcheck::ShellCheck;
pub use stat_cache::StatCache;
