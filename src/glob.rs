//! Glob patterns over `/`-separated paths: Go's path matching, and the `**` that ignore files add to it.
//!
//! Invariant: matching takes time proportional to pattern × name, whatever the stars.

/// A pattern that no name can be matched against: an open bracket, a bad range, or an escape at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("bad pattern")]
pub struct BadPattern;

/// A pattern, ready to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    form: Form,
}

/// Most patterns are plain enough to need no automaton.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// The whole name is this text.
    Exact(String),
    /// The name begins with this text: `dir/**`.
    Prefix(String),
    /// The name ends with this text, or is it but for a leading `/`: `**/name`.
    Suffix(String),
    /// Anything else: an automaton with one state per token and one at the end.
    Tokens(Vec<Token>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// This character.
    Char(char),
    /// `?`: any character but `/`.
    AnyChar,
    /// `[…]`: may well match `/`.
    Class { negated: bool, ranges: Vec<(char, char)> },
    /// `*`: any number of characters but `/`.
    Star,
    /// `**` at the end: anything.
    Everything,
    /// `**` before more: go on, or pass through the [`Token::Directories`] that follows.
    MaybeDirectories,
    /// Any number of characters, the last one a `/`.
    Directories,
}

/// Whether Go's path matching would see a wildcard in `pattern`.
pub fn has_wildcard(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => drop(chars.next()),
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

/// Go's `path.Match`: whether all of `name` matches `pattern`. A bad pattern is one for every name.
pub fn matches(pattern: &str, name: &str) -> Result<bool, BadPattern> {
    Ok(Glob::path(pattern)?.matches(name))
}

impl Glob {
    /// A pattern of Go's path matching, as in the sources of COPY: `**` is no more than `*`.
    pub fn path(pattern: &str) -> Result<Self, BadPattern> {
        let tokens = tokens(pattern)?;
        let literal = tokens.iter().map(|token| if let Token::Char(char) = token { Some(*char) } else { None });
        let form = match literal.collect::<Option<String>>() {
            Some(text) => Form::Exact(text),
            None => Form::Tokens(tokens),
        };
        Ok(Self { form })
    }

    /// A cleaned pattern of an ignore file: `**` crosses any number of directories.
    pub fn ignore(pattern: &str) -> Result<Self, BadPattern> {
        // Bad is what Go's matching calls bad, before `**` gets its meaning.
        let plain = tokens(pattern)?;
        let mut tokens: Vec<Token> = Vec::with_capacity(plain.len() + 1);
        let mut plain = plain.into_iter().peekable();
        while let Some(token) = plain.next() {
            if token != Token::Star || plain.peek() != Some(&Token::Star) {
                tokens.push(token);
                continue;
            }
            plain.next();
            plain.next_if_eq(&Token::Char('/'));
            match plain.peek() {
                None => tokens.push(Token::Everything),
                Some(_) => tokens.extend([Token::MaybeDirectories, Token::Directories]),
            }
        }
        Ok(Self { form: simplest(pattern, tokens) })
    }

    /// Whether all of `name` matches.
    pub fn matches(&self, name: &str) -> bool {
        match &self.form {
            Form::Exact(text) => text == name,
            Form::Prefix(text) => name.starts_with(text.as_str()),
            Form::Suffix(text) => name.ends_with(text.as_str()) || text.strip_prefix('/') == Some(name),
            Form::Tokens(tokens) => may_match(tokens, name) && run(tokens, name)[tokens.len()],
        }
    }

    /// Whether some path below `directory` may match.
    pub fn may_match_below(&self, directory: &str) -> bool {
        let inside = format!("{directory}/");
        match &self.form {
            Form::Exact(text) => text.starts_with(&inside),
            Form::Prefix(text) => text.starts_with(&inside) || inside.starts_with(text.as_str()),
            Form::Suffix(_) => true,
            Form::Tokens(tokens) => run(tokens, &inside).contains(&true),
        }
    }
}

/// The cheapest form of a pattern of an ignore file.
///
/// A leading `**` before plain text is a test of the name's end even without a slash: `**x` matches `ax`, which the
/// general meaning of `**` would not give. That is how ignore files have always been read.
fn simplest(pattern: &str, tokens: Vec<Token>) -> Form {
    let text_of = |tokens: &[Token]| -> Option<String> {
        tokens.iter().map(|token| if let Token::Char(char) = token { Some(*char) } else { None }).collect()
    };
    // A backslash makes the pattern general, so that `**\x` is not a test of the end.
    let escaped = pattern.contains('\\');
    match tokens.as_slice() {
        [Token::Everything] => Form::Suffix(String::new()),
        [Token::MaybeDirectories, Token::Directories, rest @ ..] if !escaped && text_of(rest).is_some() => {
            Form::Suffix(pattern[2..].to_owned())
        }
        [start @ .., Token::Everything] if !escaped && text_of(start).is_some() => {
            Form::Prefix(pattern.trim_end_matches('*').to_owned())
        }
        all => match text_of(all) {
            Some(text) => Form::Exact(text),
            None => Form::Tokens(tokens),
        },
    }
}

/// Whether the plain characters at both ends of the pattern are those of `name`: for most names they are not.
fn may_match(tokens: &[Token], name: &str) -> bool {
    fn agree<'t>(tokens: impl Iterator<Item = &'t Token>, mut chars: impl Iterator<Item = char>) -> bool {
        let mut plain = tokens.map_while(|token| if let Token::Char(char) = token { Some(*char) } else { None });
        plain.all(|char| chars.next() == Some(char))
    }
    agree(tokens.iter(), name.chars()) && agree(tokens.iter().rev(), name.chars().rev())
}

/// Which states can be reached by reading all of `name`.
fn run(tokens: &[Token], name: &str) -> Vec<bool> {
    let mut now = vec![false; tokens.len() + 1];
    let mut next = now.clone();
    enter(tokens, &mut now, 0);
    for char in name.chars() {
        next.fill(false);
        for (state, token) in tokens.iter().enumerate().filter(|(state, _)| now[*state]) {
            match token {
                Token::Char(expected) if *expected == char => enter(tokens, &mut next, state + 1),
                Token::AnyChar if char != '/' => enter(tokens, &mut next, state + 1),
                Token::Class { negated, ranges }
                    if ranges.iter().any(|(low, high)| (low..=high).contains(&&char)) != *negated =>
                {
                    enter(tokens, &mut next, state + 1);
                }
                Token::Star if char != '/' => enter(tokens, &mut next, state),
                Token::Everything => enter(tokens, &mut next, state),
                Token::Directories => {
                    enter(tokens, &mut next, state);
                    if char == '/' {
                        enter(tokens, &mut next, state + 1);
                    }
                }
                _ => {}
            }
        }
        std::mem::swap(&mut now, &mut next);
    }
    now
}

/// Marks `state`, and the states that follow it without reading anything.
fn enter(tokens: &[Token], states: &mut [bool], mut state: usize) {
    while !states[state] {
        states[state] = true;
        match tokens.get(state) {
            Some(Token::Star | Token::Everything) => state += 1,
            Some(Token::MaybeDirectories) => {
                states[state + 1] = true;
                state += 2;
            }
            _ => return,
        }
    }
}

fn tokens(pattern: &str) -> Result<Vec<Token>, BadPattern> {
    let mut tokens = Vec::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(char) = chars.next() {
        tokens.push(match char {
            '*' => Token::Star,
            '?' => Token::AnyChar,
            '\\' => Token::Char(chars.next().ok_or(BadPattern)?),
            '[' => class(&mut chars)?,
            char => Token::Char(char),
        });
    }
    Ok(tokens)
}

/// What follows a `[`. A `]` right behind the opening bracket does not close the class; it is an error there.
fn class(chars: &mut std::str::Chars<'_>) -> Result<Token, BadPattern> {
    let negated = chars.as_str().starts_with('^');
    if negated {
        chars.next();
    }
    let mut ranges = Vec::new();
    loop {
        if chars.as_str().starts_with(']') && !ranges.is_empty() {
            chars.next();
            return Ok(Token::Class { negated, ranges });
        }
        let low = class_char(chars)?;
        let high = match chars.as_str().starts_with('-') {
            true => {
                chars.next();
                class_char(chars)?
            }
            false => low,
        };
        ranges.push((low, high));
    }
}

fn class_char(chars: &mut std::str::Chars<'_>) -> Result<char, BadPattern> {
    match chars.next() {
        None | Some('-' | ']') => Err(BadPattern),
        Some('\\') => chars.next().ok_or(BadPattern),
        Some(char) => Ok(char),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match_as_in_go() {
        for (pattern, name, expected) in [
            ("*", "", true),
            ("*", ".hidden", true),
            ("*", "a/b", false),
            ("*/b", "a/b", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b", false),
            ("?", "é", true),
            ("?", "", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[[]x", "[x", true),
            ("[\\]]x", "]x", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("**", "a/b", false),
            ("ab", "a", false),
        ] {
            assert_eq!(matches(pattern, name), Ok(expected), "{pattern} against {name}");
        }
    }

    #[test]
    fn open_brackets_and_escapes_are_bad_whatever_the_name() {
        for pattern in ["[", "[a", "[]", "[]a]", "[a-]", "[-a]", "a\\", "[\\"] {
            assert_eq!(matches(pattern, "zzz"), Err(BadPattern), "{pattern}");
        }
    }

    #[test]
    fn a_walk_enters_only_what_may_lead_to_a_match() {
        let may_enter = |pattern: &str, directory| Glob::path(pattern).expect("a pattern").may_match_below(directory);
        assert!(may_enter("*/x", "a"));
        assert!(!may_enter("*", "a"));
        assert!(!may_enter("a*/x", "b"));
        assert!(!may_enter("*/x", "a/b"));
    }
}
