//! Wildcards of COPY and ADD sources: one component of a path against one component of a pattern.
//!
//! The language is Go's `path.Match`: `*`, `?`, `[a-z]`, `[^a]`, backslash. Because no wildcard crosses a slash, a
//! pattern is matched component by component, and a walk enters only directories that can lead to a hit.

/// A pattern that cannot be read: a bracket or an escape is left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// Whether `component` holds a wildcard at all (an escaped one does not count).
pub fn is_wildcard(component: &[u8]) -> bool {
    let mut bytes = component.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'*' | b'?' | b'[' => return true,
            _ => {}
        }
    }
    false
}

/// Whether the whole of `name` matches `pattern`. A malformed pattern is an error for every name.
pub fn matches(pattern: &[u8], name: &[u8]) -> Result<bool, Malformed> {
    let tokens = tokens(pattern)?;
    // Where to go back to: the token after the last star, and how much of the name that star has eaten.
    let mut retry: Option<(usize, usize)> = None;
    let (mut token, mut at) = (0, 0);
    loop {
        match tokens.get(token) {
            Some(Token::Star) => {
                retry = Some((token + 1, at));
                token += 1;
                continue;
            }
            Some(Token::One(one)) if at < name.len() => {
                let (character, width) = decode(&name[at..]);
                if one.accepts(character) {
                    token += 1;
                    at += width;
                    continue;
                }
            }
            None if at == name.len() => return Ok(true),
            _ => {}
        }
        match retry {
            Some((after_star, eaten)) if eaten < name.len() => {
                let eaten = eaten + decode(&name[eaten..]).1;
                retry = Some((after_star, eaten));
                (token, at) = (after_star, eaten);
            }
            _ => return Ok(false),
        }
    }
}

enum Token {
    Star,
    One(One),
}

enum One {
    Any,
    Exactly(u32),
    Class { negated: bool, ranges: Vec<(u32, u32)> },
}

impl One {
    fn accepts(&self, character: u32) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(expected) => *expected == character,
            Self::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != *negated
            }
        }
    }
}

fn tokens(pattern: &[u8]) -> Result<Vec<Token>, Malformed> {
    let mut tokens = Vec::new();
    let mut rest = pattern;
    while let Some(&byte) = rest.first() {
        match byte {
            b'*' => {
                rest = &rest[1..];
                tokens.push(Token::Star);
            }
            b'?' => {
                rest = &rest[1..];
                tokens.push(Token::One(One::Any));
            }
            b'[' => {
                let (class, after) = class(&rest[1..])?;
                rest = after;
                tokens.push(Token::One(class));
            }
            b'\\' => {
                let (character, width) = decode(rest.get(1..).filter(|rest| !rest.is_empty()).ok_or(Malformed)?);
                rest = &rest[1 + width..];
                tokens.push(Token::One(One::Exactly(character)));
            }
            _ => {
                let (character, width) = decode(rest);
                rest = &rest[width..];
                tokens.push(Token::One(One::Exactly(character)));
            }
        }
    }
    Ok(tokens)
}

fn class(mut rest: &[u8]) -> Result<(One, &[u8]), Malformed> {
    let negated = rest.first() == Some(&b'^');
    if negated {
        rest = &rest[1..];
    }
    let mut ranges = Vec::new();
    loop {
        // A bracket right after the opening one does not close the class; it is no valid character either.
        if rest.first() == Some(&b']') && !ranges.is_empty() {
            return Ok((One::Class { negated, ranges }, &rest[1..]));
        }
        let (low, after) = class_character(rest)?;
        rest = after;
        let mut high = low;
        if rest.first() == Some(&b'-') {
            (high, rest) = class_character(&rest[1..])?;
        }
        ranges.push((low, high));
    }
}

fn class_character(rest: &[u8]) -> Result<(u32, &[u8]), Malformed> {
    let rest = match rest.first() {
        None | Some(b'-' | b']') => return Err(Malformed),
        Some(b'\\') => &rest[1..],
        Some(_) => rest,
    };
    if rest.is_empty() {
        return Err(Malformed);
    }
    let (character, width) = decode(rest);
    Ok((character, &rest[width..]))
}

/// The first character of `bytes` and its width. A byte that is no UTF-8 counts as one character of its own, above
/// all real ones.
fn decode(bytes: &[u8]) -> (u32, usize) {
    let head = &bytes[..bytes.len().min(4)];
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
    };
    match valid.chars().next() {
        Some(character) => (character as u32, character.len_utf8()),
        None => (0x11_0000 + u32::from(bytes[0]), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, name: &str) -> Result<bool, Malformed> {
        matches(pattern.as_bytes(), name.as_bytes())
    }

    #[test]
    fn wildcards_match_as_in_go() {
        for (pattern, name, expected) in [
            ("*", "", true),
            ("*", ".hidden", true),
            ("*.txt", "notes.txt", true),
            ("*.txt", "notes.txt.bak", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b", false),
            ("?", "é", true),
            ("?", "", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[^a-c]x", "dx", true),
            ("[[]x", "[x", true),
            ("[\\]]x", "]x", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("**", "anything", true),
            ("ab", "a", false),
        ] {
            assert_eq!(check(pattern, name), Ok(expected), "{pattern} against {name}");
        }
    }

    #[test]
    fn open_brackets_and_escapes_are_malformed_whatever_the_name() {
        for pattern in ["[", "[a", "[]", "[]a]", "[a-]", "[-a]", "a\\", "[\\"] {
            assert_eq!(check(pattern, "zzz"), Err(Malformed), "{pattern}");
        }
    }

    #[test]
    fn an_escaped_wildcard_is_none() {
        assert!(is_wildcard(b"a*"));
        assert!(is_wildcard(b"[[]"));
        assert!(!is_wildcard(b"a\\*b"));
    }

    #[test]
    fn bytes_that_are_no_text_are_matched_one_by_one() {
        assert_eq!(matches(b"a?b", b"a\xffb"), Ok(true));
        assert_eq!(matches(b"a\xffb", b"a\xffb"), Ok(true));
        assert_eq!(matches(b"a\xfeb", b"a\xffb"), Ok(false));
    }
}
