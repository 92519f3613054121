//! The tree in the notation that BuildKit's parser prints, one instruction a line, for bug reports and conformance checks.

use std::fmt::Write;

use crate::syntax::{Arguments, Flag, Instruction, ItemKind, JoinedText, Parsed, Pass, Probe, SyntaxError, Unknown};
use crate::text::SourceFile;

/// The stand-in for a byte that is not UTF-8 in a source's text.
const SUBSTITUTE: char = '\u{1A}';

/// Every instruction as the line pass reads it, or the first error that stops that pass.
pub fn notation(parsed: &Parsed) -> Result<String, &SyntaxError> {
    if let Some(error) = parsed.errors.iter().find(|error| error.pass == Pass::Lines) {
        return Err(error);
    }
    let mut writer = Writer { source: &parsed.tree.source, text: String::new() };
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
    text: String,
}

impl Writer<'_> {
    fn line(&mut self, instruction: &Instruction) {
        self.instruction(instruction);
        self.text.push('\n');
    }

    fn unknown(&mut self, unknown: &Unknown) {
        self.text.push('(');
        self.text.push_str(&unknown.word.value.to_lowercase());
        self.flags(&unknown.flags);
        self.text.push_str(" \"\")\n");
    }

    fn instruction(&mut self, instruction: &Instruction) {
        self.text.push('(');
        self.text.push_str(&instruction.keyword.as_str().to_lowercase());
        self.flags(&instruction.flags);
        match &instruction.arguments {
            Arguments::Trigger(trigger) => {
                self.text.push(' ');
                self.instruction(trigger);
            }
            Arguments::Probe(probe) => self.probe(probe, instruction),
            arguments => self.arguments(arguments),
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
            let value = flag.value.as_ref().map(|value| format!("={}", value.as_str())).unwrap_or_default();
            self.quoted(&byte_by_byte(&format!("--{}{value}", flag.name.value)));
        }
        self.text.push(']');
    }

    fn arguments(&mut self, arguments: &Arguments) {
        match arguments {
            Arguments::None | Arguments::Trigger(_) | Arguments::Probe(_) => {}
            Arguments::Text(text) => self.word(text),
            Arguments::Words(words) => words.iter().for_each(|word| self.word(word)),
            Arguments::Json(strings) => strings.iter().for_each(|string| {
                self.text.push(' ');
                self.quoted(&string.value);
            }),
            Arguments::Pairs { pairs, legacy } => {
                for pair in pairs {
                    self.word(&pair.key);
                    self.word(&pair.value);
                    self.text.push_str(if *legacy { " \"\"" } else { " \"=\"" });
                }
            }
        }
    }

    fn probe(&mut self, probe: &Probe, instruction: &Instruction) {
        let rest = &instruction.rest;
        let length = rest.as_str().find(char::is_whitespace).unwrap_or(rest.len());
        self.word(&rest.slice(0, length));
        if let Probe::Command { command, .. } = probe {
            self.arguments(command);
        }
    }

    /// A word with a blank before it; bytes that are not UTF-8 are shown as such.
    fn word(&mut self, word: &JoinedText) {
        self.text.push_str(" \"");
        for (offset, c) in word.as_str().char_indices() {
            let byte = self.source.bytes().get(word.source_offset(offset)).copied();
            match byte {
                Some(byte) if c == SUBSTITUTE && byte != SUBSTITUTE as u8 => {
                    let _ = write!(self.text, "\\x{byte:02x}");
                }
                _ => escape(&mut self.text, c),
            }
        }
        self.text.push('"');
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        text.chars().for_each(|c| escape(&mut self.text, c));
        self.text.push('"');
    }
}

/// BuildKit takes flags apart byte by byte, and each byte for a character.
fn byte_by_byte(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

/// One character as Go's `strconv.Quote` writes it.
fn escape(text: &mut String, c: char) {
    let short = match c {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\u{b}' => "\\v",
        _ => "",
    };
    let written = match u32::from(c) {
        _ if !short.is_empty() => text.write_str(short),
        code if code < 0x20 || code == 0x7F => write!(text, "\\x{code:02x}"),
        _ if is_printable(c) => text.write_char(c),
        code if code < 0x10000 => write!(text, "\\u{code:04x}"),
        code => write!(text, "\\U{code:08x}"),
    };
    written.expect("writing to a String succeeds");
}

/// Whether Go would print the character as it is: Rust's debug form, behind another character, agrees but for quotes.
fn is_printable(c: char) -> bool {
    c == '\'' || format!("a{c}").escape_debug().count() == 2
}
