//! The system's package managers: they may rewrite accounts, certificates and the linker cache along the way.

use std::collections::BTreeSet;

use super::{Action, CommandEffect, PackageManager};
use crate::effect::{Cell, EffectSet, PathSet};

pub(super) fn model(manager: PackageManager, arguments: &[&str]) -> Result<CommandEffect, String> {
    let name = arguments.iter().find(|argument| !argument.starts_with('-'));
    let action = match name {
        Some(&("install" | "add" | "in" | "reinstall" | "upgrade" | "dist-upgrade" | "full-upgrade")) => {
            Action::Install
        }
        Some(&"update") if matches!(manager, PackageManager::Apt | PackageManager::Apk) => Action::Update,
        Some(&("refresh" | "makecache")) => Action::Update,
        Some(&("clean" | "autoclean" | "autoremove" | "remove" | "purge" | "del")) => Action::Clean,
        Some(other) => return Err(format!("`{other}` of the package manager is not modelled")),
        None => return Err("the package manager is called without a command".to_owned()),
    };
    let everywhere = ["/bin", "/etc", "/lib", "/lib64", "/opt", "/sbin", "/usr", "/var", "/tmp", "/root", "/run"];
    let paths = everywhere.iter().fold(PathSet::empty(), |set, path| set.union(PathSet::below(path)));
    let effect = EffectSet {
        reads: paths.clone(),
        writes: paths,
        cells_read: BTreeSet::from([Cell::AnyVariable, Cell::User, Cell::Shell, Cell::PackageDatabase, Cell::Accounts]),
        cells_written: BTreeSet::from([Cell::PackageDatabase, Cell::Accounts, Cell::TrustBundle]),
        network: matches!(action, Action::Install | Action::Update),
        ..EffectSet::default()
    };
    Ok(CommandEffect::of(manager, action, effect))
}
