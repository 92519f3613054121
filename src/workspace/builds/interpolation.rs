//! How Compose fills in variables: `$NAME`, `${NAME:-default}`, `$$` for a dollar. The environment of whoever runs
//! Compose is not known here, so that a variable stands for what the `.env` file says, for its default, or for nothing
//! that can be known.

use super::Setting;
use super::dotenv::Env;
use super::transcript::Transcript;
use crate::text::Span;

/// Defaults within defaults deeper than this are not followed.
const DEEPEST: usize = 16;

/// A part of a text, and what Compose makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// It stays as it is.
    Same(Span),
    /// It becomes this text.
    Becomes(Span, String),
    /// It becomes something that nobody here knows.
    Unknown(Span),
}

/// The parts of a text, in order.
fn parts_at(text: &str, env: &Env, depth: usize) -> Vec<Part> {
    let (mut parts, mut done) = (Vec::new(), 0);
    while let Some(found) = text[done..].find('$') {
        let start = done + found;
        if start > done {
            parts.push(Part::Same(Span::new(done, start)));
        }
        let (end, value) = variable(text, start, env, depth);
        let span = Span::new(start, end);
        parts.push(value.map_or(Part::Unknown(span), |value| Part::Becomes(span, value)));
        done = end;
    }
    if done < text.len() {
        parts.push(Part::Same(Span::new(done, text.len())));
    }
    parts
}

/// The whole text with its variables filled in, if all of them are known.
pub(super) fn filled(text: &str, env: &Env) -> Setting {
    filled_at(text, env, 0)
}

fn filled_at(text: &str, env: &Env, depth: usize) -> Setting {
    let mut filled = String::new();
    for part in parts_at(text, env, depth) {
        match part {
            Part::Same(span) => filled.push_str(&text[span.range()]),
            Part::Becomes(_, value) => filled.push_str(&value),
            Part::Unknown(_) => return None,
        }
    }
    Some(filled)
}

/// The text with its variables filled in where they are known, and left where they are not.
pub(super) fn transcript(written: &Transcript, env: &Env) -> Transcript {
    let mut filled = Transcript::default();
    for part in parts_at(written.text(), env, 0) {
        match part {
            Part::Same(span) => filled.append(written, span),
            Part::Becomes(span, dollar) if written.text()[span.range()] == *"$$" => {
                filled.make(&dollar, written.outward(span));
            }
            Part::Becomes(span, value) => filled.fill(&value, written, span),
            Part::Unknown(span) => filled.leave(written, span),
        }
    }
    filled
}

/// The variable that begins with the dollar at `start`: where it ends, and its value where that is known.
fn variable(text: &str, start: usize, env: &Env, depth: usize) -> (usize, Setting) {
    let rest = &text[start + 1..];
    if rest.starts_with('$') {
        return (start + 2, Some("$".to_owned()));
    }
    let Some(braced) = rest.strip_prefix('{') else {
        let name = &rest[..name_length(rest)];
        return (start + 1 + name.len(), env.get(name).cloned().flatten());
    };
    let Some(length) = closing_brace(braced) else { return (text.len(), None) };
    (start + 2 + length + 1, of_braces(&braced[..length], env, depth))
}

/// What stands between braces: a name, and what is to be done where it is set or not.
fn of_braces(inside: &str, env: &Env, depth: usize) -> Setting {
    let (name, after) = inside.split_at(name_length(inside));
    let other = |word: &str| if depth < DEEPEST { filled_at(word, env, depth + 1) } else { None };
    let (is_empty_too, operation) = after.strip_prefix(':').map_or((false, after), |operation| (true, operation));
    let set = env.get(name);
    // Whether the variable counts as set; where nothing names it, whoever runs Compose may set it.
    let counts = match set {
        Some(Some(value)) => Some(!is_empty_too || !value.is_empty()),
        Some(None) => (!is_empty_too).then_some(true),
        None => None,
    };
    match (operation.chars().next(), counts) {
        (None, _) if !is_empty_too => set.cloned().flatten(),
        (Some('-' | '?'), Some(true)) => set.cloned().flatten(),
        (Some('-'), Some(false)) => other(&operation[1..]),
        (Some('-'), None) if set.is_none() => other(&operation[1..]),
        (Some('+'), Some(true)) => other(&operation[1..]),
        (Some('+'), Some(false)) => Some(String::new()),
        _ => None,
    }
}

fn name_length(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// Where the brace closes that was opened before `text`; variables within have braces of their own.
fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' if text[..at].ends_with('$') => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled_in(text: &str, env: &str) -> Setting {
        filled(text, &Env::read(env))
    }

    #[test]
    fn defaults_are_filled_in() {
        let known = |text: &str| filled_in(text, "");
        assert_eq!(known("a-${X:-b}-${Y-c}").as_deref(), Some("a-b-c"));
        assert_eq!(known("${X:-${Y:-d}}/e").as_deref(), Some("d/e"));
        assert_eq!(known("${X:-}").as_deref(), Some(""));
        assert_eq!(known("$$HOME and $${X}").as_deref(), Some("$HOME and ${X}"));
    }

    #[test]
    fn what_the_env_file_says_is_filled_in() {
        let known = |text: &str| filled_in(text, "X=x\nE=\nU\n");
        assert_eq!(known("$X ${X} ${X:-d} ${X-d} ${X:?no} ${X?no}").as_deref(), Some("x x x x x x"));
        assert_eq!(known("[$E] [${E:-d}] [${E-d}] [${E?no}]").as_deref(), Some("[] [d] [] []"));
        assert_eq!(known("[${X:+y}] [${X+y}] [${E:+y}] [${E+y}] [${U+y}]").as_deref(), Some("[y] [y] [] [y] [y]"));
        for text in ["$U", "${U:-d}", "${U-d}", "${U:+y}", "${E:?no}", "${X:}", "${X:=y}"] {
            assert_eq!(known(text), None, "{text}");
        }
    }

    #[test]
    fn the_environment_is_not_known() {
        for text in ["$X", "${X}", "${X:?no}", "${X?no}", "${X:+y}", "${X+y}", "${X:-${Y}}", "${X", "$", "a$ b"] {
            assert_eq!(filled_in(text, ""), None, "{text}");
        }
    }

    #[test]
    fn parts_cover_the_text() {
        for text in ["", "a", "$$", "é${X:-é}é$Yé", "${", "$", "${a${b}c}d"] {
            let mut end = 0;
            for part in parts_at(text, &Env::default(), 0) {
                let (Part::Same(span) | Part::Becomes(span, _) | Part::Unknown(span)) = part;
                assert_eq!(span.start, end);
                end = span.end;
            }
            assert_eq!(end, text.len(), "{text}");
        }
    }
}
