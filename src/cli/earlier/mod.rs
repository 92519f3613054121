//! What is known of the last build of a Dockerfile, where this rplan can build.

#[cfg(all(feature = "exec", target_os = "linux"))]
mod known;
#[cfg(not(all(feature = "exec", target_os = "linux")))]
mod unknown;

#[cfg(all(feature = "exec", target_os = "linux"))]
pub(super) use known::recall;
#[cfg(not(all(feature = "exec", target_os = "linux")))]
pub(super) use unknown::recall;
