//! The tree that parsing gives: items that tile the file, and what is in each.

use crate::syntax::{JoinedText, Keyword};
use crate::text::{SourceFile, Span, Spanned};

/// What parsing gives: always a tree, and everything that was wrong.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The whole file.
    pub tree: Tree,
    /// Every error, in the order of the file.
    pub errors: Vec<SyntaxError>,
}

/// A Dockerfile, lossless: its items tile the source from the first byte to the last.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The bytes it was parsed from.
    pub source: SourceFile,
    /// What the parser directives say.
    pub directives: Directives,
    /// The items, one after the other, without gaps.
    pub items: Vec<Item>,
}

impl Tree {
    /// The instructions that could be parsed, in the order of the file.
    pub fn instructions(&self) -> impl Iterator<Item = &Instruction> {
        self.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Instruction(instruction) => Some(instruction.as_ref()),
            _ => None,
        })
    }
}

/// What the parser directives at the top of the file say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directives {
    /// The escape character in force: backslash or backtick.
    pub escape: char,
    /// The value of `# syntax=`.
    pub syntax: Option<Spanned<String>>,
    /// The value of `# check=`.
    pub check: Option<Spanned<String>>,
}

/// A run of whole lines, line ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// From its first byte to the first byte of the next item.
    pub span: Span,
    /// What it is.
    pub kind: ItemKind,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemKind {
    /// The byte order mark before the first line.
    ByteOrderMark,
    /// A line of blanks.
    Blank,
    /// A comment line outside an instruction.
    Comment(Comment),
    /// A parser directive.
    Directive(Directive),
    /// An instruction.
    Instruction(Box<Instruction>),
    /// An instruction that could not be understood, kept as it is; an error tells why.
    Unknown(Unknown),
}

/// A comment line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the end of the line, without the line end.
    pub span: Span,
}

/// A parser directive, such as `# escape=` followed by a backtick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Which one.
    pub name: DirectiveName,
    /// Its trimmed value.
    pub value: Spanned<String>,
}

/// The known parser directives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DirectiveName {
    /// `# syntax=`
    Syntax,
    /// `# escape=`
    Escape,
    /// `# check=`
    Check,
}

/// A line (with its continuations) that is no valid instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The first word as written.
    pub word: Spanned<String>,
    /// The keyword, when it is the rest that is broken.
    pub keyword: Option<Keyword>,
    /// The leading `--name=value` words.
    pub flags: Vec<Flag>,
    /// The instruction as far as it could be read, when the keyword is known.
    pub instruction: Option<Box<Instruction>>,
}

/// One instruction as written, with heredoc bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// From the keyword to the last byte of the last line (heredoc bodies included), without the line end.
    pub span: Span,
    /// Which instruction it is.
    pub keyword: Keyword,
    /// The keyword as written.
    pub keyword_span: Span,
    /// The leading `--name=value` words.
    pub flags: Vec<Flag>,
    /// What follows the flags.
    pub arguments: Arguments,
    /// All that follows the flags as one text, whatever its form; heredoc bodies are not in it.
    pub rest: JoinedText,
    /// The heredocs that the line opens, in order.
    pub heredocs: Vec<Heredoc>,
    /// Comment lines and blank lines inside the continued instruction.
    pub interior: Vec<Span>,
}

/// The arguments of an instruction, by form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arguments {
    /// Nothing follows.
    None,
    /// One text: shell form, and USER, WORKDIR, STOPSIGNAL, MAINTAINER.
    Text(JoinedText),
    /// A JSON array of strings: exec form, SHELL, and list forms of COPY, ADD, VOLUME.
    Json(Vec<JsonString>),
    /// Words: FROM, ARG, EXPOSE, COPY, ADD, VOLUME. Quotes are kept as written.
    Words(Vec<Word>),
    /// `key=value` pairs, or one pair in the legacy form `key value`: ENV, LABEL.
    Pairs {
        /// The pairs in order; values keep their quotes.
        pairs: Vec<Pair>,
        /// Whether it is the legacy form.
        legacy: bool,
    },
    /// HEALTHCHECK.
    Probe(Probe),
    /// ONBUILD and the instruction that it stores.
    Trigger(Box<Instruction>),
}

/// What HEALTHCHECK is followed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// `NONE`.
    None(Span),
    /// `CMD` and a command: [`Arguments::Text`] or [`Arguments::Json`].
    Command {
        /// The word `CMD`.
        keyword_span: Span,
        /// The command.
        command: Box<Arguments>,
    },
}

/// One `key=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The key as written.
    pub key: Word,
    /// The value as written.
    pub value: Word,
}

/// A `--name=value` or `--name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The whole word.
    pub span: Span,
    /// The name without `--`.
    pub name: Spanned<String>,
    /// The value with quotes removed; none for a bare flag.
    pub value: Option<Word>,
}

/// One string of a JSON array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonString {
    /// The decoded string.
    pub value: String,
    /// The string with its quotes, as written.
    pub span: Span,
}

/// One word as written, quotes included.
pub type Word = JoinedText;

/// A heredoc and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// `<<-EOF` as written, file descriptor included.
    pub span: Span,
    /// The file descriptor before `<<`.
    pub fd: Option<u32>,
    /// The delimiter with quotes removed.
    pub name: String,
    /// Whether `<<-` strips leading tabs.
    pub strip_tabs: bool,
    /// Whether the delimiter is unquoted, so that the body is expanded.
    pub expand: bool,
    /// The body lines, line ends included.
    pub body: Span,
    /// The line that ends it, without the line end.
    pub terminator: Span,
    /// The body as the instruction sees it: tabs stripped if asked for, and every byte that is not UTF-8 one SUB
    /// character. What is written to disk comes from the bytes under `body`.
    pub content: String,
}

/// The pass of a builder that reports an error: some are seen when lines are read, some when instructions are typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pass {
    /// Reading lines and words.
    Lines,
    /// Typing the instruction: keyword, flags, number of arguments.
    Instructions,
}

/// One thing that is wrong with the shape of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The bytes at fault.
    pub span: Span,
    /// What is wrong and what was expected.
    pub message: String,
    /// What to do, such as the name that was probably meant.
    pub help: Option<String>,
    /// What to write in place of which bytes, where one slip is all that is wrong.
    pub meant: Option<Spanned<String>>,
    /// Which pass of a builder would report it.
    pub pass: Pass,
}
