//! Every integration test of rplan: one binary, one module per area.

// One binary: `pub` here means the areas.
#![allow(unreachable_pub)]
// A test that unwraps fails as it should, and says why it skips.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod bugs;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod build;
mod cli;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod conformance;
mod editors;
mod effect;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod examples;
mod hooks;
mod lint;
mod model;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod oci;
mod plan;
mod readme;
mod report;
mod rewrite;
mod rules;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod sandbox;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod split;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod store;
mod support;
mod syntax;
mod tidy;
mod trap;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod tree;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod verify;
mod workspace;
