//! From a place in an edited text back to where it came from.

use crate::text::{EditSet, Span};

/// Where the bytes of an edited text stood before.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    /// What was replaced, and where its replacement stands; in order.
    pieces: Vec<(Span, Span)>,
}

impl Origins {
    /// Those of the text that these edits give.
    pub fn of(edits: &EditSet) -> Self {
        let (mut added, mut removed) = (0, 0);
        let piece = |edit: &crate::text::Edit| {
            let start = edit.span.start + added - removed;
            added += edit.text.len();
            removed += edit.span.len();
            (edit.span, Span::new(start, start + edit.text.len()))
        };
        Self { pieces: edits.edits().iter().map(piece).collect() }
    }

    /// Where the byte at `offset` stood; for one that is new, the start of what it replaces.
    pub fn offset(&self, offset: usize) -> usize {
        match self.pieces.partition_point(|(_, after)| after.start <= offset).checked_sub(1) {
            None => offset,
            Some(index) => {
                let (before, after) = self.pieces[index];
                if offset < after.end { before.start } else { before.end + (offset - after.end) }
            }
        }
    }

    /// Where the bytes under `span` stood.
    pub fn span(&self, span: Span) -> Span {
        let start = self.offset(span.start);
        Span::new(start, self.offset(span.end).max(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Edit;

    #[test]
    fn what_stayed_is_found_where_it_was() {
        let edits = [Edit::insert(0, "ab"), Edit::delete(Span::new(2, 4)), Edit::replace(Span::new(5, 6), "xyz")];
        let edits = EditSet::from_edits(edits).expect("disjoint");
        let (before, origins) = (b"012345678", Origins::of(&edits));
        let after = edits.apply(before);
        assert_eq!(after, b"ab014xyz678");
        for (offset, byte) in after.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
            assert_eq!(before[origins.offset(offset)], *byte, "at {offset}");
        }
        assert_eq!((origins.offset(0), origins.offset(6)), (0, 5), "what is new comes from what it replaces");
        assert_eq!(origins.span(Span::new(2, 11)), Span::new(0, 9));
    }
}
