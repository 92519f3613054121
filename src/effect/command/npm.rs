//! `npm ci` and `npm install`: read the manifest and the lock file, write `node_modules`.

use std::collections::BTreeSet;

use super::{Action, CommandEffect, PackageManager, Place, options};
use crate::effect::{Cell, EffectSet, PathSet, paths};

const WITH_VALUE: &[&str] = &["--omit", "--include", "--only", "--loglevel", "--cache", "--registry"];

const FLAGS: &[&str] = &[
    "--production",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--legacy-peer-deps",
    "--silent",
    "-s",
    "--quiet",
    "-q",
    "--no-optional",
    "--no-progress",
    "--force",
    "-f",
    "--audit",
    "--fund",
    "--progress",
    "--verbose",
    "--strict-peer-deps",
];

/// The files below the working directory that decide what is installed.
pub(in crate::effect) const MANIFESTS: &[&str] =
    &["package.json", "package-lock.json", "npm-shrinkwrap.json", ".npmrc"];

pub(super) fn model(arguments: &[&str], place: &Place) -> Result<CommandEffect, String> {
    let Some((&name, arguments)) = arguments.split_first() else {
        return Err("`npm` alone is not modelled".to_owned());
    };
    let locked = match name {
        "ci" | "clean-install" => true,
        "install" | "i" => false,
        other => return Err(format!("`npm {other}` is not modelled")),
    };
    let parsed = options::parse(arguments, WITH_VALUE, FLAGS)
        .map_err(|option| format!("the option `{option}` of npm {name} is not modelled"))?;
    if let Some(operand) = parsed.operands.first() {
        return Err(format!("`npm {name} {operand}` is not modelled"));
    }
    let manifests: Vec<String> = MANIFESTS.iter().map(|file| paths::join(&place.workdir, file)).collect();
    let mut writes = PathSet::below(&paths::join(&place.workdir, "node_modules"));
    let caches = ["/root/.npm", "/root/.cache", "/tmp"].into_iter().map(str::to_owned);
    let moved = parsed.values(&["--cache"]).into_iter().map(|value| paths::join(&place.workdir, value));
    for cache in caches.chain(moved) {
        writes = writes.union(PathSet::below(&cache));
    }
    if !locked {
        writes = writes.union(PathSet::path(&manifests[0])).union(PathSet::path(&manifests[1]));
    }
    let effect = EffectSet {
        reads: manifests.iter().fold(PathSet::empty(), |set, path| set.union(PathSet::path(path))),
        writes,
        cells_read: BTreeSet::from([Cell::AnyVariable, Cell::Workdir, Cell::User, Cell::Shell, Cell::TrustBundle]),
        network: true,
        ..EffectSet::default()
    };
    Ok(CommandEffect { manifests, ..CommandEffect::of(PackageManager::Npm, Action::Install, effect) })
}
