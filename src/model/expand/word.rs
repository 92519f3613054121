//! The lexer that expands one word: quotes, escapes and substitutions.

use std::iter::Peekable;
use std::str::CharIndices;

use super::pattern::{Extent, Pattern};
use super::words::Words;
use super::{Binding, Dialect, ExpandError, Form, Use};
use crate::model::Unknown;

/// Substitutions may nest this deep; no Dockerfile written by a person comes near.
const DEEPEST: usize = 200;

/// Expanded text, or the first reason why it cannot be known. Reading goes on all the same, to find errors and uses.
#[derive(Default)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) unknown: Option<Unknown>,
}

impl Text {
    fn known(text: impl Into<String>) -> Self {
        Self { text: text.into(), unknown: None }
    }

    fn unknown(reason: Unknown) -> Self {
        Self { text: String::new(), unknown: Some(reason) }
    }

    fn append(&mut self, other: Text) {
        self.text.push_str(&other.text);
        self.unknown = self.unknown.take().or(other.unknown);
    }
}

pub(super) struct Lexer<'a, 'v> {
    source: &'a str,
    chars: Peekable<CharIndices<'a>>,
    dialect: Dialect,
    lookup: &'a dyn Fn(&str) -> Binding<'v>,
    pub(super) uses: Vec<Use>,
    /// Whether escapes stay in the text, because it is a pattern that reads them itself.
    keep_escapes: bool,
    depth: usize,
}

impl<'a, 'v> Lexer<'a, 'v> {
    pub(super) fn new(source: &'a str, dialect: Dialect, lookup: &'a dyn Fn(&str) -> Binding<'v>) -> Self {
        let chars = source.char_indices().peekable();
        Self { source, chars, dialect, lookup, uses: Vec::new(), keep_escapes: false, depth: 0 }
    }

    /// Reads to the end of the source.
    pub(super) fn whole(&mut self, words: &mut Words) -> Result<Text, ExpandError> {
        self.until(None, words)
    }

    /// Reads up to and over `stop`, or to the end where there is none.
    fn until(&mut self, stop: Option<char>, words: &mut Words) -> Result<Text, ExpandError> {
        let start = self.offset();
        let mut result = Text::default();
        while let Some(char) = self.peek() {
            if stop == Some(char) {
                self.next();
                return Ok(result);
            }
            match char {
                '$' => {
                    let value = self.substitution()?;
                    words.add_unquoted(&value.text);
                    result.append(value);
                }
                '\'' if self.dialect.quotes => {
                    let text = self.single_quoted()?;
                    words.add_quoted(&text);
                    result.text.push_str(&text);
                }
                '"' if self.dialect.quotes => {
                    let text = self.double_quoted()?;
                    words.add_quoted(&text.text);
                    result.append(text);
                }
                '<' => {
                    let text = self.angle();
                    words.add_quoted(&text);
                    result.text.push_str(&text);
                }
                escape if escape == self.dialect.escape => {
                    self.next();
                    if self.keep_escapes {
                        words.add_quoted(escape.encode_utf8(&mut [0; 4]));
                        result.text.push(escape);
                    }
                    // An escape at the end protects nothing and is gone.
                    if let Some(char) = self.next() {
                        words.add_quoted(char.encode_utf8(&mut [0; 4]));
                        result.text.push(char);
                    }
                }
                char => {
                    self.next();
                    words.add_unquoted(char.encode_utf8(&mut [0; 4]));
                    result.text.push(char);
                }
            }
        }
        match stop {
            None => Ok(result),
            Some(stop) => {
                Err(self.error(start, format!("unexpected end of statement while looking for matching {stop}")))
            }
        }
    }

    fn single_quoted(&mut self) -> Result<String, ExpandError> {
        let start = self.offset();
        self.next();
        let mut result = String::new();
        loop {
            match self.next() {
                Some('\'') => return Ok(result),
                Some(char) => result.push(char),
                None => {
                    let message = "unexpected end of statement while looking for matching single-quote";
                    return Err(self.error(start, message));
                }
            }
        }
    }

    fn double_quoted(&mut self) -> Result<Text, ExpandError> {
        let start = self.offset();
        self.next();
        let mut result = Text::default();
        loop {
            match self.peek() {
                None => {
                    let message = "unexpected end of statement while looking for matching double-quote";
                    return Err(self.error(start, message));
                }
                Some('"') => {
                    self.next();
                    return Ok(result);
                }
                Some('$') => result.append(self.substitution()?),
                Some(escape) if escape == self.dialect.escape => {
                    self.next();
                    if self.keep_escapes {
                        result.text.push(escape);
                    }
                    match self.peek() {
                        None => {}
                        Some(char) if char == '"' || char == '$' || char == escape => {
                            self.next();
                            result.text.push(char);
                        }
                        Some(_) => result.text.push(escape),
                    }
                }
                Some(char) => {
                    self.next();
                    result.text.push(char);
                }
            }
        }
    }

    /// `<`, or `<<` and the blanks behind it, which do not split words: it may introduce a heredoc.
    fn angle(&mut self) -> String {
        self.next();
        let mut result = String::from("<");
        if self.next_if('<') {
            result.push('<');
            while let Some(blank @ (' ' | '\t' | '\r')) = self.peek() {
                self.next();
                result.push(blank);
            }
        }
        result
    }

    /// What begins with `$`.
    fn substitution(&mut self) -> Result<Text, ExpandError> {
        let start = self.offset();
        self.next();
        if self.next_if('{') {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(self.error(start, "substitutions are nested too deeply"));
            }
            let value = self.braces(start);
            self.depth -= 1;
            return value;
        }
        let name = self.name();
        match name.is_empty() {
            true => Ok(Text::known("$")),
            false => {
                let binding = self.look_up(name, start, Form::Plain);
                Ok(value_of(&binding))
            }
        }
    }

    /// What follows `${`.
    fn braces(&mut self, start: usize) -> Result<Text, ExpandError> {
        match self.peek() {
            None => return Err(self.error(start, "syntax error: missing '}'")),
            Some('{' | '}' | ':') => return Err(self.error(start, "syntax error: bad substitution")),
            Some(_) => {}
        }
        let name = self.name();
        match self.next() {
            None => Err(self.error(start, "syntax error: missing '}'")),
            Some('}') => {
                let binding = self.look_up(name, start, Form::Plain);
                Ok(value_of(&binding))
            }
            Some('/') => self.replacement(name, start),
            Some(':') => match self.next() {
                None => Err(self.error(start, "syntax error: missing '}'")),
                Some(modifier @ ('-' | '+' | '?')) => self.conditional(name, modifier, true, start),
                Some(modifier) => {
                    // An error further in is the one to tell, except where a pattern was to come.
                    if !matches!(modifier, '#' | '%') {
                        self.part(start, '}', false, "syntax error: missing '}'")?;
                    }
                    Err(self.error(start, format!("unsupported modifier (:{modifier}) in substitution")))
                }
            },
            Some(modifier @ ('-' | '+' | '?')) => self.conditional(name, modifier, false, start),
            Some(modifier @ ('#' | '%')) => self.trimmed(name, modifier, start),
            Some(other) => Err(self.error(start, format!("unsupported modifier ({other}) in substitution"))),
        }
    }

    /// `${name-word}`, `${name+word}`, `${name?word}`, each also with a colon, by which empty counts as unset.
    fn conditional(
        &mut self,
        name: String,
        modifier: char,
        empty_is_unset: bool,
        start: usize,
    ) -> Result<Text, ExpandError> {
        let word = self.part(start, '}', false, "syntax error: missing '}'")?;
        let form = match modifier {
            '-' => Form::Default,
            '+' => Form::Alternative,
            _ => Form::Required,
        };
        let binding = self.look_up(name.clone(), start, form);
        let is_unset = match &binding {
            Binding::Unknown(_) => return Ok(value_of(&binding)),
            Binding::Unset => true,
            Binding::Set(value) => empty_is_unset && value.is_empty(),
        };
        match form {
            Form::Default => Ok(if is_unset { word } else { value_of(&binding) }),
            Form::Alternative => Ok(if is_unset { Text::default() } else { word }),
            _ if !is_unset => Ok(value_of(&binding)),
            _ => {
                let default = match binding {
                    Binding::Unset => "is not allowed to be unset",
                    _ => "is not allowed to be empty",
                };
                let message = if word.text.is_empty() { default } else { word.text.as_str() };
                Err(self.error(start, format!("{name}: {message}")))
            }
        }
    }

    /// `${name#pattern}` and `${name%pattern}`, doubled for the longest match.
    fn trimmed(&mut self, name: String, modifier: char, start: usize) -> Result<Text, ExpandError> {
        let word = self.part(start, '}', true, "syntax error: missing '}'")?;
        let binding = self.look_up(name, start, Form::Trim);
        let (extent, pattern) = match word.text.strip_prefix(modifier) {
            Some(rest) => (Extent::Longest, rest),
            None => (Extent::Shortest, word.text.as_str()),
        };
        self.by_pattern(&binding, pattern, word.unknown.clone(), start, |pattern, value| match modifier {
            '#' => pattern.trim_start(value, extent),
            _ => pattern.trim_end(value, extent),
        })
    }

    /// `${name/pattern/replacement}`, with `//` for every match.
    fn replacement(&mut self, name: String, start: usize) -> Result<Text, ExpandError> {
        let everywhere = self.next_if('/');
        let pattern = self.part(start, '/', true, "syntax error: missing '/' in ${}")?;
        let with = self.part(start, '}', true, "syntax error: missing '}'")?;
        let binding = self.look_up(name, start, Form::Replace);
        let unknown = pattern.unknown.or(with.unknown);
        self.by_pattern(&binding, &pattern.text, unknown, start, |pattern, value| match everywhere {
            true => pattern.replace_all(value, &with.text),
            false => pattern.replace_first(value, &with.text),
        })
    }

    fn by_pattern(
        &mut self,
        binding: &Binding<'_>,
        pattern: &str,
        unknown: Option<Unknown>,
        start: usize,
        change: impl FnOnce(&Pattern, &str) -> Result<String, String>,
    ) -> Result<Text, ExpandError> {
        if let Some(reason) = unknown {
            return Ok(Text::unknown(reason));
        }
        let value = match binding {
            Binding::Unknown(reason) => return Ok(Text::unknown(reason.clone())),
            Binding::Unset => "",
            Binding::Set(value) => value.as_ref(),
        };
        Pattern::parse(pattern)
            .and_then(|parsed| change(&parsed, value))
            .map(Text::known)
            .map_err(|reason| self.error(start, format!("invalid pattern ({pattern}) in substitution: {reason}")))
    }

    /// A part of a substitution up to and over `stop`.
    fn part(&mut self, start: usize, stop: char, keep_escapes: bool, missing: &str) -> Result<Text, ExpandError> {
        let before = std::mem::replace(&mut self.keep_escapes, keep_escapes);
        let part = self.until(Some(stop), &mut Words::ignored());
        self.keep_escapes = before;
        // Whatever was open inside, at the end of the source it is the brace that is missed.
        part.map_err(|error| if self.peek().is_none() { self.error(start, missing) } else { error })
    }

    /// A name, a special parameter, a number, or nothing.
    fn name(&mut self) -> String {
        let mut name = String::new();
        match self.peek() {
            Some(digit) if digit.is_ascii_digit() => {
                while let Some(digit) = self.peek().filter(char::is_ascii_digit) {
                    self.next();
                    name.push(digit);
                }
            }
            Some(special @ ('@' | '*' | '#' | '?' | '-' | '$' | '!')) => {
                self.next();
                name.push(special);
            }
            _ => {
                while let Some(char) = self.peek().filter(|&char| is_name_char(char)) {
                    self.next();
                    name.push(char);
                }
            }
        }
        name
    }

    fn look_up(&mut self, name: String, start: usize, form: Form) -> Binding<'v> {
        let binding = (self.lookup)(&name);
        let range = start..self.offset();
        self.uses.push(Use { name, range, form });
        binding
    }

    fn peek(&mut self) -> Option<char> {
        self.chars.peek().map(|(_, char)| *char)
    }

    fn next(&mut self) -> Option<char> {
        self.chars.next().map(|(_, char)| char)
    }

    fn next_if(&mut self, wanted: char) -> bool {
        self.chars.next_if(|(_, char)| *char == wanted).is_some()
    }

    /// Where the next character stands.
    fn offset(&mut self) -> usize {
        self.chars.peek().map_or(self.source.len(), |(offset, _)| *offset)
    }

    fn error(&mut self, start: usize, message: impl Into<String>) -> ExpandError {
        ExpandError { message: message.into(), range: start..self.offset() }
    }
}

fn value_of(binding: &Binding<'_>) -> Text {
    match binding {
        Binding::Set(value) => Text::known(value.as_ref()),
        Binding::Unset => Text::default(),
        Binding::Unknown(reason) => Text::unknown(reason.clone()),
    }
}

fn is_name_char(char: char) -> bool {
    char.is_alphabetic() || char.is_ascii_digit() || char == '_'
}
