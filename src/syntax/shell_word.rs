//! Shell words of an instruction line, as BuildKit's lexer splits them where it looks for heredocs.
//!
//! No variable has a value here and backslash is the escape, whatever the directive says. What the lexer cannot read (an
//! open quote, a substitution that it does not know) leaves the line without words, and so without heredocs.
//! Knows nothing of heredocs but that blanks may stand behind `<<`.

use std::ops::Range;

/// Substitutions nested deeper than this are not followed: the lexer is recursive, and nobody writes them.
const DEEPEST: usize = 64;

/// What the lexer leaves of quotes and escapes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keep {
    pub(super) quotes: bool,
    pub(super) escapes: bool,
}

impl Keep {
    /// Everything stays as written.
    pub(super) const ALL: Keep = Keep { quotes: true, escapes: true };
    /// Quotes stay, escapes are resolved.
    pub(super) const QUOTES: Keep = Keep { quotes: true, escapes: false };
    /// Quotes and escapes are resolved.
    pub(super) const NONE: Keep = Keep { quotes: false, escapes: false };
}

/// A word and where it stands in the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ShellWord {
    pub(super) text: String,
    pub(super) range: Range<usize>,
}

/// The words of `line`; none when it cannot be read.
pub(super) fn split(line: &str, keep: Keep) -> Option<Vec<ShellWord>> {
    let mut lexer = Lexer { line, at: 0, keep, depth: 0, buffer: String::new(), range: 0..0 };
    let mut words = Words::default();
    lexer.until(None, &mut words)?;
    Some(words.words)
}

#[derive(Default)]
struct Words {
    words: Vec<ShellWord>,
    /// Whether a word has begun, be it an empty one in quotes.
    begun: bool,
}

struct Lexer<'a> {
    line: &'a str,
    at: usize,
    keep: Keep,
    depth: usize,
    /// The word being read. All depths share it: what stands before a substitution with an operator is lost, and a
    /// marker glued to one is none. BuildKit's lexer does so, and heredocs follow from it.
    buffer: String,
    range: Range<usize>,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        self.line[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Reads up to `stop`, or to the end; the text read, escapes and quotes as `keep` says.
    fn until(&mut self, stop: Option<char>, words: &mut Words) -> Option<String> {
        let mut text = String::new();
        self.buffer.clear();
        while let Some(c) = self.peek() {
            let start = self.at;
            if Some(c) == stop {
                self.next();
                self.finish(words);
                return Some(text);
            }
            let part = match c {
                '$' => {
                    let part = self.dollar()?;
                    part.chars().for_each(|c| self.add(c, start, words));
                    part
                }
                '\'' | '"' | '<' => {
                    let part = match c {
                        '\'' => self.single_quoted()?,
                        '"' => self.double_quoted()?,
                        _ => self.less_than(),
                    };
                    self.add_text(&part, start, words);
                    part
                }
                '\\' => {
                    self.next();
                    let mut part = String::new();
                    if self.keep.escapes {
                        part.push(c);
                    }
                    part.extend(self.next());
                    if !part.is_empty() {
                        self.add_text(&part, start, words);
                    }
                    part
                }
                c => {
                    self.next();
                    self.add(c, start, words);
                    c.into()
                }
            };
            text.push_str(&part);
        }
        self.finish(words);
        stop.is_none().then_some(text)
    }

    /// Adds a character that, when it is a blank, ends the word.
    fn add(&mut self, c: char, start: usize, words: &mut Words) {
        if !c.is_whitespace() {
            self.add_text(c.encode_utf8(&mut [0; 4]), start, words);
        } else if words.begun {
            self.finish(words);
        }
    }

    fn add_text(&mut self, text: &str, start: usize, words: &mut Words) {
        if self.buffer.is_empty() {
            self.range.start = start;
        }
        self.range.end = self.at;
        self.buffer.push_str(text);
        words.begun = true;
    }

    fn finish(&mut self, words: &mut Words) {
        if !self.buffer.is_empty() {
            words.words.push(ShellWord { text: std::mem::take(&mut self.buffer), range: self.range.clone() });
            words.begun = false;
        }
    }

    fn quote(&self, text: &mut String, quote: char) {
        if self.keep.quotes {
            text.push(quote);
        }
    }

    fn single_quoted(&mut self) -> Option<String> {
        self.next();
        let length = self.line[self.at..].find('\'')?;
        let mut text = String::new();
        self.quote(&mut text, '\'');
        text.push_str(&self.line[self.at..self.at + length]);
        self.quote(&mut text, '\'');
        self.at += length + 1;
        Some(text)
    }

    fn double_quoted(&mut self) -> Option<String> {
        self.next();
        let mut text = String::new();
        self.quote(&mut text, '"');
        loop {
            match self.peek()? {
                '"' => {
                    self.next();
                    self.quote(&mut text, '"');
                    return Some(text);
                }
                '$' => text.push_str(&self.dollar()?),
                '\\' => {
                    self.next();
                    if self.keep.escapes {
                        text.push('\\');
                    }
                    match self.peek()? {
                        '"' | '$' | '\\' => text.extend(self.next()),
                        // A backslash before anything else is kept, here a second time when escapes are kept.
                        _ => text.push('\\'),
                    }
                }
                c => {
                    self.next();
                    text.push(c);
                }
            }
        }
    }

    /// `<`, or `<<` with the blanks behind it: a delimiter may follow after blanks.
    fn less_than(&mut self) -> String {
        let start = self.at;
        self.next();
        if self.peek() == Some('<') {
            self.next();
            while matches!(self.peek(), Some('\t' | '\r' | ' ')) {
                self.next();
            }
        }
        self.line[start..self.at].to_owned()
    }

    /// A variable, which stays as it is.
    fn dollar(&mut self) -> Option<String> {
        self.next();
        if self.peek() != Some('{') {
            return Some(format!("${}", self.name()));
        }
        self.next();
        if matches!(self.peek()?, '{' | '}' | ':') {
            return None;
        }
        let name = self.name();
        match self.next()? {
            '}' => Some(format!("${{{name}}}")),
            ':' => {
                let operator = self.next()?;
                // `:#` and `:%` are no operators; of the others even unknown ones pass while the variable is unset.
                let word = if matches!(operator, '#' | '%') { return None } else { self.nested('}', false)? };
                Some(format!("${{{name}:{operator}{word}}}"))
            }
            operator @ ('+' | '-' | '?' | '#' | '%') => {
                let word = self.nested('}', matches!(operator, '#' | '%'))?;
                Some(format!("${{{name}{operator}{word}}}"))
            }
            '/' => {
                if self.peek() == Some('/') {
                    self.next();
                }
                let pattern = self.nested('/', true)?;
                let replacement = self.nested('}', true)?;
                Some(format!("${{{name}/{pattern}/{replacement}}}"))
            }
            _ => None,
        }
    }

    fn nested(&mut self, stop: char, escapes: bool) -> Option<String> {
        if self.depth == DEEPEST {
            return None;
        }
        let outer = self.keep.escapes;
        self.keep.escapes = escapes;
        self.depth += 1;
        let text = self.until(Some(stop), &mut Words::default());
        self.depth -= 1;
        self.keep.escapes = outer;
        text
    }

    /// A variable's name: a number, one special character, or letters, digits and underscores; empty when there is none.
    fn name(&mut self) -> String {
        let rest = &self.line[self.at..];
        let length = match rest.chars().next() {
            Some(c) if c.is_numeric() => rest.find(|c: char| !c.is_numeric()).unwrap_or(rest.len()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            _ => rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len()),
        };
        self.at += length;
        rest[..length].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str, keep: Keep) -> Option<Vec<String>> {
        Some(split(line, keep)?.into_iter().map(|word| word.text).collect())
    }

    fn owned(words: &[&str]) -> Option<Vec<String>> {
        Some(words.iter().map(|&word| word.to_owned()).collect())
    }

    #[test]
    fn blanks_outside_quotes_and_escapes_separate() {
        assert_eq!(words(r#"a "b c"'d e' f\ g"#, Keep::ALL), owned(&["a", r#""b c"'d e'"#, r"f\ g"]));
        assert_eq!(words(r#"a "b c"'d e' f\ g"#, Keep::NONE), owned(&["a", "b cd e", "f g"]));
        assert_eq!(words("<<  EOF x", Keep::ALL), owned(&["<<  EOF", "x"]));
        assert_eq!(words("'' a", Keep::NONE), owned(&["a"]));
    }

    #[test]
    fn variables_stay() {
        assert_eq!(words("a$b ${c} $1x $", Keep::NONE), owned(&["a$b", "${c}", "$1x", "$"]));
        assert_eq!(words("a${b:-c d}", Keep::NONE), owned(&["${b:-c", "d}"]));
        assert_eq!(words("${a//b/${c/d/e}}", Keep::NONE), owned(&["${a/b/${c/d/e}}"]));
    }

    #[test]
    fn what_cannot_be_read_has_no_words() {
        for line in ["'a", "\"a", "${a", "${}", "${:a}", "${a=b}", "${a:#b}", "${a/b}", "\"${a\"", "${${a}}"] {
            assert_eq!(words(line, Keep::ALL), None, "{line}");
        }
        assert_eq!(words(&"${a-".repeat(100_000), Keep::ALL), None);
    }
}
