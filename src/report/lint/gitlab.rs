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
        let issues: Vec<Issue> = view.findings().map(|(source, finding)| Issue::of(source, finding)).collect();
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
    fn of(source: &'a SourceFile, finding: &'a Finding) -> Self {
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
        }
    }
}
