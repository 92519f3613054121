//! What the areas share: the harness, fakes and generators.

pub mod snapshot;
pub mod system;
