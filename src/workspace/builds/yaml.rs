//! YAML as a tree in which every node knows its place; JSON is YAML too.
//!
//! Aliases share what they stand for and merge keys (`<<`) are followed, so that whoever reads the tree sees what was
//! meant. Invariant: neither depth nor sharing can make a small file large.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::BuildFileError;
use crate::text::{SourceFile, Span};

/// Deeper than any file that people write; whoever walks the tree does so by recursion.
const DEEPEST: usize = 64;
/// The most entries that merge keys may add to the mappings of a file.
const MOST_MERGED: usize = 100_000;

/// One node.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) span: Span,
    /// The tag that was written, without its `!`.
    pub(super) tag: Option<String>,
    pub(super) content: Content,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    Scalar { text: String, style: ScalarStyle },
    List(Vec<Arc<Node>>),
    Map(Vec<Entry>),
}

/// One entry of a mapping. Keys that are no scalars are left out.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) value: Arc<Node>,
}

impl Node {
    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Arc<Node>> {
        self.entries()?.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    pub(super) fn entries(&self) -> Option<&[Entry]> {
        match &self.content {
            Content::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> Option<&[Arc<Node>]> {
        match &self.content {
            Content::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text of a scalar, whatever its type; none where nothing is written.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// Whether nothing is written, or that there is nothing.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, style: ScalarStyle::Plain }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }
}

/// Every document of the file.
pub(super) fn read(source: &SourceFile) -> Result<Vec<Arc<Node>>, BuildFileError> {
    // As libyaml does it, which the tools that read these files are made of.
    let options = granit_parser::options! { block_scalar_eof_without_line_feed: true };
    let mut builder = Builder { end: source.len(), ..Builder::default() };
    for event in Parser::new_from_str_with_options(source.text(), options) {
        let (event, span) = event.map_err(|error| broken(&error, source))?;
        builder.take(event, span)?;
    }
    Ok(builder.documents)
}

fn broken(error: &ScanError, source: &SourceFile) -> BuildFileError {
    let at = error.marker().byte_offset().unwrap_or(source.len()).min(source.len());
    BuildFileError::new(Span::at(at), format!("this cannot be read as YAML: {}", error.info()))
}

/// What is being read, from the outermost inward.
#[derive(Default)]
struct Builder {
    end: usize,
    documents: Vec<Arc<Node>>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Arc<Node>>,
    merged: usize,
}

struct Open {
    start: usize,
    anchor: usize,
    tag: Option<String>,
    kind: Kind,
}

enum Kind {
    List(Vec<Arc<Node>>),
    Map {
        /// Keys and values in turn.
        nodes: Vec<Arc<Node>>,
    },
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: granit_parser::Span) -> Result<(), BuildFileError> {
        let span = self.span(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let content = Content::Scalar { text: text.into_owned(), style };
                self.finish(Node { span, tag: tag.as_deref().map(name), content }, anchor);
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) => self.put(Arc::clone(node)),
                None => return Err(BuildFileError::new(span, "this alias stands for something that holds it")),
            },
            Event::SequenceStart(_, anchor, tag) => self.open(span, anchor, tag.as_deref(), Kind::List(Vec::new()))?,
            Event::MappingStart(_, anchor, tag) => {
                self.open(span, anchor, tag.as_deref(), Kind::Map { nodes: Vec::new() })?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let span = Span::new(open.start, span.end.max(open.start));
                let content = match open.kind {
                    Kind::List(items) => Content::List(items),
                    Kind::Map { nodes } => Content::Map(self.entries(span, &nodes)?),
                };
                self.finish(Node { span, tag: open.tag, content }, open.anchor);
            }
            _ => {}
        }
        Ok(())
    }

    fn span(&self, span: granit_parser::Span) -> Span {
        let start = span.start.byte_offset().unwrap_or(0).min(self.end);
        Span::new(start, span.end.byte_offset().unwrap_or(start).clamp(start, self.end))
    }

    fn open(&mut self, span: Span, anchor: usize, tag: Option<&Tag>, kind: Kind) -> Result<(), BuildFileError> {
        if self.open.len() >= DEEPEST {
            return Err(BuildFileError::new(span, format!("this is nested more than {DEEPEST} levels deep")));
        }
        self.open.push(Open { start: span.start, anchor, tag: tag.map(name), kind });
        Ok(())
    }

    fn finish(&mut self, node: Node, anchor: usize) {
        let node = Arc::new(node);
        if anchor != 0 {
            self.anchors.insert(anchor, Arc::clone(&node));
        }
        self.put(node);
    }

    fn put(&mut self, node: Arc<Node>) {
        match self.open.last_mut().map(|open| &mut open.kind) {
            Some(Kind::List(nodes) | Kind::Map { nodes }) => nodes.push(node),
            None => self.documents.push(node),
        }
    }

    /// The entries of a mapping, with those of its merge keys behind its own: the first one of a name counts.
    fn entries(&mut self, span: Span, nodes: &[Arc<Node>]) -> Result<Vec<Entry>, BuildFileError> {
        let (mut own, mut merged) = (Vec::new(), Vec::new());
        for pair in nodes.chunks_exact(2) {
            let Content::Scalar { text, style } = &pair[0].content else { continue };
            match (text.as_str(), style, &pair[1].content) {
                ("<<", ScalarStyle::Plain, Content::List(bases)) => merged.extend(bases.iter().cloned()),
                ("<<", ScalarStyle::Plain, _) => merged.push(Arc::clone(&pair[1])),
                _ => own.push(Entry { key: text.clone(), value: Arc::clone(&pair[1]) }),
            }
        }
        let mut known: BTreeSet<String> = own.iter().map(|entry| entry.key.clone()).collect();
        for entry in merged.iter().filter_map(|base| base.entries()).flatten() {
            self.merged += 1;
            if self.merged > MOST_MERGED {
                return Err(BuildFileError::new(span, "merge keys make this file too large"));
            }
            if known.insert(entry.key.clone()) {
                own.push(entry.clone());
            }
        }
        Ok(own)
    }
}

fn name(tag: &Tag) -> String {
    tag.suffix().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(text: &str) -> Result<Arc<Node>, String> {
        let documents = read(&SourceFile::new("f", text)).map_err(|error| error.message)?;
        documents.into_iter().next().ok_or_else(|| "nothing".to_owned())
    }

    #[test]
    fn nodes_know_their_places() {
        let text = "a: é\nb:\n  - 'x y'\nc: |\n  one\n  two\nd: 1\n";
        let root = read_one(text).expect("YAML");
        let at = |node: &Node| text[node.span.range()].to_owned();
        assert_eq!(at(root.get("a").expect("a")), "é");
        assert_eq!(at(&root.get("b").and_then(|b| b.items()).expect("a list")[0]), "'x y'");
        assert_eq!(root.get("c").and_then(|c| c.text()), Some("one\ntwo\n"));
        assert_eq!(at(root.get("c").expect("c")), "one\n  two\n", "a block begins with its text");
    }

    #[test]
    fn merge_keys_are_followed_and_own_keys_win() {
        let text = "base: &base {x: 1, y: 2}\nother: &other {z: 3}\nall:\n  <<: [*base, *other]\n  y: 4\n";
        let root = read_one(text).expect("YAML");
        let all = root.get("all").expect("all");
        let value = |key: &str| all.get(key).and_then(|node| node.text()).map(str::to_owned);
        assert_eq!([value("x"), value("y"), value("z")], ["1", "4", "3"].map(|text| Some(text.to_owned())));
    }

    #[test]
    fn json_is_read_too() {
        let root = read_one("{\n\t\"a\": {\"b\": [1, true, null, \"x\\ny\\u00e9\"]}\n}\n").expect("JSON");
        let items = root.get("a").and_then(|a| a.get("b")).and_then(|b| b.items()).expect("a list");
        let texts: Vec<Option<&str>> = items.iter().map(|item| item.text()).collect();
        assert_eq!(texts, [Some("1"), Some("true"), None, Some("x\nyé")]);
    }

    #[test]
    fn what_grows_without_end_is_refused() {
        assert!(read_one(&"[".repeat(100_000)).is_err());
        assert!(read_one("a: &a [*a]").is_err());
        let bomb: String = (1..40).map(|n| format!("m{n}: &m{n} {{<<: [*m{0}, *m{0}], k{n}: 1}}\n", n - 1)).collect();
        assert!(read_one(&format!("m0: &m0 {{k: 1}}\n{bomb}")).is_ok());
        let many: String = (0..1000).map(|n| format!("k{n}: 1, ")).collect();
        let merges: String = (0..1000).map(|n| format!("m{n}: {{<<: *a}}\n")).collect();
        assert!(read_one(&format!("a: &a {{{many}}}\n{merges}")).is_err_and(|why| why.contains("too large")));
    }
}
