//! Edits as a value: sorted, disjoint replacements that can be merged and applied.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::text::Span;

/// One replacement: the bytes under `span` become `text`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What takes its place; empty for a deletion.
    pub text: String,
}

impl Edit {
    /// Replaces the bytes under `span` by `text`.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Inserts `text` at `offset`.
    pub fn insert(offset: usize, text: impl Into<String>) -> Self {
        Self { span: Span::at(offset), text: text.into() }
    }

    /// Deletes the bytes under `span`.
    pub fn delete(span: Span) -> Self {
        Self { span, text: String::new() }
    }
}

/// Two edits that touch the same place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("two edits touch the same place: bytes {}..{} and {}..{}", .0.start, .0.end, .1.start, .1.end)]
pub struct EditConflict(pub Span, pub Span);

/// Sorted edits of which no two touch the same place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EditSet {
    edits: Vec<Edit>,
}

impl EditSet {
    /// No edit.
    pub fn new() -> Self {
        Self::default()
    }

    /// These edits, sorted; refused when two conflict. The same edit twice counts once.
    pub fn from_edits(edits: impl IntoIterator<Item = Edit>) -> Result<Self, EditConflict> {
        let mut edits: Vec<Edit> = edits.into_iter().collect();
        edits.sort_by(|a, b| a.span.cmp(&b.span).then_with(|| a.text.cmp(&b.text)));
        edits.dedup();
        match edits.windows(2).find(|pair| conflict(&pair[0], &pair[1])) {
            Some(pair) => Err(EditConflict(pair[0].span, pair[1].span)),
            None => Ok(Self { edits }),
        }
    }

    /// Both sets together, or the first conflict; `self` is unchanged then.
    pub fn merge(&self, other: &EditSet) -> Result<EditSet, EditConflict> {
        Self::from_edits(self.edits.iter().chain(&other.edits).cloned())
    }

    /// The edits in order.
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The bytes after all edits.
    pub fn apply(&self, bytes: &[u8]) -> Vec<u8> {
        let mut result = Vec::with_capacity(bytes.len());
        let mut copied = 0;
        for edit in &self.edits {
            result.extend_from_slice(&bytes[copied..edit.span.start]);
            result.extend_from_slice(edit.text.as_bytes());
            copied = edit.span.end;
        }
        result.extend_from_slice(&bytes[copied..]);
        result
    }
}

/// Edits gathered from many sets, each taken as a whole if it fits with those before. Fast however many there are.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    edits: BTreeMap<Span, Edit>,
}

impl Gathered {
    /// Takes these edits, unless one of them conflicts with what was taken before. The same edit twice counts once.
    pub fn take(&mut self, further: &EditSet) -> bool {
        let fits = further.edits.iter().all(|edit| self.fits(edit));
        if fits {
            self.edits.extend(further.edits.iter().map(|edit| (edit.span, edit.clone())));
        }
        fits
    }

    /// All of them together.
    pub fn edits(&self) -> EditSet {
        EditSet { edits: self.edits.values().cloned().collect() }
    }

    /// What was taken is disjoint, so only neighbours can conflict.
    fn fits(&self, edit: &Edit) -> bool {
        if let Some(same) = self.edits.get(&edit.span) {
            return same == edit;
        }
        let before = self.edits.range(..edit.span).next_back();
        let behind = self.edits.range(edit.span..).next();
        before.is_none_or(|(_, before)| !conflict(before, edit)) && behind.is_none_or(|(_, next)| !conflict(edit, next))
    }
}

/// Edits conflict when they overlap, or when both insert at one offset: which came first would be chance.
fn conflict(a: &Edit, b: &Edit) -> bool {
    a.span.end > b.span.start || (a.span == b.span && a.span.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(edits: &[Edit]) -> Result<EditSet, EditConflict> {
        EditSet::from_edits(edits.to_vec())
    }

    #[test]
    fn edits_apply_in_order_of_place() {
        let edits = set(&[Edit::insert(5, "!"), Edit::replace(Span::new(0, 1), "J"), Edit::delete(Span::new(3, 4))]);
        assert_eq!(edits.expect("disjoint").apply(b"hello"), b"Jelo!");
    }

    #[test]
    fn overlapping_edits_are_refused() {
        assert!(set(&[Edit::delete(Span::new(0, 3)), Edit::delete(Span::new(2, 4))]).is_err());
        assert!(set(&[Edit::insert(1, "a"), Edit::insert(1, "b")]).is_err());
    }

    #[test]
    fn neighbours_and_repeats_are_not_conflicts() {
        assert!(set(&[Edit::delete(Span::new(0, 2)), Edit::delete(Span::new(2, 4))]).is_ok());
        assert_eq!(set(&[Edit::insert(1, "a"), Edit::insert(1, "a")]).expect("one edit").edits().len(), 1);
    }

    #[test]
    fn gathering_takes_what_merging_takes() {
        let spans = (0..4).flat_map(|start| (start..4).map(move |end| Span::new(start, end)));
        let edits: Vec<Edit> = spans.flat_map(|span| ["", "x"].map(|text| Edit::replace(span, text))).collect();
        for (a, b, c) in edits.iter().flat_map(|a| {
            let edits = &edits;
            edits.iter().flat_map(move |b| edits.iter().map(move |c| (a, b, c)))
        }) {
            let (mut gathered, mut merged) = (Gathered::default(), EditSet::new());
            for edit in [a, b, c] {
                let further = set(std::slice::from_ref(edit)).expect("one edit");
                let both = merged.merge(&further);
                assert_eq!(gathered.take(&further), both.is_ok(), "{a:?} {b:?} {c:?}");
                merged = both.unwrap_or(merged);
            }
            assert_eq!(gathered.edits(), merged);
        }
    }
}
