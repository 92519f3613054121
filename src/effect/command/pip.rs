//! `pip install`: reads requirement and constraint files, writes beside its interpreter.

use std::collections::BTreeSet;

use super::{Action, CommandEffect, PackageManager, Place, options};
use crate::effect::{Cell, EffectSet, PathSet, paths};

const WITH_VALUE: &[&str] = &[
    "-r",
    "--requirement",
    "-c",
    "--constraint",
    "-i",
    "--index-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "-t",
    "--target",
    "--prefix",
    "--root",
    "--src",
    "-e",
    "--editable",
    "--trusted-host",
    "--timeout",
    "--retries",
    "--cert",
    "--proxy",
    "--progress-bar",
    "--no-binary",
    "--only-binary",
    "--cache-dir",
    "--upgrade-strategy",
    "--root-user-action",
    "--use-feature",
    "--log",
    "--report",
];

const FLAGS: &[&str] = &[
    "-U",
    "--upgrade",
    "--no-cache-dir",
    "--user",
    "--pre",
    "-q",
    "-qq",
    "--quiet",
    "-v",
    "--verbose",
    "--no-deps",
    "--no-input",
    "--force-reinstall",
    "-I",
    "--ignore-installed",
    "--no-build-isolation",
    "--break-system-packages",
    "--disable-pip-version-check",
    "--no-compile",
    "--compile",
    "--require-hashes",
    "--prefer-binary",
    "--isolated",
    "--no-warn-script-location",
    "--no-color",
    "--no-index",
    "--use-pep517",
    "--ignore-requires-python",
];

/// Where an interpreter that no PATH entry moves elsewhere keeps its packages, and where pip keeps what it fetched.
const USUAL_WRITES: &[&str] =
    &["/usr/lib", "/usr/local", "/usr/bin", "/usr/share", "/root/.cache", "/root/.local", "/tmp", "/var/tmp"];

pub(super) fn model(arguments: &[&str], place: &Place) -> Result<CommandEffect, String> {
    let Some((&"install", arguments)) = arguments.split_first() else {
        return Err("of pip only `pip install` is modelled".to_owned());
    };
    let parsed = options::parse(arguments, WITH_VALUE, FLAGS)
        .map_err(|option| format!("the option `{option}` of pip install is not modelled"))?;
    if let Some(path) =
        parsed.values(&["-e", "--editable", "-f", "--find-links"]).into_iter().find(|value| is_local(value))
    {
        return Err(format!("pip reads `{path}`, which is a path in the image"));
    }
    if let Some(path) = parsed.operands.iter().find(|operand| is_local(operand)) {
        return Err(format!("pip installs `{path}`, which is a path in the image"));
    }
    let named = parsed.values(&["-r", "--requirement", "-c", "--constraint"]);
    let manifests: Vec<String> = named
        .into_iter()
        .filter(|value| !value.contains("://"))
        .map(|value| paths::join(&place.workdir, value))
        .collect();

    let moved = parsed.values(&["-t", "--target", "--prefix", "--root", "--src", "--log", "--report", "--cache-dir"]);
    let moved = moved.into_iter().map(|value| paths::join(&place.workdir, value));
    let usual = USUAL_WRITES.iter().map(|path| (*path).to_owned()).chain(place.interpreters.iter().cloned());
    let writes = usual.chain(moved).fold(PathSet::empty(), |set, path| set.union(PathSet::below(&path)));
    let reads = manifests.iter().fold(PathSet::empty(), |set, path| set.union(PathSet::path(path)));
    let effect = EffectSet {
        reads,
        writes,
        cells_read: BTreeSet::from([Cell::AnyVariable, Cell::Workdir, Cell::User, Cell::Shell, Cell::TrustBundle]),
        cells_written: BTreeSet::from([Cell::SitePackages]),
        network: true,
        ..EffectSet::default()
    };
    Ok(CommandEffect { manifests, ..CommandEffect::of(PackageManager::Pip, Action::Install, effect) })
}

/// Whether pip would take a requirement or location for a path instead of a name or an address.
pub fn is_local(requirement: &str) -> bool {
    let requirement = requirement.split('[').next().unwrap_or(requirement);
    if let Some((scheme, _)) = requirement.split_once("://") {
        return scheme.ends_with("file");
    }
    requirement.starts_with("file:")
        || requirement == "."
        || requirement.contains('/')
        || [".whl", ".tar.gz", ".zip"].iter().any(|ending| requirement.ends_with(ending))
}
