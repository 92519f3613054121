//! Small commands that touch files where they are told to, or none at all.

use std::collections::BTreeSet;

use super::{CommandEffect, Place};
use crate::effect::{Cell, EffectSet, PathSet, paths};

pub(super) fn model(name: &str, arguments: &[&str], place: &Place) -> Result<CommandEffect, String> {
    let operands = arguments.iter().filter(|argument| !argument.starts_with('-'));
    let targets: Vec<String> = operands.map(|operand| paths::join(&place.workdir, operand)).collect();
    let below = || targets.iter().fold(PathSet::empty(), |set, path| set.union(PathSet::below(path)));
    let mut effect = EffectSet {
        cells_read: BTreeSet::from([Cell::AnyVariable, Cell::Workdir, Cell::User, Cell::Shell]),
        ..EffectSet::default()
    };
    if has_pattern(arguments) && name != "echo" && name != "printf" {
        return Err(format!("which files a pattern of `{name}` means is only known when the shell runs"));
    }
    match name {
        "echo" | "printf" | "true" | ":" => {}
        // `set -e` and `set -x` only change how the shell goes on.
        "set" if arguments.iter().all(|argument| matches!(*argument, "-e" | "-x" | "-u" | "-ex" | "-eu" | "-eux")) => {}
        "mkdir" | "touch" | "rm" | "rmdir" => effect.writes = below(),
        "cat" | "ls" | "test" => effect.reads = below(),
        other => return Err(format!("`{other}` is not modelled")),
    }
    Ok(CommandEffect::other(effect))
}

fn has_pattern(arguments: &[&str]) -> bool {
    arguments.iter().any(|argument| argument.contains(['*', '?', '[']))
}
