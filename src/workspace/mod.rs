//! Everything around a Dockerfile, read from disk.
//!
//! Owns the build context with its ignore rules and its stat cache. Does not know rules, rewrites or steps: it fills
//! what [`model::surroundings`](crate::model::surroundings) describes, and others decide. Invariant: nothing here
//! changes a file of the user, and nothing outside a context is read through a link in it.

pub mod context;
pub mod stat_cache;

pub use context::{Context, ContextError};
pub use stat_cache::StatCache;
