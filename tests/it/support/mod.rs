//! What the areas share: the harness, fakes and generators.

#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod rootfs;
pub mod snapshot;
pub mod system;
