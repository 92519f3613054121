//! Manifests that lead to no further file: those that the command names or looks for.

use super::{Asked, Manifests};

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    if asked.named.is_empty() {
        return Err("no manifest that it reads is in the build context".to_owned());
    }
    Ok(Manifests::of(asked.named.iter().cloned()))
}
