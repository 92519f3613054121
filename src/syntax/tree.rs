//! The tree that parsing gives: items that tile the file, and what is in each.

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
    /// The body as the instruction sees it: tabs stripped if asked for.
    pub content: String,
}

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
    /// Which pass of a builder would report it.
    pub pass: Pass,
}

macro_rules! keywords {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// The instructions of the language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "UPPERCASE")]
        pub enum Keyword {
            $($(#[$doc])* $variant,)*
        }

        impl Keyword {
            /// Every keyword, in alphabetical order.
            pub const ALL: &[Keyword] = &[$(Keyword::$variant,)*];

            /// The keyword in capitals.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Keyword::$variant => $text,)*
                }
            }
        }
    };
}

keywords! {
    /// `ADD`
    Add = "ADD",
    /// `ARG`
    Arg = "ARG",
    /// `CMD`
    Cmd = "CMD",
    /// `COPY`
    Copy = "COPY",
    /// `ENTRYPOINT`
    Entrypoint = "ENTRYPOINT",
    /// `ENV`
    Env = "ENV",
    /// `EXPOSE`
    Expose = "EXPOSE",
    /// `FROM`
    From = "FROM",
    /// `HEALTHCHECK`
    Healthcheck = "HEALTHCHECK",
    /// `LABEL`
    Label = "LABEL",
    /// `MAINTAINER`
    Maintainer = "MAINTAINER",
    /// `ONBUILD`
    Onbuild = "ONBUILD",
    /// `RUN`
    Run = "RUN",
    /// `SHELL`
    Shell = "SHELL",
    /// `STOPSIGNAL`
    Stopsignal = "STOPSIGNAL",
    /// `USER`
    User = "USER",
    /// `VOLUME`
    Volume = "VOLUME",
    /// `WORKDIR`
    Workdir = "WORKDIR",
}

impl Keyword {
    /// The keyword that `word` is, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|keyword| keyword.as_str().eq_ignore_ascii_case(word))
    }
}

impl std::fmt::Display for Keyword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
