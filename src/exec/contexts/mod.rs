//! Where files come from besides the directory that a build is given: named contexts, and contexts that are brought here.
//!
//! What is fetched or read is laid out once and kept in the store as a snapshot, so that it is there when it is asked
//! for again. Knows no steps.

mod bring;
mod named;

use std::collections::BTreeMap;

pub use bring::{BroughtContext, Fetching, fetch_context, read_context};
pub use named::NamedContext;
pub(super) use named::open;

/// The build argument that keeps the `.git` of contexts.
const KEEP_GIT_DIR: &str = "BUILDKIT_CONTEXT_KEEP_GIT_DIR";

/// Whether repositories come with their `.git`, as build arguments say.
pub fn keeps_git_dir(build_args: &BTreeMap<String, String>) -> bool {
    build_args.get(KEEP_GIT_DIR).is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "1" | "t" | "true"))
}
