//! The commits that count: the newest most, and each set of paths ready to be asked about.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::{BuildContext, History};
use crate::plan::stale::Changes;

/// After as many newer commits one counts half.
const HALF_LIFE: f64 = 100.0;

/// The commits of a history over a context, newest first.
pub(super) struct Window {
    /// What each changed.
    pub(super) commits: Vec<Changes>,
    /// How much each counts.
    pub(super) weights: Vec<f64>,
    /// The file of the context that most commits changed.
    pub(super) edited: String,
}

impl Window {
    /// None where no commit changed anything that is there.
    pub(super) fn of(history: &History, context: &dyn BuildContext) -> Option<Self> {
        let changes = |paths| Changes::of_paths(paths, Some(context));
        Some(Self {
            commits: history.commits.iter().map(|paths| changes(paths.iter().map(String::as_str))).collect(),
            weights: (0..history.commits.len()).map(|age| 0.5_f64.powf(age as f64 / HALF_LIFE)).collect(),
            edited: most_edited(history, context)?.to_owned(),
        })
    }
}

/// The file of the context that most commits changed; of equals the first by name.
fn most_edited<'h>(history: &'h History, context: &dyn BuildContext) -> Option<&'h str> {
    let mut edits: BTreeMap<&str, usize> = BTreeMap::new();
    for path in history.commits.iter().flatten().filter(|path| context.entry(path).is_some()) {
        *edits.entry(path).or_default() += 1;
    }
    edits.into_iter().max_by_key(|(path, count)| (*count, Reverse(*path))).map(|(path, _)| path)
}

/// The mean of what commits cost, each as much as it counts.
pub(super) fn mean(values: impl Iterator<Item = f64>, weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    let sum: f64 = values.zip(weights).map(|(value, weight)| value * weight).sum();
    if total > 0.0 { sum / total } else { 0.0 }
}
