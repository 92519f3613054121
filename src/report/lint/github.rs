//! `github`: workflow commands, which GitHub shows beside the changed lines.

use std::io;

use super::{LintFormat, LintView};
use crate::diagnostic::{Finding, Severity};
use crate::report::place::Region;
use crate::text::{Encoding, SourceFile};

/// One workflow command a finding.
#[derive(Debug, Clone, Copy)]
pub struct Github;

impl LintFormat for Github {
    fn write(&self, view: &LintView, out: &mut dyn io::Write) -> io::Result<()> {
        view.findings().try_for_each(|(source, finding)| write_command(source, finding, out))
    }
}

fn write_command(source: &SourceFile, finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Style => "notice",
    };
    let Region { start, end } = Region::of(source, finding.primary.span, Encoding::Chars);
    write!(out, "::{command} file={},line={},endLine={}", property(source.name()), start.line, end.line)?;
    // Columns belong to one line: with a span over several, GitHub refuses them. Its last column is inclusive.
    if start.line == end.line {
        let last = end.column.saturating_sub(1).max(start.column);
        write!(out, ",col={},endColumn={last}", start.column)?;
    }
    let mut message = finding.message.clone();
    if let Some(help) = &finding.help {
        message = format!("{message}\n{help}");
    }
    writeln!(out, ",title={}::{}", property(finding.rule.as_str()), data(&message))
}

/// The text of a command: what would end the line is escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property: what would end the value is escaped too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
