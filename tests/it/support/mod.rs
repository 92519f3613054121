//! What the areas share: the harness, fakes and generators.

#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod authority;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod builds;
pub mod cli;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod dockerd;
pub mod dockerfiles;
pub mod memory;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod mounted;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod registry;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod repository;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod rootfs;
pub mod schema;
pub mod screen;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod scripted_registry;
pub mod snapshot;
pub mod system;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod terminal;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod user;
