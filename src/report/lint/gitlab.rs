//! `gitlab`: a code quality report, which GitLab shows in merge requests.

use std::io;

use serde::Serialize;

use super::{LintFormat, LintView, one_line};
use crate::diagnostic::{Finding, Severity};
use crate::digest::Digest;
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
        let path = source.name().trim_start_matches("./");
        Self {
            description: one_line(&finding.message),
            check_name: finding.rule.as_str(),
            fingerprint: fingerprint(path, finding),
            severity: match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "major",
                Severity::Info => "minor",
                Severity::Style => "info",
            },
            location: Location { path, lines: Lines { begin: start.line, end: end.line } },
        }
    }
}

/// Names a finding from one commit to the next: what stands there counts, not the line.
fn fingerprint(path: &str, finding: &Finding) -> String {
    let rule = finding.rule.as_str();
    let key = match &finding.anchor {
        Some(anchor) => [path, rule, &anchor.stage, &anchor.instruction, &anchor.ordinal.to_string()].join("\0"),
        // What was not linted has nothing else to go by.
        None => [path, rule, &finding.message].join("\0"),
    };
    Digest::of(key).hex()
}
