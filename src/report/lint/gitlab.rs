//! `gitlab`: a code quality report, which GitLab shows in merge requests.

use std::io;

use serde::Serialize;

use super::fingerprint::fingerprint;
use super::{LintFormat, LintView, one_line};
use crate::diagnostic::{Finding, Severity};
use crate::report::place::Region;
use crate::text::{Encoding, SourceFile};

/// One JSON array.
#[derive(Debug, Clone, Copy)]
pub struct Gitlab;

impl LintFormat for Gitlab {
    fn write(&self, view: &LintView, out: &mut dyn io::Write) -> io::Result<()> {
        let address = |finding: &Finding| view.rules.get(finding.rule.as_str())?.url.as_deref();
        let issue = |(source, finding)| Issue::of(source, finding, address(finding));
        let issues: Vec<Issue> = view.findings().map(issue).collect();
        serde_json::to_writer_pretty(&mut *out, &issues)?;
        writeln!(out)
    }
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
}

/// What is said besides, in Markdown: the form has no place of its own for an address.
#[derive(Serialize)]
struct Content {
    body: String,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

impl<'a> Issue<'a> {
    fn of(source: &'a SourceFile, finding: &'a Finding, address: Option<&str>) -> Self {
        let Region { start, end } = Region::of(source, finding.primary.span, Encoding::Chars);
        Self {
            description: one_line(&finding.message),
            check_name: finding.rule.as_str(),
            fingerprint: fingerprint(source, finding),
            severity: match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "major",
                Severity::Info => "minor",
                Severity::Style => "info",
            },
            location: Location {
                path: source.name().trim_start_matches("./"),
                lines: Lines { begin: start.line, end: end.line },
            },
            content: address.map(|address| Content { body: format!("[{}]({address})", finding.rule) }),
        }
    }
}
