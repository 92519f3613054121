//! The `.env` file beside a Compose file: the values that variables have where the environment of whoever runs Compose
//! says nothing else. As with defaults, what it says is taken for what is meant.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Setting;
use super::fragment::joined;
use super::interpolation::filled;

/// The variables of a project: none for the value where that is written in a way that is not followed here.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Env {
    values: BTreeMap<String, Setting>,
}

impl Env {
    /// Where Compose looks for it.
    pub(super) fn beside(folder: &Path) -> PathBuf {
        joined(folder, ".env")
    }

    /// What the file says of a variable; nothing where it does not name it.
    pub(super) fn get(&self, name: &str) -> Option<&Setting> {
        self.values.get(name)
    }

    /// This one, and what it leaves out from `below`.
    pub(super) fn over(self, below: Self) -> Self {
        Self { values: below.values.into_iter().chain(self.values).collect() }
    }

    /// The variables of a text like `NAME=value # why`, `export NAME='value'`, `NAME: "${OTHER}"`. Later lines may use
    /// what earlier ones set.
    pub(super) fn read(text: &str) -> Self {
        let mut env = Self::default();
        let mut rest = text.trim_start_matches('\u{feff}');
        while let Some((name, value)) = next(&mut rest) {
            let value = match value {
                Written::Plain(text) | Written::Double(text) => filled(text, &env),
                Written::Single(text) => Some(text.to_owned()),
                Written::Unknown => None,
            };
            env.values.insert(name.to_owned(), value);
        }
        env
    }
}

/// How a value is written.
enum Written<'a> {
    Plain(&'a str),
    Single(&'a str),
    Double(&'a str),
    /// In a way that is not followed here, or not at all: then the environment has it.
    Unknown,
}

/// The next variable, and what is behind it. Lines that are none are passed over.
fn next<'a>(rest: &mut &'a str) -> Option<(&'a str, Written<'a>)> {
    while !rest.is_empty() {
        let line = rest.split('\n').next().unwrap_or_default();
        let behind = rest.get(line.len() + 1..).unwrap_or_default();
        let words = line.trim_start();
        let words = words.strip_prefix("export ").unwrap_or(words).trim_start();
        let name = &words[..words.find(|c: char| !is_of_name(c)).unwrap_or(words.len())];
        if name.is_empty() {
            *rest = behind;
            continue;
        }
        let after = words[name.len()..].trim_start();
        let Some(value) = after.strip_prefix(['=', ':']) else {
            *rest = behind;
            return Some((name, Written::Unknown));
        };
        let value = value.trim_start_matches([' ', '\t']);
        let at = &rest[line.len() - value.len()..];
        let (value, behind) = match at.chars().next() {
            Some(quote @ ('\'' | '"')) => quoted(&at[1..], quote),
            _ => (Written::Plain(plain(value)), behind),
        };
        *rest = behind;
        return Some((name, value));
    }
    None
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// A value without quotes: as far as a comment goes.
fn plain(value: &str) -> &str {
    let comment = value.match_indices('#').find(|(at, _)| *at == 0 || value[..*at].ends_with([' ', '\t']));
    value[..comment.map_or(value.len(), |(at, _)| at)].trim_end()
}

/// A value in quotes, which may stand on several lines, and what is behind its line.
fn quoted(text: &str, quote: char) -> (Written<'_>, &str) {
    let Some(end) = text.find(quote) else { return (Written::Unknown, "") };
    let (value, behind) = (&text[..end], &text[end + 1..]);
    if value.contains('\\') {
        // Where it ends is not known either.
        return (Written::Unknown, text.split_once('\n').map_or("", |(_, behind)| behind));
    }
    let behind = behind.split_once('\n').map_or("", |(_, behind)| behind);
    (if quote == '"' { Written::Double(value) } else { Written::Single(value) }, behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each variable as `NAME=value`, with `?` for what is not known.
    fn shown(text: &str) -> Vec<String> {
        let env = Env::read(text);
        env.values.iter().map(|(name, value)| format!("{name}={}", value.as_deref().unwrap_or("?"))).collect()
    }

    #[test]
    fn every_way_to_write_a_variable_is_read() {
        assert_eq!(shown("A=1\nexport B = two words  # why\n# C=3\n\nD: x#y\n"), ["A=1", "B=two words", "D=x#y"]);
        assert_eq!(shown("A='$B # x'\nB=\"two\nlines\" # why\nC=#\nD="), ["A=$B # x", "B=two\nlines", "C=", "D="]);
        assert_eq!(shown("\u{feff}A=1\r\nB='2'\r\n"), ["A=1", "B=2"]);
    }

    #[test]
    fn variables_may_be_made_of_earlier_ones() {
        assert_eq!(shown("A=1\nB=${A}.2\nC=\"$B-${X:-x}\"\nA=2\n"), ["A=2", "B=1.2", "C=1.2-x"]);
    }

    #[test]
    fn what_is_not_followed_is_not_known() {
        assert_eq!(shown("A\nB=$X\nC=\"a\\\"b\"\nD=1\nE='open\n"), ["A=?", "B=?", "C=?", "D=1", "E=?"]);
    }
}
