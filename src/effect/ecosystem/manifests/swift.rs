//! Package.swift and its lock file: a program, so nothing is proved of it.

use super::{Asked, Manifests};

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    let manifest = asked.manifest("Package.swift", "Swift")?;
    let text: String = asked.text(&manifest)?.split_whitespace().collect();
    if text.contains(".package(path:") || text.contains("path:\"..") && text.contains(".package(name:") {
        return Err(format!("`{manifest}` names a package of the build context"));
    }
    let mut manifests = Manifests::of(asked.named.iter().cloned());
    manifests.doubts.push(format!("`{manifest}` is a program and reads no further file"));
    Ok(manifests)
}
