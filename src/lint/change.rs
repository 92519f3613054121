//! What of a file's findings a change answers for: those on instructions that it touched, and those that it brought
//! about elsewhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Finding, RuleId};
use crate::syntax::Tree;
use crate::text::Span;

/// A change of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The file is new.
    Everything,
    /// The file is as it was.
    Nothing,
    /// The file is another than it was.
    Part {
        /// The instructions and comments that were touched, whole.
        touched: Vec<Span>,
        /// How often a rule had found something in an instruction. A stage counts for nothing here: one that is put in
        /// between gives those behind it other numbers.
        before: BTreeMap<(RuleId, Arc<str>), usize>,
    },
}

impl Change {
    /// The change of a file of which these lines are new or other than they were, and in which `before` was found.
    pub fn of(tree: &Tree, lines: &[Span], before: &[Finding]) -> Self {
        let is_touched = |item: &Span| lines.iter().any(|line| line.overlaps(*item));
        let touched = tree.items.iter().map(|item| item.span).filter(is_touched).collect();
        let mut counts = BTreeMap::new();
        for key in before.iter().filter_map(key) {
            *counts.entry(key).or_insert(0) += 1;
        }
        Self::Part { touched, before: counts }
    }

    /// Takes out of the findings of the file, which are in its order, those that the change has nothing to do with.
    pub fn retain(&self, findings: &mut Vec<Finding>) {
        match self {
            // What was not linted (a file that cannot be read) was not compared either.
            Self::Nothing => findings.retain(|finding| finding.anchor.is_none()),
            Self::Everything => {}
            Self::Part { touched, before } => {
                let mut old = before.clone();
                findings.retain(|finding| is_on(touched, finding) || !takes_one(&mut old, finding));
            }
        }
    }
}

/// Whether any place that a finding speaks of was touched.
fn is_on(touched: &[Span], finding: &Finding) -> bool {
    let places = std::iter::once(&finding.primary).chain(&finding.related).map(|label| label.span);
    let mut places = places.map(|span| Span::new(span.start, span.end.max(span.start + 1)));
    places.any(|place| touched.iter().any(|item| item.overlaps(place)))
}

/// Whether the same was found before, one more time than has been taken so far.
fn takes_one(old: &mut BTreeMap<(RuleId, Arc<str>), usize>, finding: &Finding) -> bool {
    match key(finding).and_then(|key| old.get_mut(&key)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    }
}

fn key(finding: &Finding) -> Option<(RuleId, Arc<str>)> {
    Some((finding.rule.clone(), finding.anchor.as_ref()?.instruction.clone()))
}
