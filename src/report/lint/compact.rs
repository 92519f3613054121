//! `compact`: `path:line:col: severity[id] message`, one finding a line, for editors and grep.

use std::io;

use super::{LintFormat, LintView, one_line};
use crate::report::place::Place;
use crate::text::Encoding;

/// One line a finding.
#[derive(Debug, Clone, Copy)]
pub struct Compact;

impl LintFormat for Compact {
    fn write(&self, view: &LintView, out: &mut dyn io::Write) -> io::Result<()> {
        for (source, finding) in view.findings() {
            let Place { line, column } = Place::of(source, finding.primary.span.start, Encoding::Chars);
            let (severity, rule, message) = (finding.severity, &finding.rule, one_line(&finding.message));
            writeln!(out, "{}:{line}:{column}: {severity}[{rule}] {message}", source.name())?;
        }
        Ok(())
    }
}
