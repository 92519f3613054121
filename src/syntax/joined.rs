//! Text that stands in several places of the source.

use crate::text::Span;

/// Text joined over continuation lines, which remembers where each of its bytes stands in the source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JoinedText {
    text: String,
    /// Runs of text: (offset in the text, offset in the source), in order; the first starts at 0.
    pieces: Vec<(usize, usize)>,
    /// Where all of it is said to stand, when it stands elsewhere than in this source.
    pinned: Option<Span>,
}

impl JoinedText {
    /// A text that stands in the source in one piece, at `start`.
    pub fn contiguous(text: impl Into<String>, start: usize) -> Self {
        Self { text: text.into(), pieces: vec![(0, start)], pinned: None }
    }

    /// Adds `text`, which stands in the source at `start`.
    pub fn push(&mut self, text: &str, start: usize) {
        let continues = self.pieces.last().is_some_and(|&(at, source)| source + (self.text.len() - at) == start);
        if !continues {
            self.pieces.push((self.text.len(), start));
        }
        self.text.push_str(text);
    }

    /// Adds another text, with its own places.
    pub fn append(&mut self, other: &JoinedText) {
        for (index, &(at, source)) in other.pieces.iter().enumerate() {
            let end = other.pieces.get(index + 1).map_or(other.text.len(), |&(next, _)| next);
            self.push(&other.text[at..end], source);
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// The same text, said to stand at `span` whatever part of it is asked for.
    pub fn pinned(self, span: Span) -> Self {
        Self { pinned: Some(span), ..self }
    }

    /// Where the byte at `offset` of the text stands in the source; the end maps to just behind the last byte.
    pub fn source_offset(&self, offset: usize) -> usize {
        if let Some(span) = self.pinned {
            return span.start;
        }
        match self.pieces.partition_point(|&(at, _)| at <= offset) {
            0 => 0,
            // A piece may begin exactly at the end of the text; its end is then the piece's start.
            index => {
                let (at, source) = self.pieces[index - 1];
                source + (offset - at)
            }
        }
    }

    /// The source span of a range of the text.
    pub fn span_of(&self, start: usize, end: usize) -> Span {
        if let Some(span) = self.pinned {
            return span;
        }
        if start == end {
            return Span::at(self.source_offset(start));
        }
        Span::new(self.source_offset(start), self.source_offset(end - 1) + 1)
    }

    /// The source span of all of it.
    pub fn span(&self) -> Span {
        self.span_of(0, self.text.len())
    }

    /// A part of it, with its own places.
    pub fn slice(&self, start: usize, end: usize) -> JoinedText {
        let first = self.pieces.partition_point(|&(at, _)| at <= start).saturating_sub(1);
        let pieces = self.pieces[first..]
            .iter()
            .take_while(|&&(at, _)| at < end.max(start + 1))
            .map(|&(at, source)| if at < start { (0, source + (start - at)) } else { (at - start, source) });
        Self { text: self.text[start..end].to_owned(), pieces: pieces.collect(), pinned: self.pinned }
    }
}
