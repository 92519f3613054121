//! The text that an attribute of a Bake file has, with the place of every part of it.

use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::parser::parse_template;
use hcl_edit::template::{Element, Strip};

use super::evaluate::Scope;
use super::{Layer, Term};
use crate::text::{SourceFile, Span};
use crate::workspace::builds::transcript::Transcript;
use crate::workspace::builds::{Inline, scalar};

/// How a literal is written.
#[derive(Clone, Copy)]
enum Notation {
    /// In quotes, with escapes.
    Quoted,
    /// As it stands, each line behind so many blanks.
    Plain { indent: usize },
}

impl Scope<'_> {
    /// The Dockerfile that is written into a block: none where there is none, or where it is not known.
    pub(super) fn inline(&self, layer: &Layer) -> Option<Option<Arc<Inline>>> {
        let term = layer.attributes.get("dockerfile-inline")?;
        let found = self.transcript(term, &layer.written.source);
        Some(found.map(|(start, transcript)| Arc::new(Inline::new(&layer.written, &layer.name, start, transcript))))
    }

    /// Where the text of an expression begins, and the text.
    fn transcript(&self, term: &Term, source: &SourceFile) -> Option<(usize, Transcript)> {
        match term {
            Term::Hcl(expression) => self.written(expression, source),
            Term::Json(node) => {
                let text = scalar::transcript(source, node)?;
                let template = parse_template(text.text()).ok()?;
                let elements: Vec<&Element> = template.iter().collect();
                Some((node.span.start, self.filled(&elements, &text, Notation::Plain { indent: 0 })))
            }
        }
    }

    fn written(&self, expression: &Expression, source: &SourceFile) -> Option<(usize, Transcript)> {
        let span = Span::from(expression.span()?);
        let file = || Transcript::copy_of(source.text(), 0);
        let transcript = match expression {
            Expression::Parenthesis(inner) => return self.written(inner.inner(), source),
            Expression::String(text) => {
                let inside = source.slice(span).strip_prefix('"')?.strip_suffix('"')?;
                let inside = Span::new(span.start + 1, span.start + 1 + inside.len());
                let mut transcript = Transcript::default();
                put(&mut transcript, text.value(), &file(), inside, Notation::Quoted, true);
                transcript
            }
            Expression::StringTemplate(template) => {
                self.filled(&template.iter().collect::<Vec<_>>(), &file(), Notation::Quoted)
            }
            Expression::HeredocTemplate(heredoc) => {
                let notation = Notation::Plain { indent: heredoc.indent().unwrap_or(0) };
                self.filled(&heredoc.template.iter().collect::<Vec<_>>(), &file(), notation)
            }
            other => Transcript::made_of(&self.value(&Term::Hcl(other.clone())).text()?, span),
        };
        Some((span.start, transcript))
    }

    /// A template with its variables filled in where they are known, and left where they are not.
    fn filled(&self, elements: &[&Element], base: &Transcript, notation: Notation) -> Transcript {
        let mut filled = Transcript::default();
        for (index, element) in elements.iter().enumerate() {
            let Some(span) = element.span().map(Span::from) else { continue };
            match element {
                Element::Literal(text) => put(&mut filled, text.value(), base, span, notation, index == 0),
                Element::Interpolation(part) if part.strip == Strip::None => {
                    match self.value(&Term::Hcl(part.expr.clone())).text() {
                        Some(value) => filled.fill(&value, base, span),
                        None => filled.leave(base, span),
                    }
                }
                _ => filled.leave(base, span),
            }
        }
        filled
    }
}

/// Appends a literal: word by word where it is followed how it is written, and else as a whole.
fn put(into: &mut Transcript, text: &str, base: &Transcript, span: Span, notation: Notation, begins_line: bool) {
    let mut followed = into.clone();
    let before = followed.text().len();
    let is_followed = follow(&mut followed, base, span, notation, begins_line).is_some();
    match is_followed && followed.text()[before..] == *text {
        true => *into = followed,
        false => into.make(text, base.outward(span)),
    }
}

fn follow(into: &mut Transcript, base: &Transcript, span: Span, notation: Notation, begins_line: bool) -> Option<()> {
    let raw = &base.text()[span.range()];
    let mut at = 0;
    let mut begins_line = begins_line;
    while at < raw.len() {
        if let Notation::Plain { indent } = notation
            && begins_line
        {
            at += raw[at..].bytes().take(indent).take_while(|byte| *byte == b' ').count();
        }
        let rest = &raw[at..];
        let plain = rest.find(['$', '%', '\\', '\n']).unwrap_or(rest.len());
        into.append(base, Span::new(span.start + at, span.start + at + plain));
        at += plain;
        let rest = &raw[at..];
        let Some(first) = rest.chars().next() else { break };
        begins_line = first == '\n';
        let (length, meant) = match notation {
            _ if rest.starts_with("$${") => (3, Some("${".to_owned())),
            _ if rest.starts_with("%%{") => (3, Some("%{".to_owned())),
            Notation::Quoted if first == '\\' => {
                let (length, meant) = scalar::escape(rest)?;
                (length, Some(meant.to_string()))
            }
            _ => (1, None),
        };
        let part = Span::new(span.start + at, span.start + at + length);
        match meant {
            Some(meant) => into.make(&meant, base.outward(part)),
            None => into.append(base, part),
        }
        at += length;
    }
    Some(())
}
