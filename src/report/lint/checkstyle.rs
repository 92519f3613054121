//! `checkstyle`: the XML of Checkstyle, which many tools of continuous integration read.

use std::io;

use super::xml::escaped;
use super::{FileView, LintFormat, LintView, one_line};
use crate::diagnostic::{Finding, Severity};
use crate::report::place::Place;
use crate::text::{Encoding, SourceFile};

/// One XML document.
#[derive(Debug, Clone, Copy)]
pub struct Checkstyle;

impl LintFormat for Checkstyle {
    fn write(&self, view: &LintView, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">")?;
        view.files.iter().try_for_each(|file| write_file(file, out))?;
        writeln!(out, "</checkstyle>")
    }
}

fn write_file(file: &FileView, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "  <file name=\"{}\">", escaped(file.source.name()))?;
    file.findings.iter().try_for_each(|finding| write_error(&file.source, finding, out))?;
    writeln!(out, "  </file>")
}

fn write_error(source: &SourceFile, finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let Place { line, column } = Place::of(source, finding.primary.span.start, Encoding::Chars);
    // Checkstyle has no severity for matters of taste.
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Style => "info",
    };
    let (message, rule) = (escaped(&one_line(&finding.message)), escaped(finding.rule.as_str()));
    writeln!(
        out,
        "    <error line=\"{line}\" column=\"{column}\" severity=\"{severity}\" message=\"{message}\" source=\"rplan.{rule}\"/>"
    )
}
