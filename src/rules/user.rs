//! Rules that users write: one YAML file with a `match:` block each.

use std::borrow::Cow;

use crate::rules::catalogue::Decides;
use crate::rules::{Document, Match, Pattern, Predicate, Rule, Text};
use crate::text::{SourceFile, Span};

/// The JSON schema of a rule's file (draft 7, which editors for YAML know).
pub const RULE_SCHEMA: &str = include_str!("rule.schema.json");

/// What is wrong with a rule's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UserRuleError {
    /// The place at fault.
    pub span: Span,
    /// What is wrong and what to do.
    pub message: String,
}

/// Reads the file of a rule, strictly: every field is known, and what a rule needs is there.
pub fn read_document(source: &SourceFile) -> Result<Document, UserRuleError> {
    serde_yaml::from_str(source.text()).map_err(|error: serde_yaml::Error| {
        let place = error.location().and_then(|location| offset_of(source, location.line(), location.column()));
        let message = error.without_snippet().to_string();
        UserRuleError { span: place.map_or(source.span(), Span::at), message }
    })
}

/// Reads a user's rule.
pub fn read_user_rule(source: &SourceFile) -> Result<Rule, UserRuleError> {
    let document = read_document(source)?;
    let at = |needle: &str, message: String| UserRuleError { span: find(source, needle), message };
    if !is_kebab_case(&document.id) {
        let message = format!("`{}` is no id: small letters and digits, with `-` between words", document.id);
        return Err(at("id:", message));
    }
    let Some(matches) = &document.matches else {
        return Err(at("id:", "a rule of your own needs a `match:` block that says what it finds".to_owned()));
    };
    if let Some((pattern, reason)) = patterns(matches).into_iter().find_map(|one| Some((one, one.check().err()?))) {
        let (Pattern::Glob(text) | Pattern::Regex(text)) = pattern;
        return Err(at(text, format!("`{text}` is no pattern: {reason}")));
    }
    Ok(Rule {
        meta: document.meta(),
        advice: document.help(),
        decides: Decides::Declared(Cow::Owned(matches.clone())),
        yaml: Text::Owned(source.text().to_owned()),
    })
}

/// A file to start a rule from: it is valid, and its examples pass.
pub fn skeleton(id: &str) -> String {
    format!(
        "\
# yaml: a rule of your own. Try it: rplan rules test {id}.yaml
id: {id}
since: 0.1.0
edition: 1
status: stable
category: security
severity: warning
confidence: certain
summary: a download is piped into a shell
why: >
  Say here what goes wrong, and for whom.
advice: download to a file, check it, then run it
match:
  schema: 1
  message: \"`{{found}}` runs what it fetched unseen\"
  all:
    - instruction: [RUN]
    - argument: {{regex: 'curl .*\\| *(ba)?sh'}}
examples:
  - bad: |
      FROM alpine:3.20
      RUN curl https://example.com/install | sh
    expect:
      - {{line: 2, words: runs what it fetched}}
  - good: |
      FROM alpine:3.20
      RUN curl -o install https://example.com/install
"
    )
}

/// Whether the text is in kebab-case.
pub fn is_kebab_case(id: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    id.split('-').all(is_word) && !id.starts_with(|c: char| c.is_ascii_digit())
}

fn patterns(matches: &Match) -> Vec<&Pattern> {
    let mut found = Vec::new();
    [&matches.all, &matches.any, &matches.not].into_iter().for_each(|list| collect(list, &mut found));
    found
}

fn collect<'a>(list: &'a [Predicate], found: &mut Vec<&'a Pattern>) {
    for predicate in list {
        match predicate {
            Predicate::All(list) | Predicate::Any(list) | Predicate::Not(list) => collect(list, found),
            Predicate::Argument(pattern) => found.push(pattern),
            Predicate::Flag(flag) => found.extend(&flag.value),
            Predicate::Image(image) => found.extend(image.registry.iter().chain(&image.tag)),
            Predicate::Instruction(_) | Predicate::Command(_) | Predicate::Stage(_) => {}
        }
    }
}

/// The first place of a text that is certainly in the file.
fn find(source: &SourceFile, needle: &str) -> Span {
    source.text().find(needle).map_or(source.span(), |at| Span::new(at, at + needle.len()))
}

/// The offset of a line and column, both from 1 and in characters.
fn offset_of(source: &SourceFile, line: u64, column: u64) -> Option<usize> {
    let line = usize::try_from(line.checked_sub(1)?).ok().filter(|line| *line < source.line_count())?;
    let column = usize::try_from(column.checked_sub(1)?).ok()?;
    let span = source.line_span(line);
    let text = source.slice(span);
    Some(span.start + text.char_indices().nth(column).map_or(text.len(), |(at, _)| at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(yaml: &str) -> (usize, String) {
        let source = SourceFile::new("r.yaml", yaml);
        let error = read_user_rule(&source).err().expect("a mistake");
        (source.line_of(error.span.start) + 1, error.message)
    }

    #[test]
    fn the_skeleton_is_a_rule() {
        let rule = read_user_rule(&SourceFile::new("r.yaml", skeleton("no-curl-pipe"))).expect("a rule");
        assert_eq!(rule.meta.id.as_str(), "no-curl-pipe");
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let good = skeleton("x");
        let (line, message) = wrong(&good.replace("severity: warning", "severity: bad"));
        assert_eq!(line, 7, "{message}");
        let (line, message) = wrong(&good.replace("confidence:", "confidense:"));
        assert_eq!(line, 8, "{message}");
        assert!(message.contains("confidense"), "{message}");
        let (line, message) = wrong(&good.replace("schema: 1", "schema: 2"));
        assert!((14..=15).contains(&line) && message.contains("schema 2"), "{line} {message}");
        let (line, message) = wrong(&good.replace("curl .*", "curl (.*"));
        assert!(message.contains("no pattern") && line == 18, "{line} {message}");
        assert!(wrong(&good.replace("id: x", "id: No_Good")).1.contains("is no id"));
    }
}
