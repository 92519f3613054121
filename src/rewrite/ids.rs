//! The names of the rewrites, for settings and the command line.

use crate::diagnostic::RuleId;

/// Copy the dependency manifests first, install, then copy the sources.
pub const HOIST_MANIFESTS: RuleId = RuleId::builtin("hoist-manifests");

/// Build in one stage and ship only what runs.
pub const SPLIT_STAGE: RuleId = RuleId::builtin("split-stage");

/// Every rewrite, sorted.
pub const ALL: &[RuleId] = &[HOIST_MANIFESTS, SPLIT_STAGE];
