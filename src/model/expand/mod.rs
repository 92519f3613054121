//! Word expansion: what a word of a Dockerfile stands for, given what its variables stand for.
//!
//! A pure function over a lookup. Does not know scopes or instructions.
//! Invariant: it never panics, and its time is proportional to the word and the values it uses.

mod pattern;
mod word;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use word::Lexer;
use words::Words;

use crate::model::{Unknown, Value};

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding<'a> {
    /// This text.
    Set(Cow<'a, str>),
    /// Nothing.
    Unset,
    /// Something that cannot be known here.
    Unknown(Unknown),
}

/// How a word is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// The escape character.
    pub escape: char,
    /// Whether quotes protect what is in them and disappear; otherwise they are characters like any other.
    pub quotes: bool,
}

impl Dialect {
    /// How the words of instructions are read under an escape character.
    pub fn words(escape: char) -> Self {
        Self { escape, quotes: true }
    }

    /// How the body of an unquoted heredoc of COPY or ADD is read, whatever the escape character of the file.
    pub fn heredoc() -> Self {
        Self { escape: '\\', quotes: false }
    }
}

/// One use of a variable in a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The variable.
    pub name: String,
    /// From `$` to the end of the substitution, in bytes of the word.
    pub range: Range<usize>,
    /// What is made of it.
    pub form: Form,
}

/// What a substitution makes of its variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// `$name` or `${name}`
    Plain,
    /// `${name-word}` or `${name:-word}`
    Default,
    /// `${name+word}` or `${name:+word}`
    Alternative,
    /// `${name?word}` or `${name:?word}`
    Required,
    /// `${name#pattern}` or `${name%pattern}`
    Trim,
    /// `${name/pattern/replacement}`
    Replace,
}

/// Why a word cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpandError {
    /// What is wrong, in the words of a builder.
    pub message: String,
    /// The part of the word that is at fault, in bytes.
    pub range: Range<usize>,
}

/// What came of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expansion<T = Value> {
    /// Its value, or the error.
    pub result: Result<T, ExpandError>,
    /// The variables it uses, in the order in which a builder looks them up (inner ones first), up to an error.
    pub uses: Vec<Use>,
}

/// Expands a word: one text comes out, blanks and all.
pub fn expand<'v>(word: &str, dialect: Dialect, lookup: &dyn Fn(&str) -> Binding<'v>) -> Expansion {
    let mut lexer = Lexer::new(word, dialect, lookup);
    let result = lexer.whole(&mut Words::ignored()).map(|text| match text.unknown {
        Some(reason) => Value::Unknown(reason),
        None => Value::Known(text.text),
    });
    Expansion { result, uses: lexer.uses }
}

/// Expands a word and splits the result at blanks that are not quoted: EXPOSE, where one variable may hold several
/// ports.
pub fn expand_to_words<'v>(
    word: &str,
    dialect: Dialect,
    lookup: &dyn Fn(&str) -> Binding<'v>,
) -> Expansion<Result<Vec<String>, Unknown>> {
    let mut lexer = Lexer::new(word, dialect, lookup);
    let mut words = Words::collected();
    let result = lexer.whole(&mut words).map(|text| match text.unknown {
        Some(reason) => Err(reason),
        None => Ok(words.finish()),
    });
    Expansion { result, uses: lexer.uses }
}
