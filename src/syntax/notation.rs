//! The tree in the notation that BuildKit's parser prints, one instruction a line, for bug reports and conformance checks.

use std::fmt::Write;

use crate::syntax::instruction::{self, Context, Parts};
use crate::syntax::{
    Arguments, Flag, Instruction, ItemKind, JoinedText, Keyword, Parsed, Pass, Probe, SyntaxError, Unknown, word,
};
use crate::text::{SUBSTITUTE, SourceFile, Spanned, quote};

/// Every instruction as the line pass reads it, or the first error that stops that pass.
pub fn notation(parsed: &Parsed) -> Result<String, &SyntaxError> {
    if let Some(error) = parsed.errors.iter().find(|error| error.pass == Pass::Lines) {
        return Err(error);
    }
    let tree = &parsed.tree;
    let mut writer = Writer { source: &tree.source, escape: tree.directives.escape, text: String::new() };
    for item in &parsed.tree.items {
        match &item.kind {
            ItemKind::Instruction(instruction) => writer.line(instruction),
            ItemKind::Unknown(Unknown { instruction: Some(instruction), .. }) => writer.line(instruction),
            ItemKind::Unknown(unknown) => writer.unknown(unknown),
            _ => {}
        }
    }
    Ok(writer.text)
}

struct Writer<'a> {
    source: &'a SourceFile,
    escape: char,
    text: String,
}

impl Writer<'_> {
    fn line(&mut self, instruction: &Instruction) {
        self.instruction(instruction);
        self.text.push('\n');
    }

    fn unknown(&mut self, unknown: &Unknown) {
        self.ignored(&unknown.word, &unknown.flags);
        self.text.push('\n');
    }

    /// A keyword that the line pass does not know: it keeps the flags and drops the arguments.
    fn ignored(&mut self, word: &Spanned<String>, flags: &[Flag]) {
        self.text.push('(');
        for chunk in self.written(word).utf8_chunks() {
            // One letter for one letter, as Go does it.
            self.text.extend(chunk.valid().chars().filter_map(|c| c.to_lowercase().next()));
            self.text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
        }
        self.flags(flags);
        if !self.text.ends_with('(') {
            self.text.push(' ');
        }
        self.text.push_str("\"\")");
    }

    /// The bytes of a word as written, unless it is continued on another line.
    fn written(&self, word: &Spanned<String>) -> Vec<u8> {
        let bytes = &self.source.bytes()[word.span.range()];
        if bytes.len() == word.value.len() { bytes.to_vec() } else { word.value.clone().into_bytes() }
    }

    fn instruction(&mut self, instruction: &Instruction) {
        self.text.push('(');
        self.text.push_str(&instruction.keyword.as_str().to_lowercase());
        self.flags(&instruction.flags);
        match (&instruction.arguments, instruction.keyword) {
            (Arguments::Trigger(trigger), _) => {
                self.text.push(' ');
                self.instruction(trigger);
            }
            (Arguments::Text(text), Keyword::Onbuild) => {
                let Parts { word, flags, .. } = instruction::split(text, Context::new(self.source, self.escape));
                self.text.push(' ');
                self.ignored(&Spanned::new(word.as_str().to_owned(), word.span()), &flags);
            }
            (Arguments::Probe(probe), _) => self.probe(probe, instruction),
            (Arguments::Words(words), Keyword::Arg) => words.iter().for_each(|word| self.word(word)),
            (arguments, _) => self.arguments(arguments),
        }
        self.text.push(')');
    }

    fn flags(&mut self, flags: &[Flag]) {
        if flags.is_empty() {
            return;
        }
        self.text.push_str(" [");
        for (index, flag) in flags.iter().enumerate() {
            if index > 0 {
                self.text.push(' ');
            }
            // BuildKit takes flags apart byte by byte, and each byte for a character.
            let mut word = String::from("--");
            word.extend(self.written(&flag.name).into_iter().map(char::from));
            if let Some(value) = &flag.value {
                word.push('=');
                word.extend(self.bytes(value).map(char::from));
            }
            self.text.push_str(&quote(&word));
        }
        self.text.push(']');
    }

    fn arguments(&mut self, arguments: &Arguments) {
        match arguments {
            Arguments::None | Arguments::Trigger(_) | Arguments::Probe(_) => {}
            Arguments::Text(text) => self.raw(text),
            Arguments::Words(words) => words.iter().for_each(|word| self.raw(word)),
            Arguments::Json(strings) => strings.iter().for_each(|string| self.string(&string.value)),
            Arguments::Pairs { pairs, legacy: true } => {
                for pair in pairs {
                    self.raw(&pair.key);
                    self.raw(&pair.value);
                    self.string("");
                }
            }
            Arguments::Pairs { pairs, legacy: false } => {
                for pair in pairs {
                    self.word(&pair.key);
                    self.word(&pair.value);
                    self.string("=");
                }
            }
        }
    }

    fn probe(&mut self, probe: &Probe, instruction: &Instruction) {
        let (kind, _) = word::split_first(&instruction.rest, word::is_blank);
        self.raw(&kind);
        if let Probe::Command { command, .. } = probe {
            self.arguments(command);
        }
    }

    fn string(&mut self, text: &str) {
        self.text.push(' ');
        self.text.push_str(&quote(text));
    }

    /// The bytes of a text as they stand in the source.
    fn bytes<'a>(&'a self, text: &'a JoinedText) -> impl Iterator<Item = u8> {
        text.as_str().bytes().enumerate().map(|(offset, byte)| match char::from(byte) {
            SUBSTITUTE => self.source.bytes()[text.source_offset(offset)],
            _ => byte,
        })
    }

    /// A word that BuildKit reads character by character: what is not UTF-8 becomes U+FFFD.
    fn word(&mut self, word: &JoinedText) {
        let text: String = word.as_str().char_indices().map(|(offset, c)| self.character(word, offset, c)).collect();
        self.string(&text);
    }

    fn character(&self, word: &JoinedText, offset: usize, c: char) -> char {
        let stands_in = c == SUBSTITUTE && self.source.is_stand_in(word.source_offset(offset));
        if stands_in { char::REPLACEMENT_CHARACTER } else { c }
    }

    /// A text that BuildKit cuts out as it stands: bytes that are not UTF-8 are shown as such.
    fn raw(&mut self, text: &JoinedText) {
        let whole = text.as_str();
        let mut shown = String::new();
        let mut plain = 0;
        for (offset, _) in whole.match_indices(SUBSTITUTE) {
            let at = text.source_offset(offset);
            if self.source.is_stand_in(at) {
                shown.push_str(unquoted(&quote(&whole[plain..offset])));
                write!(shown, "\\x{:02x}", self.source.bytes()[at]).expect("writing to a String succeeds");
                plain = offset + SUBSTITUTE.len_utf8();
            }
        }
        shown.push_str(unquoted(&quote(&whole[plain..])));
        write!(self.text, " \"{shown}\"").expect("writing to a String succeeds");
    }
}

/// A quoted text without its quotes.
fn unquoted(quoted: &str) -> &str {
    &quoted[1..quoted.len() - 1]
}
