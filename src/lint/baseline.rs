//! Baselines: findings that are known and let be, so that only new ones count.
//!
//! An entry names its finding by file, rule and anchor, never by a line: what moves, is laid out anew or gets a comment
//! stays known.

use std::collections::BTreeSet;

use crate::diagnostic::{Anchor, Finding, RuleId};

/// A finding that is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known {
    /// The file, as seen from where the baseline lies, with `/` between names.
    pub file: String,
    /// The rule.
    pub rule: RuleId,
    /// The place.
    pub anchor: Anchor,
}

/// Every finding that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeSet<Known>,
}

impl Known {
    /// The entry of a finding in a file. What was not found by linting has none: it has no place to be known by.
    pub fn of(file: &str, finding: &Finding) -> Option<Self> {
        let anchor = finding.anchor.clone()?;
        Some(Self { file: file.to_owned(), rule: finding.rule.clone(), anchor })
    }
}

impl Baseline {
    /// The entries, sorted.
    pub fn entries(&self) -> impl Iterator<Item = &Known> {
        self.entries.iter()
    }

    /// Whether it holds the entry.
    pub fn holds(&self, entry: &Known) -> bool {
        self.entries.contains(entry)
    }
}

impl FromIterator<Known> for Baseline {
    fn from_iter<I: IntoIterator<Item = Known>>(entries: I) -> Self {
        Self { entries: entries.into_iter().collect() }
    }
}
