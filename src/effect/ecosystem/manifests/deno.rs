//! deno.json, package.json and the lock file. Comments may stand in them, so they are looked through as text.

use super::{Asked, Manifests};

/// What leads to other files of the build context.
const LEADING: &[&str] =
    &["\"workspace\"", "\"workspaces\"", "\"links\"", "\"patch\"", "\"importMap\"", "\"file:", "\"link:", "\"lock\""];

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    if !asked.named.iter().any(|path| path.ends_with(".json") || path.ends_with(".jsonc")) {
        return Err("no manifest that Deno reads is in the build context".to_owned());
    }
    for path in asked.named.iter().filter(|path| path.ends_with(".json") || path.ends_with(".jsonc")) {
        let text = asked.text(path)?;
        if let Some(key) = LEADING.iter().find(|key| text.contains(**key)) {
            return Err(format!("`{path}` leads to other parts of the build context by {key}"));
        }
    }
    Ok(Manifests::of(asked.named.iter().cloned()))
}
