//! Comments that silence findings: rplan's own, hadolint's and BuildKit's.
//!
//! Says which bytes a comment speaks for; whether a name in it is a rule is not known here.

use crate::syntax::{ItemKind, Keyword, Tree};
use crate::text::{Span, Spanned};

/// One comment that silences findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pragma {
    /// The comment.
    pub span: Span,
    /// Findings that begin in here are silenced.
    pub covers: Span,
    /// The names of rules as written; none means every rule.
    pub ids: Vec<Spanned<String>>,
    /// `reason="…"`
    pub reason: Option<String>,
    /// `expires=YYYY-MM-DD`
    pub expires: Option<String>,
    /// Whether it is rplan's own form.
    pub is_own: bool,
}

/// A comment that is meant to silence findings, and cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The comment.
    pub span: Span,
    /// What is wrong with it.
    pub message: String,
}

impl Pragma {
    /// Whether it silences every rule.
    pub fn is_for_all(&self) -> bool {
        self.ids.is_empty()
    }
}

/// What a comment speaks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// The instruction below, or the next line inside a continued one.
    Next,
    /// The stage whose FROM is below.
    Stage,
    File,
}

/// Every comment of the file that silences findings, in order.
pub fn pragmas(tree: &Tree) -> Vec<Pragma> {
    let mut found = Vec::new();
    if let Some(check) = &tree.directives.check {
        let ids = check.value.split(';').find_map(|part| part.trim().strip_prefix("skip="));
        if let Some(ids) = ids {
            let at = check.span.start + check.value.find(ids).unwrap_or(0);
            found.push(build_kit(tree.source.span(), check.span, ids, at));
        }
    }
    for (index, item) in tree.items.iter().enumerate() {
        match &item.kind {
            ItemKind::Comment(comment) => {
                found.extend(read(tree, comment.span, |scope| covered(tree, index, scope)));
            }
            ItemKind::Instruction(instruction) => {
                for line in &instruction.interior {
                    found.extend(read(tree, *line, |scope| inside(tree, index, *line, scope)));
                }
            }
            _ => {}
        }
    }
    found
}

/// Every comment in rplan's own form that is not understood, in order.
pub fn faults(tree: &Tree) -> Vec<Fault> {
    let comments = tree.items.iter().flat_map(|item| match &item.kind {
        ItemKind::Comment(comment) => vec![comment.span],
        ItemKind::Instruction(instruction) => instruction.interior.clone(),
        _ => Vec::new(),
    });
    comments.filter_map(|span| Some(Fault { span, message: fault(tree.source.slice(span))? })).collect()
}

/// What is wrong with a comment in rplan's own form.
fn fault(comment: &str) -> Option<String> {
    let rest = comment.trim_start().strip_prefix('#')?.trim_start().strip_prefix("rplan")?;
    let body = rest.strip_prefix(char::is_whitespace)?.trim();
    let (key, after) = body.split_once('=').filter(|(key, _)| !key.contains(char::is_whitespace))?;
    if !["ignore", "stage-ignore", "file-ignore"].contains(&key) {
        return key.contains("ignore").then(|| format!("`{key}=` is not understood"));
    }
    let (ids, options) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
    if ids.split(',').any(|id| id.trim().is_empty()) {
        return Some("a name is missing: a comma has a name on both sides, and no blank".to_owned());
    }
    let expires = options.split_whitespace().find_map(|word| word.strip_prefix("expires="));
    expires.filter(|date| !is_date(date)).map(|date| format!("`{date}` is no date: YYYY-MM-DD"))
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_number = |part: &&str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    let within = |part: &str, most: u32| part.parse::<u32>().is_ok_and(|number| (1..=most).contains(&number));
    matches!(&parts[..], [year, month, day]
        if is_number(year, 4) && is_number(month, 2) && is_number(day, 2) && within(month, 12) && within(day, 31))
}

/// A comment, when it silences something.
fn read(tree: &Tree, span: Span, covers: impl Fn(Scope) -> Option<Span>) -> Option<Pragma> {
    let text = tree.source.slice(span);
    let body = text.trim_start().strip_prefix('#')?;
    let start = span.start + (text.len() - body.len());
    let trimmed = body.trim_start();
    let at = start + (body.len() - trimmed.len());
    if let Some(ids) = trimmed.strip_prefix("check=skip=") {
        return Some(build_kit(covers(Scope::Next)?, span, ids, at + "check=skip=".len()));
    }
    let is_own = trimmed.starts_with("rplan");
    let (scope, rest) = match trimmed.split_once(char::is_whitespace)? {
        ("rplan", rest) => [("ignore=", Scope::Next), ("stage-ignore=", Scope::Stage), ("file-ignore=", Scope::File)]
            .into_iter()
            .find_map(|(key, scope)| Some((scope, rest.trim_start().strip_prefix(key)?)))?,
        ("hadolint", rest) => {
            let rest = rest.trim_start();
            let (scope, rest) = match rest.split_once(char::is_whitespace) {
                Some(("global", rest)) => (Scope::File, rest.trim_start()),
                Some(("stage", rest)) => (Scope::Stage, rest.trim_start()),
                _ => (Scope::Next, rest),
            };
            (scope, rest.strip_prefix("ignore=")?)
        }
        _ => return None,
    };
    let ids_at = span.end - rest.len();
    let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let option = |key: &str| {
        let value = rest[length..].split_once(key)?.1;
        match value.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next().map(str::to_owned),
            None => value.split_whitespace().next().map(str::to_owned),
        }
    };
    Some(Pragma {
        span,
        covers: covers(scope)?,
        ids: ids(&rest[..length], ids_at),
        reason: option("reason="),
        expires: option("expires=").filter(|date| is_date(date)),
        is_own,
    })
}

fn build_kit(covers: Span, span: Span, text: &str, at: usize) -> Pragma {
    let text = text.split([';', ' ']).next().unwrap_or_default();
    Pragma { span, covers, ids: ids(text, at), reason: None, expires: None, is_own: false }
}

/// The names of a list with their places; `all` leaves none.
fn ids(text: &str, at: usize) -> Vec<Spanned<String>> {
    let mut offset = at;
    let mut ids = Vec::new();
    for id in text.split(',') {
        let trimmed = id.trim();
        if trimmed == "all" {
            return Vec::new();
        }
        if !trimmed.is_empty() {
            let start = offset + (id.len() - id.trim_start().len());
            ids.push(Spanned::new(trimmed.to_owned(), Span::new(start, start + trimmed.len())));
        }
        offset += id.len() + 1;
    }
    ids
}

/// What the comment item at `index` speaks for.
fn covered(tree: &Tree, index: usize, scope: Scope) -> Option<Span> {
    let below = &tree.items[index + 1..];
    let is_code = |kind: &ItemKind| matches!(kind, ItemKind::Instruction(_) | ItemKind::Unknown(_));
    let next = below.iter().position(|item| is_code(&item.kind));
    match scope {
        Scope::File => Some(tree.source.span()),
        Scope::Next => next.map(|next| below[next].span),
        Scope::Stage => {
            let first = next?;
            let end = below[first + 1..].iter().find(|item| is_from(&item.kind));
            Some(Span::new(below[first].span.start, end.map_or(tree.source.len(), |item| item.span.start)))
        }
    }
}

/// What a comment line inside the instruction at `index` speaks for: the next line that is no comment.
fn inside(tree: &Tree, index: usize, comment: Span, scope: Scope) -> Option<Span> {
    if scope != Scope::Next {
        return covered(tree, index, scope);
    }
    let item = tree.items[index].span;
    let mut line = tree.source.line_of(comment.start) + 1;
    while line < tree.source.line_count() {
        let span = tree.source.line_span(line);
        let text = tree.source.slice(span).trim_start();
        if !text.is_empty() && !text.starts_with('#') {
            return item.encloses(span).then_some(span);
        }
        line += 1;
    }
    None
}

fn is_from(kind: &ItemKind) -> bool {
    match kind {
        ItemKind::Instruction(instruction) => instruction.keyword == Keyword::From,
        ItemKind::Unknown(unknown) => unknown.keyword == Some(Keyword::From),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::SourceFile;

    /// The first line that each pragma covers, with its names.
    fn found(text: &str) -> Vec<(String, Vec<String>)> {
        let tree = parse(&SourceFile::new("f", text.as_bytes())).tree;
        let first_line = |span: Span| tree.source.slice(span).lines().next().unwrap_or_default().to_owned();
        pragmas(&tree)
            .iter()
            .map(|pragma| (first_line(pragma.covers), pragma.ids.iter().map(|id| id.value.clone()).collect()))
            .collect()
    }

    fn names(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn a_comment_speaks_for_the_instruction_below() {
        let text = "FROM a\n# rplan ignore=b,c reason=\"so it is\"\n\n# note\nRUN d\n";
        assert_eq!(found(text), [("RUN d".to_owned(), names(&["b", "c"]))]);
    }

    #[test]
    fn inside_a_continued_instruction_it_speaks_for_the_next_line() {
        assert_eq!(found("RUN a && \\\n# rplan ignore=x\n b\n"), [(" b".to_owned(), names(&["x"]))]);
    }

    #[test]
    fn the_syntaxes_of_other_linters_are_understood() {
        let text = "# check=skip=A,B;error=true\n# hadolint global ignore=DL1\nFROM a\n# hadolint ignore=DL2\nRUN b\n# check=skip=C\nRUN c\n";
        assert_eq!(
            found(text),
            [
                ("# check=skip=A,B;error=true".to_owned(), names(&["A", "B"])),
                ("# check=skip=A,B;error=true".to_owned(), names(&["DL1"])),
                ("RUN b".to_owned(), names(&["DL2"])),
                ("RUN c".to_owned(), names(&["C"])),
            ]
        );
    }

    #[test]
    fn a_stage_ends_where_the_next_begins() {
        let tree = parse(&SourceFile::new("f", "# rplan stage-ignore=all\nFROM a\nRUN b\nFROM c\n".as_bytes())).tree;
        let pragma = &pragmas(&tree)[0];
        assert!(pragma.is_for_all());
        assert_eq!(tree.source.slice(pragma.covers), "FROM a\nRUN b\n");
    }
}
