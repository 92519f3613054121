//! The command line: exit codes, streams, formats, settings, in a scrubbed environment.

use crate::support::cli::Place;
use crate::support::snapshot::in_area;

#[cfg(all(feature = "exec", target_os = "linux"))]
mod at_hand;
mod baseline;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod build;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod build_json;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod build_page;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod cache;
mod catalogue;
mod config;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod contexts;
mod debug;
mod declared;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod doctor;
mod fix;
mod hadolint;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod image;
mod inputs;
mod lint;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod on_error;
mod optimize;
mod plan;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod progress;
mod proposed;
#[cfg(unix)]
mod shellcheck;
mod since;
mod surface;
mod timings;
