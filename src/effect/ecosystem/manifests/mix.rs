//! mix.exs, mix.lock and the config files that mix loads: programs, so nothing is proved of them.

use super::{Asked, Manifests, parent, within};

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    let manifest = asked.manifest("mix.exs", "Mix")?;
    let text = asked.text(&manifest)?;
    if text.contains("apps_path:") {
        return Err(format!("`{manifest}` is an umbrella, whose apps have manifests of their own"));
    }
    if text.contains("path:") || text.contains("in_umbrella:") {
        return Err(format!("`{manifest}` has dependencies in the build context"));
    }
    let directory = parent(&manifest);
    let mut manifests = Manifests::of(asked.named.iter().cloned());
    let config = within(directory, "config");
    if asked.has_directory(&config) {
        manifests.directories.insert(config);
    }
    manifests.doubts.push(format!("`{manifest}` is a program and reads no further file"));
    Ok(manifests)
}
