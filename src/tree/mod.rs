//! File trees on disk, each confined to a root.
//!
//! Owns walking, resolving, creating, copying and comparing entries; knows nothing of images, layers, steps or
//! Dockerfiles. Invariant: whatever links a tree holds, no operation reads or writes outside the root it was given.
//!
//! Walking works everywhere (linting needs it); whatever changes a tree is for Linux, where builds run.
//!
//! - [`walk`]: the entries below a directory, in a fixed order; [`entry`]: what an entry is
//! - [`follow`]: where links lead inside a root, as a pure rule; [`mode`]: the values of `--chmod`, pure too
//! - `resolve`: opening and creating below a root; `apply`: putting entries there; `select` and `copy`: what COPY names
//!   and how it arrives; `accounts`: the users and groups a root knows
//! - `diff`: what an overlay's upper directory changes; `record`: what a tree is, without its times; `times`: making
//!   those reproducible

pub mod entry;
pub mod error;
pub mod follow;
pub mod gather;
pub mod mode;
pub mod walk;

#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod accounts;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod apply;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod copy;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod diff;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod record;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod resolve;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod select;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod times;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod xattrs;

pub use entry::{Attributes, Device, Entry, Inode, Kind, Time, Xattrs};
pub use error::{Blame, TreeError};
pub use walk::{Verdict, Walk};

#[cfg(all(feature = "exec", target_os = "linux"))]
pub use apply::{Applier, New};
#[cfg(all(feature = "exec", target_os = "linux"))]
pub use resolve::{NewDirectory, Root};
