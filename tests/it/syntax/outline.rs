//! A tree written out for people: one item a line, its parts below, every place as line:column.

use std::fmt::Write;

use rplan::syntax::{
    Arguments, Directives, Flag, Instruction, Item, ItemKind, JoinedText, Parsed, Probe, SyntaxError, Unknown,
};
use rplan::text::{Encoding, SourceFile, Span, quote};

/// The directives, the items and the errors of a parsed file.
pub fn outline(parsed: &Parsed) -> String {
    let mut outline = Outline { source: &parsed.tree.source, text: String::new() };
    outline.directives(&parsed.tree.directives);
    parsed.tree.items.iter().for_each(|item| outline.item(item));
    parsed.errors.iter().for_each(|error| outline.error(error));
    outline.text
}

struct Outline<'a> {
    source: &'a SourceFile,
    text: String,
}

impl Outline<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        writeln!(self.text, "{}{text}", "    ".repeat(depth)).expect("writing to a String succeeds");
    }

    fn at(&self, span: Span) -> String {
        let place = |offset| {
            let position = self.source.position(offset, Encoding::Bytes);
            format!("{}:{}", position.line + 1, position.column + 1)
        };
        format!("{}-{}", place(span.start), place(span.end))
    }

    fn directives(&mut self, directives: &Directives) {
        self.line(0, &format!("escape {:?}", directives.escape));
        for (name, value) in [("syntax", &directives.syntax), ("check", &directives.check)] {
            if let Some(value) = value {
                self.line(0, &format!("{name} {} at {}", quote(&value.value), self.at(value.span)));
            }
        }
    }

    fn item(&mut self, item: &Item) {
        let at = self.at(item.span);
        match &item.kind {
            ItemKind::ByteOrderMark => self.line(0, &format!("{at} byte order mark")),
            ItemKind::Blank => self.line(0, &format!("{at} blank")),
            ItemKind::Comment(comment) => {
                self.line(0, &format!("{at} comment {}", quote(self.source.slice(comment.span))));
            }
            ItemKind::Directive(directive) => {
                let name = directive.name.as_str();
                self.line(0, &format!("{at} directive {name} = {}", quote(&directive.value.value)));
            }
            ItemKind::Instruction(instruction) => {
                self.line(0, &format!("{at} {}", instruction.keyword));
                self.instruction(1, instruction);
            }
            ItemKind::Unknown(unknown) => self.unknown(&at, unknown),
        }
    }

    fn unknown(&mut self, at: &str, unknown: &Unknown) {
        let keyword = unknown.keyword.map(|keyword| format!(", {keyword}")).unwrap_or_default();
        self.line(0, &format!("{at} unknown {}{keyword}", quote(&unknown.word.value)));
        match &unknown.instruction {
            Some(instruction) => self.instruction(1, instruction),
            None => self.flags(1, &unknown.flags),
        }
    }

    fn instruction(&mut self, depth: usize, instruction: &Instruction) {
        self.flags(depth, &instruction.flags);
        self.arguments(depth, &instruction.arguments);
        for heredoc in &instruction.heredocs {
            let mut text = format!("heredoc {} at {}", quote(&heredoc.name), self.at(heredoc.span));
            text.extend(heredoc.fd.map(|fd| format!(", fd {fd}")));
            text.push_str(if heredoc.strip_tabs { ", tabs stripped" } else { "" });
            text.push_str(if heredoc.expand { "" } else { ", literal" });
            let body = self.at(heredoc.body);
            self.line(depth, &format!("{text}: {} at {body}", quote(&heredoc.content)));
        }
        for span in &instruction.interior {
            self.line(depth, &format!("between {} at {}", quote(self.source.slice(*span)), self.at(*span)));
        }
    }

    fn flags(&mut self, depth: usize, flags: &[Flag]) {
        for flag in flags {
            let value = flag.value.as_ref().map(|value| format!(" = {}", self.word(value))).unwrap_or_default();
            self.line(depth, &format!("flag {} at {}{value}", quote(&flag.name.value), self.at(flag.span)));
        }
    }

    fn arguments(&mut self, depth: usize, arguments: &Arguments) {
        match arguments {
            Arguments::None => self.line(depth, "nothing"),
            Arguments::Text(text) => self.line(depth, &format!("text {}", self.word(text))),
            Arguments::Json(strings) if strings.is_empty() => self.line(depth, "empty list"),
            Arguments::Json(strings) => strings.iter().for_each(|string| {
                self.line(depth, &format!("string {} at {}", quote(&string.value), self.at(string.span)));
            }),
            Arguments::Words(words) => {
                words.iter().for_each(|word| self.line(depth, &format!("word {}", self.word(word))));
            }
            Arguments::Pairs { pairs, legacy } => {
                let form = if *legacy { "legacy pair" } else { "pair" };
                for pair in pairs {
                    let pair = format!("{form} {} = {}", self.word(&pair.key), self.word(&pair.value));
                    self.line(depth, &pair);
                }
            }
            Arguments::Probe(Probe::None(span)) => self.line(depth, &format!("NONE at {}", self.at(*span))),
            Arguments::Probe(Probe::Command { keyword_span, command }) => {
                let word = self.source.slice(*keyword_span);
                self.line(depth, &format!("probe {} at {}", quote(word), self.at(*keyword_span)));
                self.arguments(depth + 1, command);
            }
            Arguments::Trigger(trigger) => {
                self.line(depth, &format!("trigger {} at {}", trigger.keyword, self.at(trigger.span)));
                self.instruction(depth + 1, trigger);
            }
        }
    }

    fn word(&self, word: &JoinedText) -> String {
        format!("{} at {}", quote(word.as_str()), self.at(word.span()))
    }

    fn error(&mut self, error: &SyntaxError) {
        let words = quote(self.source.slice(error.span));
        self.line(0, &format!("error {} {words}: {} [{:?}]", self.at(error.span), error.message, error.pass));
        if let Some(help) = &error.help {
            self.line(1, help);
        }
    }
}
