//! What the areas share: the harness, fakes and generators.

pub mod cli;
pub mod memory;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod rootfs;
pub mod snapshot;
pub mod system;
