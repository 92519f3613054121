//! Stages that are split into what builds and what runs: what may not be, and what is left of those that may.

#[cfg(all(feature = "exec", target_os = "linux"))]
mod builds;
mod refusals;
