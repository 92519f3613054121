//! Cargo's manifests: they cannot be read without the sources of every target.

use super::{Asked, Manifests};

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    asked.manifest("Cargo.toml", "Cargo").map(|path| Manifests::of([path]))
}
