//! The patterns of `${name#pattern}` and `${name/pattern/replacement}`: `*` and `?`, no brackets.
//!
//! Invariant: neither `*` nor `?` matches a newline, as in the regular expressions that builders make of them.

use regex::Regex;

/// A pattern, taken apart.
pub(super) struct Pattern {
    tokens: Vec<Token>,
}

#[derive(Clone, Copy)]
enum Token {
    /// `*`
    Any,
    /// `?`
    One,
    /// This character.
    Char(char),
}

/// Which of several matches counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Shortest,
    Longest,
}

impl Pattern {
    /// Reads a pattern; the error says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut tokens = Vec::with_capacity(text.len());
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            tokens.push(match char {
                '*' => Token::Any,
                '?' => Token::One,
                // `}` and `/` are escaped only to get past the end of the substitution.
                '\\' if matches!(chars.peek(), Some('}' | '/')) => continue,
                '\\' => match chars.next() {
                    Some(char @ ('*' | '?' | '\\')) => Token::Char(char),
                    Some(char) => return Err(format!("invalid escape '\\{char}'")),
                    None => return Err("the escape at the end protects nothing".to_owned()),
                },
                char => Token::Char(char),
            });
        }
        Ok(Self { tokens })
    }

    /// `text` without the part at its beginning that matches.
    pub(super) fn trim_start(&self, text: &str, extent: Extent) -> Result<String, String> {
        let matching = compile("^", self.tokens.iter(), extent)?;
        Ok(matching.find(text).map_or(text, |found| &text[found.end()..]).to_owned())
    }

    /// `text` without the part at its end that matches. Both are reversed first: a search knows only the shortest
    /// match from the left.
    pub(super) fn trim_end(&self, text: &str, extent: Extent) -> Result<String, String> {
        let matching = compile("^", self.tokens.iter().rev(), extent)?;
        let reversed: String = text.chars().rev().collect();
        let kept = matching.find(&reversed).map_or(reversed.as_str(), |found| &reversed[found.end()..]);
        Ok(kept.chars().rev().collect())
    }

    /// `text` with the first match replaced.
    pub(super) fn replace_first(&self, text: &str, replacement: &str) -> Result<String, String> {
        let matching = compile("", self.tokens.iter(), Extent::Longest)?;
        Ok(matching.replacen(text, 1, regex::NoExpand(replacement)).into_owned())
    }

    /// `text` with every match replaced. Here, unlike in [`Self::replace_first`], a literal `$` of the replacement
    /// refers to groups of the match, of which there is only the whole one.
    pub(super) fn replace_all(&self, text: &str, replacement: &str) -> Result<String, String> {
        let matching = compile("", self.tokens.iter(), Extent::Longest)?;
        Ok(matching.replace_all(text, |found: &regex::Captures<'_>| fill(replacement, &found[0])).into_owned())
    }
}

fn compile<'a>(start: &str, tokens: impl Iterator<Item = &'a Token>, extent: Extent) -> Result<Regex, String> {
    let mut expression = start.to_owned();
    for token in tokens {
        match token {
            Token::Any if extent == Extent::Longest => expression.push_str(".*"),
            Token::Any => expression.push_str(".*?"),
            Token::One => expression.push('.'),
            Token::Char(char) => expression.push_str(&regex::escape(char.encode_utf8(&mut [0; 4]))),
        }
    }
    Regex::new(&expression).map_err(|_| "it is too long".to_owned())
}

/// The replacement with `$0`, `${0}` and `$$` filled in and any other group empty.
fn fill(replacement: &str, whole: &str) -> String {
    let mut filled = String::with_capacity(replacement.len());
    let mut rest = replacement;
    while let Some((before, after)) = rest.split_once('$') {
        filled.push_str(before);
        let (group, skipped) = match after.strip_prefix('{') {
            Some(inside) => match inside.split_once('}') {
                Some((name, _)) => (name, name.len() + 2),
                None => ("", 0),
            },
            None => {
                let end = after.find(|char: char| !(char.is_alphanumeric() || char == '_')).unwrap_or(after.len());
                (&after[..end], end)
            }
        };
        let is_name = !group.is_empty() && group.chars().all(|char| char.is_alphanumeric() || char == '_');
        rest = match after.strip_prefix('$') {
            Some(after) => {
                filled.push('$');
                after
            }
            None if is_name => {
                if group == "0" {
                    filled.push_str(whole);
                }
                &after[skipped..]
            }
            None => {
                filled.push('$');
                after
            }
        };
    }
    filled + rest
}
