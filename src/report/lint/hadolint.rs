//! `hadolint`: the JSON of hadolint, so that what wraps it keeps working. A rule is called by hadolint's or ShellCheck's
//! name for it where there is one, and by its own otherwise.

use std::io;

use serde::Serialize;

use super::{LintFormat, LintView, one_line};
use crate::diagnostic::{Finding, Severity};
use crate::report::place::Place;
use crate::rules::meta::{RuleMeta, Tool};
use crate::text::{Encoding, SourceFile};

/// One JSON array.
#[derive(Debug, Clone, Copy)]
pub struct Hadolint;

impl LintFormat for Hadolint {
    fn write(&self, view: &LintView, out: &mut dyn io::Write) -> io::Result<()> {
        let known = |finding: &Finding| view.rules.get(finding.rule.as_str()).map(|rule| &rule.meta);
        let issues: Vec<Issue> =
            view.findings().map(|(source, finding)| Issue::of(source, finding, known(finding))).collect();
        serde_json::to_writer(&mut *out, &issues)?;
        writeln!(out)
    }
}

#[derive(Serialize)]
struct Issue<'a> {
    code: &'a str,
    column: usize,
    file: &'a str,
    level: Severity,
    line: usize,
    message: String,
}

impl<'a> Issue<'a> {
    fn of(source: &'a SourceFile, finding: &'a Finding, rule: Option<&'a RuleMeta>) -> Self {
        let Place { line, column } = Place::of(source, finding.primary.span.start, Encoding::Chars);
        Self {
            code: rule.and_then(|rule| code(rule, finding)).unwrap_or(finding.rule.as_str()),
            column,
            file: source.name(),
            level: finding.severity,
            line,
            message: one_line(&finding.message),
        }
    }
}

fn code<'a>(rule: &'a RuleMeta, finding: &'a Finding) -> Option<&'a str> {
    let is_theirs = |tool: Tool| matches!(tool, Tool::Hadolint | Tool::ShellCheck);
    rule.aliases_of(&finding.known_as).find(|alias| is_theirs(alias.tool())).map(|alias| alias.name.as_ref())
}
