//! What a rebuild costs, and what a proposal saves. Which steps run again is never decided here, but by `plan`.

use std::collections::BTreeMap;

use serde::Serialize;

/// Where a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// From a build that was seen.
    Measured,
    /// A prior for steps of its kind.
    Estimated,
}

/// Seconds of the last known run of steps, by their text as shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Costs {
    /// By text.
    pub measured: BTreeMap<String, f64>,
}

/// What a proposal saves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gain {
    /// Seconds that each of these commits saves.
    pub seconds: f64,
    /// In how many commits of the history it saves them.
    pub commits: usize,
    /// How many commits were looked at.
    pub of: usize,
    /// Where the seconds come from.
    pub origin: Origin,
}
