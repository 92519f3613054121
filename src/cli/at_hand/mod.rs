//! What is known of base images without asking anybody: those that rplan's store has, where this rplan can build.

#[cfg(all(feature = "exec", target_os = "linux"))]
mod known;
#[cfg(not(all(feature = "exec", target_os = "linux")))]
mod unknown;

#[cfg(all(feature = "exec", target_os = "linux"))]
pub(super) use known::ImagesAtHand;
#[cfg(not(all(feature = "exec", target_os = "linux")))]
pub(super) use unknown::ImagesAtHand;
