//! The names of the rewrites, for settings and the command line.

use crate::diagnostic::RuleId;

/// Keep what installers fetch in cache mounts.
pub const ADD_CACHE_MOUNTS: RuleId = RuleId::builtin("add-cache-mounts");

/// Let COPY set the owner that a later chown sets.
pub const CHOWN_IN_COPY: RuleId = RuleId::builtin("chown-in-copy");

/// Take out a stage that nothing needs.
pub const DROP_STAGE: RuleId = RuleId::builtin("drop-stage");

/// Leave out of the build context what no build wants.
pub const EXTEND_IGNORE_FILE: RuleId = RuleId::builtin("extend-ignore-file");

/// Do what needs nothing of the build context before anything is copied.
pub const HOIST_INDEPENDENT: RuleId = RuleId::builtin("hoist-independent");

/// Copy the dependency manifests first, install, then copy the sources.
pub const HOIST_MANIFESTS: RuleId = RuleId::builtin("hoist-manifests");

/// Install packages of the system before anything is copied.
pub const HOIST_OS_INSTALL: RuleId = RuleId::builtin("hoist-os-install");

/// Leave the history of the repository out of the build context.
pub const IGNORE_GIT: RuleId = RuleId::builtin("ignore-git");

/// Remove in the layer that made it.
pub const JOIN_RUNS: RuleId = RuleId::builtin("join-runs");

/// Keep what Cargo has compiled in a cache mount.
pub const MOUNT_CARGO_TARGET: RuleId = RuleId::builtin("mount-cargo-target");

/// Hand a secret to the RUN that needs it as a mount instead of a build argument.
pub const MOUNT_SECRET: RuleId = RuleId::builtin("mount-secret");

/// Let a RUN use an ssh key by a mount instead of copying it.
pub const MOUNT_SSH: RuleId = RuleId::builtin("mount-ssh");

/// Put early what is expensive and seldom triggered, late what is cheap and triggered often.
pub const REORDER_STEPS: RuleId = RuleId::builtin("reorder-steps");

/// Declare a build argument that differs on each build below the steps that do not need it.
pub const SINK_VOLATILE_ARG: RuleId = RuleId::builtin("sink-volatile-arg");

/// Copy what rarely changes before what often does.
pub const SPLIT_COPY: RuleId = RuleId::builtin("split-copy");

/// Split a RUN whose parts have different reasons to run again.
pub const SPLIT_RUN: RuleId = RuleId::builtin("split-run");

/// Build in one stage and ship only what runs.
pub const SPLIT_STAGE: RuleId = RuleId::builtin("split-stage");

/// Every rewrite, sorted.
pub const ALL: &[RuleId] = &[
    ADD_CACHE_MOUNTS,
    CHOWN_IN_COPY,
    DROP_STAGE,
    EXTEND_IGNORE_FILE,
    HOIST_INDEPENDENT,
    HOIST_MANIFESTS,
    HOIST_OS_INSTALL,
    IGNORE_GIT,
    JOIN_RUNS,
    MOUNT_CARGO_TARGET,
    MOUNT_SECRET,
    MOUNT_SSH,
    REORDER_STEPS,
    SINK_VOLATILE_ARG,
    SPLIT_COPY,
    SPLIT_RUN,
    SPLIT_STAGE,
];
