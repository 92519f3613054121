//! What a rebuild costs, and what a proposal saves of it.
//!
//! Owns the replay of past commits and what is concluded from it. Which steps run again is never decided here but by
//! `plan`, which also knows the longest chain of them and what steps usually take.
//!
//! - `window`: the commits that count, and how much each
//! - `triggers`: which steps each of them triggers by itself, whatever the order
//! - `edits`: which of them edited the Dockerfile, and what runs for that reason
//! - `moves`: how often base images move, which no commit tells of
//! - `replay`: what each of them would have cost with one version of the file
//! - `needless`: which of that re-ran although nothing that it reads had changed
//! - `cheapest`: the order of a stage that costs least over all of them
//! - `scores`: what it comes to, and how sure that is

mod cheapest;
mod edits;
mod moves;
mod needless;
mod replay;
mod scores;
mod triggers;
mod window;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::plan::Step;
use crate::plan::critical::Cost;
use crate::plan::stale::Builder;
use crate::plan::usual::usual;

pub(super) use cheapest::{Block, Problem};
pub(super) use replay::Rebuilds;
pub use scores::{FEWEST_COMMITS, Score, Scores};
pub(super) use triggers::Triggers;

/// Where a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// From a build that was seen.
    Measured,
    /// A prior for steps of its kind.
    Estimated,
}

/// What steps cost, and whose cache it is that spares them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Costs {
    /// Seconds of steps that were seen to run, by their text as shown.
    pub measured: BTreeMap<String, f64>,
    /// Whose rules of caching count.
    pub builder: Builder,
}

impl Costs {
    /// What a step costs: measured, or what such steps usually take.
    pub fn of(&self, step: &Step) -> Cost {
        match self.measured.get(&step.text) {
            Some(seconds) => Cost::Measured(Duration::from_secs_f64(seconds.max(0.0))),
            None => usual(step),
        }
    }
}

/// What a proposal saves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gain {
    /// Seconds that the median of these commits saves.
    pub seconds: f64,
    /// In how many commits of the history it saves them.
    pub commits: usize,
    /// How many commits were looked at.
    pub of: usize,
    /// Where the seconds come from.
    pub origin: Origin,
}

/// What rebuilds take before and after all that is proposed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outlook {
    /// The file of the context that most commits change.
    pub edited: String,
    /// Seconds of a rebuild after an edit of that file alone: as it is, and as it would be.
    pub edit: (f64, f64),
    /// Seconds that the rebuilds after a hundred commits take: as they are, and as they would be.
    pub per_hundred: (f64, f64),
    /// Where the seconds come from.
    pub origin: Origin,
}
