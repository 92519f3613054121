//! `go mod download` and `go build`: the first reads the module files, the second the sources.

use std::collections::BTreeSet;

use super::{Action, CommandEffect, PackageManager, Place, options};
use crate::effect::{Cell, EffectSet, PathSet, paths};

const BUILD_WITH_VALUE: &[&str] = &["-o", "-ldflags", "-gcflags", "-tags", "-mod", "-p", "-asmflags", "-installsuffix"];

const BUILD_FLAGS: &[&str] = &["-v", "-x", "-a", "-trimpath", "-race", "-buildvcs=false", "-buildvcs=true"];

/// The module and build caches of root, with and without the GOPATH of the usual images.
const CACHES: &[&str] = &["/go/pkg", "/root/go/pkg", "/root/.cache/go-build", "/tmp"];

/// The files that name a module's dependencies.
pub(in crate::effect) const MANIFESTS: &[&str] = &["go.mod", "go.sum"];

pub(super) fn model(arguments: &[&str], place: &Place) -> Result<CommandEffect, String> {
    match arguments {
        ["mod", "download"] | ["mod", "download", "-x"] => Ok(download(place)),
        ["build", arguments @ ..] => build(arguments, place),
        [name, ..] => Err(format!("`go {name}` is not modelled")),
        [] => Err("`go` alone is not modelled".to_owned()),
    }
}

/// `go mod download`; a workspace file anywhere above would be read too.
fn download(place: &Place) -> CommandEffect {
    let manifests: Vec<String> = MANIFESTS.iter().map(|file| paths::join(&place.workdir, file)).collect();
    let mut reads = manifests.iter().fold(PathSet::empty(), |set, path| set.union(PathSet::path(path)));
    let mut directory = place.workdir.as_str();
    loop {
        reads = reads.union(PathSet::path(&format!("{directory}/go.work")));
        match directory.rfind('/') {
            Some(end) => directory = &directory[..end],
            None => break,
        }
    }
    let effect = EffectSet { reads, writes: caches(), cells_read: cells_read(), network: true, ..EffectSet::default() };
    CommandEffect { manifests, ..CommandEffect::of(PackageManager::Go, Action::Install, effect) }
}

fn build(arguments: &[&str], place: &Place) -> Result<CommandEffect, String> {
    let parsed = options::parse(arguments, BUILD_WITH_VALUE, BUILD_FLAGS)
        .map_err(|option| format!("the option `{option}` of go build is not modelled"))?;
    let output = parsed.values(&["-o"]).last().map(|value| paths::join(&place.workdir, value));
    let written = output.clone().unwrap_or_else(|| place.workdir.clone());
    let effect = EffectSet {
        reads: PathSet::below(&place.workdir),
        writes: caches().union(PathSet::below(&written)),
        cells_read: cells_read(),
        network: true,
        ..EffectSet::default()
    };
    Ok(CommandEffect { output, ..CommandEffect::of(PackageManager::Go, Action::Build, effect) })
}

fn caches() -> PathSet {
    CACHES.iter().fold(PathSet::empty(), |set, path| set.union(PathSet::below(path)))
}

fn cells_read() -> BTreeSet<Cell> {
    BTreeSet::from([Cell::AnyVariable, Cell::Workdir, Cell::User, Cell::Shell, Cell::TrustBundle])
}
