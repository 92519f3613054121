//! Running a plan: preparing it, running independent steps at once, and keeping what they made.
//!
//! Does not know Dockerfile syntax, rules or terminals; it speaks to the outside in typed events and ends with an
//! outcome that is data even when a step failed. Exists on Linux with the feature `exec`.

pub mod backend;
mod drain;
