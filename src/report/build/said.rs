//! What the steps that run have said so far: all of it, however much that is.
//!
//! Most of it is forgotten when a step ends. Of one that failed it is what whoever must mend it needs, and nobody knows
//! beforehand which part.

use std::collections::BTreeMap;

use super::spoken::printable;
use crate::event::StepNumber;

/// By step, what it said, fit for a screen.
#[derive(Debug, Default)]
pub(super) struct Said(BTreeMap<StepNumber, Vec<String>>);

impl Said {
    /// A step said something.
    pub(super) fn hear(&mut self, step: StepNumber, line: &str) {
        self.0.entry(step).or_default().push(printable(line));
    }

    /// What a step said last.
    pub(super) fn last(&self, step: StepNumber) -> Option<&str> {
        self.0.get(&step)?.last().map(String::as_str)
    }

    /// All that a step said. It is forgotten then.
    pub(super) fn take(&mut self, step: StepNumber) -> Vec<String> {
        self.0.remove(&step).unwrap_or_default()
    }

    /// The steps that have said something and are not over.
    pub(super) fn speakers(&self) -> impl Iterator<Item = StepNumber> {
        self.0.keys().copied()
    }
}
