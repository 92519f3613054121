//! Parsing: the one pass over the lines that makes the tree.

use crate::syntax::heredoc::{self, Marker};
use crate::syntax::instruction::{self, Context, Read};
use crate::syntax::line::{self, LONGEST_LINE, Line, Lines};
use crate::syntax::{
    Comment, Directive, DirectiveName, Directives, Item, ItemKind, Parsed, Pass, SyntaxError, Tree, directive,
};
use crate::text::{SUBSTITUTE, SourceFile, Span, Spanned, excerpt};

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
    /// Whether a heredoc without end was followed by more instructions.
    recovered: bool,
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
            directives: looked_up(source, start),
            at_top: true,
            seen: Vec::new(),
            recovered: false,
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
        if self.seen.contains(&directive.name) {
            let message = format!("the directive `{}` is given twice", directive.name.as_str());
            self.error(line.content, message, "keep one of them");
        } else if directive.name == DirectiveName::Escape {
            self.escape(&directive);
        }
        self.seen.push(directive.name);
        Some(ItemKind::Directive(directive))
    }

    fn escape(&mut self, directive: &Directive) {
        match directive.value.value.as_str() {
            "\\" => self.directives.escape = '\\',
            "`" => self.directives.escape = '`',
            other => {
                let message = format!("the escape character cannot be `{}`", excerpt(other));
                self.error(directive.value.span, message, "use a backslash or a backtick");
            }
        }
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        let (message, help) = (message.into(), Some(help.into()));
        self.errors.push(SyntaxError { span, message, help, meant: None, pass: Pass::Lines });
    }

    fn instruction(&mut self, first: Line) {
        let context = Context::new(self.source, self.directives.escape);
        let logical = line::join(first, &mut self.lines, context.escape);
        let mut read = instruction::read(&logical, context);
        let mut end = logical.next;
        if read.may_hold_heredocs() {
            end = self.heredocs(&logical, &mut read, end);
        }
        let kind = instruction::finish(read, &mut self.errors);
        self.push(first.content.start, end, kind);
    }

    /// Reads the bodies of the heredocs that the line opens; where the instruction ends then.
    fn heredocs(&mut self, logical: &line::Logical, read: &mut Read, mut end: usize) -> usize {
        let (markers, unreadable) = heredoc::markers(logical.text.as_str());
        if let Some(range) = unreadable {
            let span = logical.text.span_of(range.start, range.end);
            self.error(span, "the delimiter of the heredoc cannot be read", "write a plain word after `<<`");
            read.broken = true;
            return end;
        }
        for mut marker in markers {
            let span = logical.text.span_of(marker.range.start, marker.range.end);
            if !self.source.is_utf8(span) {
                // Builders compare bytes, and no line has the bytes of a delimiter that is not UTF-8.
                marker.name = marker.name.replace(SUBSTITUTE, "\u{FFFD}");
            }
            let start = end;
            let (terminator, almost) = self.terminator(&marker);
            let Some(terminator) = terminator else {
                read.broken = true;
                match self.unterminated(&marker, span, almost) {
                    Some(resumed) => end = resumed,
                    None => return self.source.len(),
                }
                continue;
            };
            end = terminator.next;
            read.end = terminator.content.end;
            read.heredocs.push(heredoc::with_body(marker, span, self.source, start, terminator.content));
        }
        end
    }

    /// Reads lines up to the one that ends a heredoc. The first line that looks like the end but is not comes beside it.
    fn terminator(&mut self, marker: &Marker) -> (Option<Line>, Option<Line>) {
        let mut almost = None;
        while let Some(line) = self.lines.next() {
            let text = self.lines.slice(line.content);
            let candidate = if marker.strip_tabs { text.trim_start_matches('\t') } else { text };
            if candidate == marker.name {
                return (Some(line), almost);
            }
            if almost.is_none() && text.trim().eq_ignore_ascii_case(&marker.name) {
                almost = Some(line);
            }
        }
        (None, almost)
    }

    /// Reports a heredoc without end; where reading resumes, if anywhere before the end of the file. A line that looks
    /// like the end is taken for it, but only once: every search reads the whole file, and parsing stays linear.
    fn unterminated(&mut self, marker: &Marker, span: Span, almost: Option<Line>) -> Option<usize> {
        let name = excerpt(&marker.name);
        let help = match almost {
            Some(line) => {
                let number = self.source.line_of(line.content.start) + 1;
                format!(
                    "line {number} is `{}`; only a line that is exactly `{name}` ends it",
                    excerpt(self.lines.slice(line.content))
                )
            }
            None => format!("end it with a line that is exactly `{name}`"),
        };
        self.error(span, format!("the heredoc `{name}` has no end"), help);
        let resumed = almost.filter(|_| !self.recovered)?.next;
        self.recovered = true;
        self.lines.go_to(resumed);
        Some(resumed)
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

/// What the directives say before the line parser has seen any: all but the escape character.
fn looked_up(source: &SourceFile, start: usize) -> Directives {
    let mut directives = Directives { escape: '\\', syntax: None, check: None };
    for directive in directive::look_up(source, start) {
        match directive.name {
            DirectiveName::Syntax => directives.syntax = Some(directive.value),
            DirectiveName::Check => directives.check = Some(directive.value),
            DirectiveName::Escape => {}
        }
    }
    if directives.syntax.is_none() {
        let syntax = directive::syntax_in_json(&source.text()[start..]);
        directives.syntax = syntax.map(|syntax| Spanned::new(syntax, Span::at(start)));
    }
    directives
}
