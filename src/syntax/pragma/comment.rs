//! What one comment says, in the words of three tools.

use nom::branch::alt;
use nom::bytes::complete::{tag, tag_no_case, take_till, take_till1, take_while_m_n};
use nom::character::complete::{char, space0, space1};
use nom::combinator::{opt, verify};
use nom::multi::separated_list1;
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

use super::{Dialect, Fault};
use crate::text::{Span, Spanned, excerpt, nearest};

/// What a comment speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The instruction below, or the next line inside a continued one.
    Next,
    /// The stage whose FROM is below.
    Stage,
    /// The whole file.
    File,
}

/// What a comment says; names are absent where it means every rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) scope: Scope,
    pub(super) dialect: Dialect,
    pub(super) ids: Vec<Spanned<String>>,
    pub(super) reason: Option<String>,
    pub(super) expires: Option<String>,
}

const KEYS: [(&str, Scope); 3] =
    [("ignore", Scope::Next), ("stage-ignore", Scope::Stage), ("file-ignore", Scope::File)];

/// Reads a comment that stands in the source at `start`; none when it is not about silence.
pub(super) fn read(text: &str, start: usize) -> Option<Result<Said, Fault>> {
    let (body, _) = (char::<_, nom::error::Error<&str>>('#'), space0).parse(text).ok()?;
    let body = Part { text: body.trim_end(), at: start + (text.len() - body.len()) };
    if let Ok((rest, _)) = word("rplan", body.text) {
        return rplan(body.after(rest));
    }
    if let Ok((rest, _)) = word("hadolint", body.text) {
        return hadolint(body.after(rest));
    }
    let mut key = (tag_no_case::<_, _, nom::error::Error<&str>>("check"), space0, char('='), space0);
    let (rest, _) = key.parse(body.text).ok()?;
    let value = rest.split(' ').next().unwrap_or_default();
    check(value, body.after(rest).at, Scope::Next)
}

/// Reads the value of `check=`: parts such as `skip=A,B` between semicolons; none when it skips nothing.
pub(super) fn check(value: &str, start: usize, scope: Scope) -> Option<Result<Said, Fault>> {
    let value = value.split(' ').next().unwrap_or_default();
    let mut at = start;
    let mut ids = None;
    for part in value.split(';') {
        let Some((key, names)) = part.split_once('=') else {
            let message = format!("`{}` is no setting of check", excerpt(part));
            return Some(Err(complaint(Span::new(at, at + part.len()), message, "write skip=RULE,RULE or skip=all")));
        };
        if key.trim() == "skip" {
            ids = Some(names_in(names, at + key.len() + 1));
        }
        at += part.len() + 1;
    }
    Some(Ok(Said { scope, dialect: Dialect::BuildKit, ids: ids?, reason: None, expires: None }))
}

/// A part of a comment and where it stands.
#[derive(Clone, Copy)]
struct Part<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Part<'a> {
    /// What is left of the part, of which `rest` is the end.
    fn after(self, rest: &'a str) -> Part<'a> {
        Part { text: rest, at: self.at + (self.text.len() - rest.len()) }
    }

    fn first(self, length: usize) -> Span {
        Span::new(self.at, self.at + length)
    }
}

fn word<'a>(name: &'static str, input: &'a str) -> IResult<&'a str, &'a str> {
    let (rest, (found, _)) = (tag(name), space1).parse(input)?;
    Ok((rest, found))
}

fn rplan(body: Part<'_>) -> Option<Result<Said, Fault>> {
    let keys = KEYS.iter().map(|(key, _)| *key);
    let length = body.text.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(body.text.len());
    let key = &body.text[..length];
    let Some((_, scope)) = KEYS.iter().find(|(known, _)| *known == key) else {
        // A sentence about rplan is none of its business.
        let meant = nearest(key, keys.clone());
        let is_attempt = meant.is_some() || body.text[length..].starts_with('=');
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("write one of {}", keys.collect::<Vec<_>>().join(", ")),
        };
        let message = format!("`{}` is no way to ignore", excerpt(key));
        return is_attempt.then(|| Err(complaint(body.first(length), message, help)));
    };
    Some(rplan_list(body, *scope, length))
}

fn rplan_list(body: Part<'_>, scope: Scope, key: usize) -> Result<Said, Fault> {
    let Some(list) = body.text[key..].strip_prefix('=') else {
        return Err(complaint(body.first(key), "no rules are named", "write ignore=RULE,RULE or ignore=all"));
    };
    let list = body.after(list);
    let (rest, ids) = names(list)?;
    let mut said = Said { scope, dialect: Dialect::Rplan, ids, reason: None, expires: None };
    let mut rest = list.after(rest);
    while !rest.text.is_empty() {
        rest = option(rest, &mut said)?;
    }
    Ok(said)
}

/// Reads one option behind the names, and the blanks before it.
fn option<'a>(rest: Part<'a>, said: &mut Said) -> Result<Part<'a>, Fault> {
    let quoted = delimited(char::<_, nom::error::Error<&str>>('"'), take_till(|c| c == '"'), char('"'));
    let mut reason = preceded((space0, tag("reason=")), quoted);
    let mut expires =
        preceded((space0::<_, nom::error::Error<&str>>, tag("expires=")), take_till1(char::is_whitespace));
    if let Ok((after, text)) = reason.parse(rest.text) {
        said.reason = Some(text.to_owned());
        return Ok(rest.after(after));
    }
    let trimmed = rest.after(rest.text.trim_start());
    if let Ok((after, text)) = expires.parse(rest.text) {
        if !is_date(text) {
            let message = format!("`{}` is no date", excerpt(text));
            return Err(complaint(
                trimmed.first(trimmed.text.len() - after.len()),
                message,
                "write expires=YYYY-MM-DD",
            ));
        }
        said.expires = Some(text.to_owned());
        return Ok(rest.after(after));
    }
    let message = format!("`{}` is not understood", excerpt(trimmed.text));
    let help = "after the names only reason=\"…\" and expires=YYYY-MM-DD may stand";
    Err(complaint(trimmed.first(trimmed.text.len()), message, help))
}

fn is_date(text: &str) -> bool {
    let digits = |count, range: std::ops::RangeInclusive<u32>| {
        verify(take_while_m_n(count, count, |c: char| c.is_ascii_digit()), move |text: &str| {
            text.parse().is_ok_and(|number: u32| range.contains(&number))
        })
    };
    let mut date =
        (digits(4, 0..=9999), char::<_, nom::error::Error<&str>>('-'), digits(2, 1..=12), char('-'), digits(2, 1..=31));
    date.parse(text).is_ok_and(|(rest, _)| rest.is_empty())
}

/// hadolint's form; whatever follows the names is the reason.
fn hadolint(body: Part<'_>) -> Option<Result<Said, Fault>> {
    let mut scope = opt(alt((|input| word("global", input), |input| word("stage", input))));
    let (rest, scope) = scope.parse(body.text).ok()?;
    let scope = match scope {
        Some("global") => Scope::File,
        Some(_) => Scope::Stage,
        None => Scope::Next,
    };
    let rest = body.after(rest);
    let length = rest.text.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.text.len());
    let key = &rest.text[..length];
    if key != "ignore" {
        let is_attempt = key != "shell" && rest.text[length..].starts_with('=') && nearest(key, ["ignore"]).is_some();
        let message = format!("`{}` is no way to ignore", excerpt(key));
        return is_attempt.then(|| Err(complaint(rest.first(length), message, "did you mean `ignore`?")));
    }
    let Some(list) = rest.text[length..].strip_prefix('=') else {
        return Some(Err(complaint(rest.first(length), "no rules are named", "write ignore=RULE,RULE")));
    };
    let list = rest.after(list);
    Some(names(list).map(|(rest, ids)| {
        let reason = rest.trim_start().trim_start_matches('#').trim();
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        Said { scope, dialect: Dialect::Hadolint, ids, reason, expires: None }
    }))
}

/// Names between commas, around which blanks may stand, and what follows them.
fn names(list: Part<'_>) -> Result<(&str, Vec<Spanned<String>>), Fault> {
    let name = take_till1::<_, _, nom::error::Error<&str>>(|c: char| c == ',' || c.is_whitespace());
    let (rest, _) = separated_list1((space0, char(','), space0), name)
        .parse(list.text)
        .map_err(|_| complaint(list.first(0), "no rules are named", "write ignore=RULE,RULE or ignore=all"))?;
    let named = &list.text[..list.text.len() - rest.len()];
    match rest.trim_start().strip_prefix(',') {
        Some(_) => Err(complaint(list.first(named.len()), "a name is missing after a comma", "remove the comma")),
        None => Ok((rest, names_in(named, list.at))),
    }
}

/// The names of a list with their places; `all` leaves none.
fn names_in(text: &str, start: usize) -> Vec<Spanned<String>> {
    let mut at = start;
    let mut names = Vec::new();
    for name in text.split(',') {
        let trimmed = name.trim();
        if trimmed == "all" {
            return Vec::new();
        }
        let indent = name.len() - name.trim_start().len();
        names.push(Spanned::new(trimmed.to_owned(), Span::new(at + indent, at + indent + trimmed.len())));
        at += name.len() + 1;
    }
    names
}

fn complaint(span: Span, message: impl Into<String>, help: impl Into<String>) -> Fault {
    Fault { span, message: message.into(), help: help.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said {
        read(text, 0).expect("a pragma").expect("well formed")
    }

    fn complaint(text: &str) -> (&str, String) {
        let fault = read(text, 0).expect("a pragma").expect_err("a fault");
        (&text[fault.span.range()], fault.message)
    }

    #[test]
    fn names_have_their_places() {
        let text = "#  rplan  ignore=a,b , c reason=\"why, then\" expires=2027-01-31";
        let said = said(text);
        let names: Vec<_> = said.ids.iter().map(|id| (id.value.as_str(), &text[id.span.range()])).collect();
        assert_eq!(names, [("a", "a"), ("b", "b"), ("c", "c")]);
        assert_eq!(said.reason.as_deref(), Some("why, then"));
        assert_eq!(said.expires.as_deref(), Some("2027-01-31"));
    }

    #[test]
    fn all_means_every_rule() {
        assert_eq!(said("#rplan file-ignore=all").ids, []);
        assert_eq!(said("# check=skip=all").ids, []);
    }

    #[test]
    fn prose_is_left_alone() {
        for text in ["# rplan builds this", "# rplan", "# hadolint likes it", "# check the weather", "#", "# ignore=x"]
        {
            assert_eq!(read(text, 0), None, "{text}");
        }
        assert_eq!(read("# check=error=true", 0), None);
    }

    #[test]
    fn faults_are_pointed_at() {
        assert_eq!(complaint("# rplan ignore"), ("ignore", "no rules are named".to_owned()));
        assert_eq!(complaint("# rplan ignore="), ("", "no rules are named".to_owned()));
        assert_eq!(complaint("# rplan ignore=a,"), ("a", "a name is missing after a comma".to_owned()));
        assert_eq!(complaint("# rplan ignore=a, ,b"), ("a", "a name is missing after a comma".to_owned()));
        assert_eq!(complaint("# rplan skip=a"), ("skip", "`skip` is no way to ignore".to_owned()));
        assert_eq!(complaint("# rplan ignore=a because"), ("because", "`because` is not understood".to_owned()));
        assert_eq!(complaint("# rplan ignore=a reason=x"), ("reason=x", "`reason=x` is not understood".to_owned()));
        assert_eq!(complaint("# rplan ignore=a expires=2027-13-01"), {
            ("expires=2027-13-01", "`2027-13-01` is no date".to_owned())
        });
        assert_eq!(complaint("# hadolint ingore=DL1"), ("ingore", "`ingore` is no way to ignore".to_owned()));
        assert_eq!(complaint("# check=skip"), ("skip", "`skip` is no setting of check".to_owned()));
    }
}
