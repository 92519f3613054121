//! A text that was made from parts of a file, and where each part stands in that file.

use crate::text::Span;

/// The text of something written into a file in another notation: escaped, indented, filled in.
#[derive(Debug, Clone, Default)]
pub(super) struct Transcript {
    text: String,
    /// What each stretch of the text was made from; together they cover it, in order.
    pieces: Vec<Piece>,
    /// Where a variable was filled in.
    filled: Vec<Span>,
    /// Where the text only stands for what nobody knows.
    unknown: Vec<Span>,
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    inner: Span,
    outer: Span,
    /// Whether it was copied byte by byte.
    is_copy: bool,
}

impl Transcript {
    /// A text that stands at `start` of the file just like that.
    pub(super) fn copy_of(text: &str, start: usize) -> Self {
        let mut transcript = Self::default();
        transcript.copy(text, start);
        transcript
    }

    /// A text that was made from the bytes under `outer`, nobody knows how.
    pub(super) fn made_of(text: &str, outer: Span) -> Self {
        let mut transcript = Self::default();
        transcript.make(text, outer);
        transcript
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Appends what stands at `start` just like that.
    pub(super) fn copy(&mut self, text: &str, start: usize) {
        let outer = Span::new(start, start + text.len());
        match self.pieces.last_mut() {
            Some(last) if last.is_copy && last.outer.end == start => {
                last.outer.end = outer.end;
                last.inner.end += text.len();
                self.text.push_str(text);
            }
            _ => self.push(text, outer, true),
        }
    }

    /// Appends what the bytes under `outer` stand for.
    pub(super) fn make(&mut self, text: &str, outer: Span) {
        self.push(text, outer, false);
    }

    /// Appends a part of another transcript.
    pub(super) fn append(&mut self, other: &Self, part: Span) {
        let first = other.pieces.partition_point(|piece| piece.inner.end <= part.start);
        for piece in other.pieces[first..].iter().take_while(|piece| piece.inner.start < part.end) {
            let inner = Span::new(piece.inner.start.max(part.start), piece.inner.end.min(part.end));
            let text = &other.text[inner.range()];
            match piece.is_copy {
                true => self.copy(text, piece.outer.start + (inner.start - piece.inner.start)),
                false => self.make(text, piece.outer),
            }
        }
    }

    /// Appends the value of the variable that a part of another transcript names.
    pub(super) fn fill(&mut self, value: &str, other: &Self, part: Span) {
        let start = self.text.len();
        self.make(value, other.outward(part));
        self.filled.push(Span::new(start, self.text.len()));
    }

    /// Appends a part of another transcript that stands for what nobody knows.
    pub(super) fn leave(&mut self, other: &Self, part: Span) {
        let start = self.text.len();
        self.append(other, part);
        self.unknown.push(Span::new(start, self.text.len()));
    }

    /// Where the text under `inner` stands in the file.
    pub(super) fn outward(&self, inner: Span) -> Span {
        let start = self.start(inner.start);
        let end = match inner.is_empty() {
            true => start,
            false => self.end(inner.end),
        };
        Span::new(start, end.max(start))
    }

    /// Whether a part of the text under `inner` is not known.
    pub(super) fn is_unknown(&self, inner: Span) -> bool {
        self.unknown.iter().any(|unknown| unknown.overlaps(inner))
    }

    /// Whether the text under `inner` is all written there, with no variable in it.
    pub(super) fn is_written(&self, inner: Span) -> bool {
        let touches = |one: &Span| one.overlaps(inner) || inner.contains(one.start);
        !self.unknown.iter().chain(&self.filled).any(touches)
    }

    fn start(&self, offset: usize) -> usize {
        match self.pieces.get(self.pieces.partition_point(|piece| piece.inner.end <= offset)) {
            Some(piece) if piece.is_copy => piece.outer.start + (offset - piece.inner.start),
            Some(piece) => piece.outer.start,
            None => self.pieces.last().map_or(0, |last| last.outer.end),
        }
    }

    fn end(&self, offset: usize) -> usize {
        match self.pieces.get(self.pieces.partition_point(|piece| piece.inner.end < offset)) {
            Some(piece) if piece.is_copy => piece.outer.start + (offset - piece.inner.start),
            Some(piece) => piece.outer.end,
            None => self.pieces.last().map_or(0, |last| last.outer.end),
        }
    }

    fn push(&mut self, text: &str, outer: Span, is_copy: bool) {
        if !text.is_empty() {
            let inner = Span::new(self.text.len(), self.text.len() + text.len());
            self.pieces.push(Piece { inner, outer, is_copy });
            self.text.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ab\nc$$d` of a file that says `  ab` and `  c\u0024d`.
    fn transcript() -> Transcript {
        let mut transcript = Transcript::default();
        transcript.copy("ab\n", 2);
        transcript.copy("c", 7);
        transcript.make("$", Span::new(8, 14));
        transcript.copy("d", 14);
        transcript
    }

    #[test]
    fn every_part_is_found_where_it_stands() {
        let transcript = transcript();
        assert_eq!(transcript.text(), "ab\nc$d");
        let outward = |start, end| transcript.outward(Span::new(start, end));
        assert_eq!(outward(0, 2), Span::new(2, 4));
        assert_eq!(outward(1, 4), Span::new(3, 8), "over the line end and the indent");
        assert_eq!(outward(3, 3), Span::at(7), "behind the indent, not before it");
        assert_eq!(outward(4, 5), Span::new(8, 14));
        assert_eq!(outward(5, 6), Span::new(14, 15));
        assert_eq!(outward(6, 6), Span::at(15));
    }

    #[test]
    fn a_part_of_a_transcript_knows_its_place_too() {
        let mut part = Transcript::copy_of("x", 0);
        part.leave(&transcript(), Span::new(1, 5));
        part.fill("", &transcript(), Span::new(4, 5));
        assert_eq!(part.text(), "xb\nc$");
        assert_eq!(part.outward(Span::new(1, 2)), Span::new(3, 4));
        assert_eq!(part.outward(Span::new(3, 5)), Span::new(7, 14));
        assert!(part.is_unknown(Span::new(2, 3)) && !part.is_unknown(Span::new(0, 1)));
        assert!(part.is_written(Span::new(0, 1)) && !part.is_written(Span::new(4, 5)));
    }
}
