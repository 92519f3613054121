//! Parsing: the one pass over the lines that makes the tree.

use crate::syntax::instruction::{self, Read};
use crate::syntax::line::{self, LONGEST_LINE, Line, Lines};
use crate::syntax::{
    Comment, DirectiveName, Directives, Heredoc, Item, ItemKind, Parsed, Pass, SyntaxError, Tree, directive, heredoc,
};
use crate::text::{SourceFile, Span};

const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// Parses a Dockerfile. Never fails: what cannot be understood is kept as it is, and an error says why.
pub fn parse(source: &SourceFile) -> Parsed {
    let mut parser = Parser::new(source);
    parser.run();
    parser.finish()
}

/// The source of a tree: the bytes that it was parsed from, item by item.
pub fn print(tree: &Tree) -> Vec<u8> {
    tree.items.iter().flat_map(|item| &tree.source.bytes()[item.span.range()]).copied().collect()
}

struct Parser<'a> {
    source: &'a SourceFile,
    lines: Lines<'a>,
    directives: Directives,
    /// Whether every line so far was a directive.
    at_top: bool,
    seen: Vec<DirectiveName>,
    items: Vec<Item>,
    errors: Vec<SyntaxError>,
}

impl<'a> Parser<'a> {
    fn new(source: &'a SourceFile) -> Self {
        let mut items = Vec::new();
        let mut start = 0;
        if source.text().starts_with(BYTE_ORDER_MARK) {
            start = BYTE_ORDER_MARK.len_utf8();
            items.push(Item { span: Span::new(0, start), kind: ItemKind::ByteOrderMark });
        }
        Self {
            source,
            lines: Lines::new(source, start),
            directives: Directives { escape: '\\', syntax: None, check: None },
            at_top: true,
            seen: Vec::new(),
            items,
            errors: Vec::new(),
        }
    }

    fn run(&mut self) {
        while let Some(line) = self.lines.next() {
            let text = self.lines.slice(line.content);
            let found = if self.at_top { self.directive(line) } else { None };
            if let Some(kind) = found {
                self.push(line.content.start, line.next, kind);
                continue;
            }
            self.at_top = false;
            if text.trim_start().is_empty() {
                self.push(line.content.start, line.next, ItemKind::Blank);
            } else if line::is_comment(text) {
                let indent = text.len() - text.trim_start().len();
                let span = Span::new(line.content.start + indent, line.content.end);
                self.push(line.content.start, line.next, ItemKind::Comment(Comment { span }));
            } else {
                self.instruction(line);
            }
        }
    }

    fn push(&mut self, start: usize, end: usize, kind: ItemKind) {
        self.items.push(Item { span: Span::new(start, end), kind });
    }

    fn directive(&mut self, line: Line) -> Option<ItemKind> {
        let text = self.lines.slice(line.content);
        let indent = text.len() - text.trim_start().len();
        let directive = directive::parse(&text[indent..], line.content.start + indent)?;
        let name = directive.name.as_str();
        if self.seen.contains(&directive.name) {
            self.error(line.content, format!("the directive `{name}` is given twice"), "keep one of them");
        }
        self.seen.push(directive.name);
        match directive.name {
            DirectiveName::Syntax => self.directives.syntax = Some(directive.value.clone()),
            DirectiveName::Check => self.directives.check = Some(directive.value.clone()),
            DirectiveName::Escape => match directive.value.value.as_str() {
                "\\" => self.directives.escape = '\\',
                "`" => self.directives.escape = '`',
                other => {
                    let message = format!("the escape character cannot be `{other}`");
                    self.error(directive.value.span, message, "use a backslash or a backtick");
                }
            },
        }
        Some(ItemKind::Directive(directive))
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.errors.push(SyntaxError { span, message: message.into(), help: Some(help.into()), pass: Pass::Lines });
    }

    fn instruction(&mut self, first: Line) {
        let escape = self.directives.escape;
        let logical = line::join(first, &mut self.lines, escape);
        let mut read = instruction::read(&logical, escape);
        let mut end = logical.next;
        if read.may_hold_heredocs() {
            end = self.heredocs(&logical, &mut read, end);
        }
        let kind = instruction::finish(read, &mut self.errors);
        self.push(first.content.start, end, kind);
    }

    /// Reads the bodies of the heredocs that the line opens; where the instruction ends then.
    fn heredocs(&mut self, logical: &line::Logical, read: &mut Read, mut end: usize) -> usize {
        for marker in heredoc::markers(logical.text.as_str()) {
            let span = logical.text.span_of(marker.range.start, marker.range.end);
            let start = end;
            let mut terminator = None;
            while let Some(line) = self.lines.next() {
                end = line.next;
                let text = self.lines.slice(line.content);
                let candidate = if marker.strip_tabs { text.trim_start_matches('\t') } else { text };
                if candidate == marker.name {
                    terminator = Some(line.content);
                    break;
                }
            }
            let Some(terminator) = terminator else {
                let help = format!("end it with a line that is exactly `{}`", marker.name);
                self.error(span, format!("the heredoc `{}` has no end", marker.name), help);
                read.broken = true;
                return end;
            };
            let body = Span::new(start, terminator.start);
            let content = content(self.source.slice(body), marker.strip_tabs);
            read.heredocs.push(Heredoc {
                span,
                fd: marker.fd,
                name: marker.name,
                strip_tabs: marker.strip_tabs,
                expand: marker.expand,
                body,
                terminator,
                content,
            });
            read.end = terminator.end;
        }
        end
    }

    fn finish(mut self) -> Parsed {
        self.long_lines();
        let is_instruction = |item: &Item| matches!(item.kind, ItemKind::Instruction(_) | ItemKind::Unknown(_));
        if !self.items.iter().any(is_instruction) {
            self.error(Span::at(self.source.len()), "the file has no instruction", "begin with FROM");
        }
        self.errors.sort_by_key(|error| (error.span, error.pass));
        let tree = Tree { source: self.source.clone(), directives: self.directives, items: self.items };
        Parsed { tree, errors: self.errors }
    }

    /// Builders read lines into a buffer of 64 KiB that must also hold the newline, or room for one at the end.
    fn long_lines(&mut self) {
        let mut lines = Lines::new(self.source, 0);
        while let Some(line) = lines.next() {
            let ends = line.next > line.content.end && self.source.bytes()[line.next - 1] == b'\n';
            let length = line.next - line.content.start - usize::from(ends);
            if length > LONGEST_LINE {
                let message = format!("the line has {length} bytes; builders accept {LONGEST_LINE}");
                self.error(line.content, message, "continue it on further lines");
            }
        }
    }
}

fn content(body: &str, strip_tabs: bool) -> String {
    if !strip_tabs {
        return body.to_owned();
    }
    body.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect()
}
