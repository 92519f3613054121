//! YAML with the place of everything in it, for files whose reader tells mistakes in its own words.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::config::file::Mistakes;
use crate::text::{SourceFile, Span, Spanned};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Nothing,
    Flag(bool),
    Text(String),
    /// A number and the like: nothing that anybody asks for.
    Other,
    List(Vec<Spanned<Node>>),
    Table(Vec<(Spanned<String>, Spanned<Node>)>),
}

/// The document, or where it is no YAML. One that is empty says nothing.
pub(super) fn read(source: &SourceFile, mistakes: &mut Mistakes) -> Option<Spanned<Node>> {
    match serde_yaml::from_str::<Option<serde_yaml::Spanned<Raw>>>(source.text()) {
        Ok(Some(root)) => Some(placed(&root, source)),
        Ok(None) => None,
        Err(error) => {
            let at = error.location().map_or(0, |location| offset(source, location.line(), location.column()));
            mistakes.add(Span::at(at), error.without_snippet().to_string(), None);
            None
        }
    }
}

impl Node {
    /// The kind, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Node::Nothing => "nothing",
            Node::Flag(_) => "true or false",
            Node::Text(_) => "a text",
            Node::Other => "a number",
            Node::List(_) => "a list",
            Node::Table(_) => "a table",
        }
    }
}

/// A value as the parser gives it, with places in its own terms.
enum Raw {
    Nothing,
    Flag(bool),
    Text(String),
    Other,
    List(Vec<serde_yaml::Spanned<Raw>>),
    Table(Vec<(serde_yaml::Spanned<String>, serde_yaml::Spanned<Raw>)>),
}

fn placed(raw: &serde_yaml::Spanned<Raw>, source: &SourceFile) -> Spanned<Node> {
    let node = match &raw.value {
        Raw::Nothing => Node::Nothing,
        Raw::Flag(flag) => Node::Flag(*flag),
        Raw::Text(text) => Node::Text(text.clone()),
        Raw::Other => Node::Other,
        Raw::List(items) => Node::List(items.iter().map(|item| placed(item, source)).collect()),
        Raw::Table(entries) => {
            let entry = |(key, value): &(serde_yaml::Spanned<String>, serde_yaml::Spanned<Raw>)| {
                (Spanned::new(key.value.clone(), span(key, source)), placed(value, source))
            };
            Node::Table(entries.iter().map(entry).collect())
        }
    };
    Spanned::new(node, span(raw, source))
}

/// The first word of a value: where it begins is what counts.
fn span<T>(raw: &serde_yaml::Spanned<T>, source: &SourceFile) -> Span {
    let start = offset(source, raw.referenced.line(), raw.referenced.column());
    let rest = &source.text()[start..];
    let end = rest.find([':', ',', ']', '}', '\n', '\r', ' ']).unwrap_or(rest.len());
    Span::new(start, start + end)
}

/// The offset of a line and column, both from 1 and in characters.
fn offset(source: &SourceFile, line: u64, column: u64) -> usize {
    let index = |number: u64| usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    if index(line) >= source.line_count() {
        return source.len();
    }
    let span = source.line_span(index(line));
    let text = source.slice(span);
    span.start + text.char_indices().nth(index(column)).map_or(text.len(), |(at, _)| at)
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Nothing)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Raw, E> {
        Ok(Raw::Flag(flag))
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut table = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            table.push(entry);
        }
        Ok(Raw::Table(table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_its_place() {
        let source = SourceFile::new("y", "# é\na: [x, \"y z\"]\nb:\n  c: true\n  'd': 1\ne:\n");
        let mut mistakes = Mistakes::default();
        let root = read(&source, &mut mistakes).expect("a document");
        let Node::Table(entries) = &root.value else { panic!("{root:?}") };
        let text = |span: Span| source.slice(span).to_owned();
        let keys: Vec<String> = entries.iter().map(|(key, _)| text(key.span)).collect();
        assert_eq!(keys, ["a", "b", "e"]);
        let Node::List(items) = &entries[0].1.value else { panic!("a list") };
        assert_eq!((text(items[0].span), text(items[1].span)), ("x".to_owned(), "\"y".to_owned()));
        assert_eq!(items[1].value, Node::Text("y z".to_owned()));
        let Node::Table(inner) = &entries[1].1.value else { panic!("a table") };
        assert_eq!((&inner[0].1.value, &inner[1].1.value), (&Node::Flag(true), &Node::Other));
        assert_eq!((text(inner[0].1.span), entries[2].1.value.kind()), ("true".to_owned(), "nothing"));
    }

    #[test]
    fn an_empty_document_says_nothing_and_a_broken_one_is_told() {
        for text in ["", "# only a remark\n", "---\n"] {
            let mut mistakes = Mistakes::default();
            let root = read(&SourceFile::new("y", text), &mut mistakes);
            assert!(root.is_none_or(|root| root.value == Node::Nothing) && mistakes.result(()).is_ok(), "{text:?}");
        }
        let mut mistakes = Mistakes::default();
        assert_eq!(read(&SourceFile::new("y", "a: [x\nb: y\n"), &mut mistakes), None);
        assert_eq!(mistakes.result(()).expect_err("it is broken").len(), 1);
    }
}
