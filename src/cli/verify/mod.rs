//! `rplan optimize --verify`, where this rplan can build.

#[cfg(all(feature = "exec", target_os = "linux"))]
mod able;
#[cfg(not(all(feature = "exec", target_os = "linux")))]
mod unable;

#[cfg(all(feature = "exec", target_os = "linux"))]
pub(super) use able::{begin, verify};
#[cfg(not(all(feature = "exec", target_os = "linux")))]
pub(super) use unable::{begin, verify};

use crate::model::{Resolved, Surroundings};
use crate::rewrite::{Costs, Proposal, Proposals};

/// What is proposed for a file, of that alone which is accepted.
pub(super) type Propose<'a> = &'a dyn Fn(&Resolved, &Surroundings, &Costs, &dyn Fn(&Proposal) -> bool) -> Proposals;
