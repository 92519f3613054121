//! `junit`: test results in XML. A file is a suite, a finding a test that failed; a file without findings has passed.

use std::io;

use super::xml::escaped;
use super::{FileView, LintFormat, LintView, one_line};
use crate::diagnostic::Finding;
use crate::report::place::Place;
use crate::text::{Encoding, SourceFile};

/// One XML document.
#[derive(Debug, Clone, Copy)]
pub struct Junit;

impl LintFormat for Junit {
    fn write(&self, view: &LintView, out: &mut dyn io::Write) -> io::Result<()> {
        let failures = view.findings().count();
        let tests: usize = view.files.iter().map(|file| file.findings.len().max(1)).sum();
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(out, "<testsuites name=\"rplan lint\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">")?;
        view.files.iter().try_for_each(|file| write_suite(file, out))?;
        writeln!(out, "</testsuites>")
    }
}

fn write_suite(file: &FileView, out: &mut dyn io::Write) -> io::Result<()> {
    let (name, failures) = (escaped(file.source.name()), file.findings.len());
    let tests = failures.max(1);
    writeln!(out, "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">")?;
    if file.findings.is_empty() {
        writeln!(out, "    <testcase classname=\"{name}\" name=\"no findings\"/>")?;
    }
    file.findings.iter().try_for_each(|finding| write_failure(&file.source, finding, out))?;
    writeln!(out, "  </testsuite>")
}

fn write_failure(source: &SourceFile, finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let Place { line, column } = Place::of(source, finding.primary.span.start, Encoding::Chars);
    let (file, rule) = (escaped(source.name()), escaped(finding.rule.as_str()));
    let (severity, message) = (finding.severity, escaped(&one_line(&finding.message)));
    writeln!(out, "    <testcase classname=\"{file}\" name=\"{rule} at {line}:{column}\">")?;
    write!(out, "      <failure type=\"{severity}\" message=\"{message}\">{file}:{line}:{column}: {message}")?;
    if let Some(help) = &finding.help {
        write!(out, "&#10;{}", escaped(help))?;
    }
    writeln!(out, "</failure>\n    </testcase>")
}
