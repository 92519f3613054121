//! What a lint report shows, before it has a form: files with their findings, already filtered and sorted.

use std::collections::BTreeMap;
use std::io;

use crate::diagnostic::{Finding, Severity};
use crate::report::context::ContextNote;
use crate::rules::meta::RuleMeta;
use crate::text::SourceFile;

pub(super) mod checkstyle;
pub(super) mod compact;
mod fingerprint;
pub(super) mod github;
pub(super) mod gitlab;
pub(super) mod hadolint;
pub(super) mod json;
pub(super) mod junit;
pub(super) mod pretty;
pub(super) mod repairs;
pub(super) mod sarif;
pub(super) mod summary;
mod xml;

/// A form in which findings can be written.
pub trait LintFormat {
    /// Writes the whole report.
    fn write(&self, view: &LintView, out: &mut dyn io::Write) -> io::Result<()>;
}

/// Everything a lint run found that is to be shown.
#[derive(Debug, Clone, Default)]
pub struct LintView {
    /// The files in order, those without findings included.
    pub files: Vec<FileView>,
    /// What is known of the rules that found something, by id.
    pub rules: BTreeMap<String, RuleView>,
    /// Whether to end with a count by rule.
    pub statistics: bool,
}

/// A rule that found something.
#[derive(Debug, Clone)]
pub struct RuleView {
    /// What is known of it.
    pub meta: RuleMeta,
    /// All that `rplan explain` tells of it; empty where no form shows that.
    pub page: String,
    /// Where its documentation is; none where nobody is known to have any.
    pub url: Option<String>,
}

/// One file and what was found in it.
#[derive(Debug, Clone)]
pub struct FileView {
    /// The file; without bytes when it could not be read.
    pub source: SourceFile,
    /// Which build context it was judged with.
    pub context: ContextNote,
    /// What was found, in the order of the file.
    pub findings: Vec<Finding>,
    /// How many findings are below the severity that is shown, by severity.
    pub hidden: Vec<(Severity, usize)>,
    /// How many findings an ignore comment silences.
    pub ignored: usize,
    /// How many findings are known to the baseline.
    pub known: usize,
    /// How many findings the change that is asked about has nothing to do with.
    pub untouched: usize,
}

impl LintView {
    /// Every finding with its file, in order.
    pub fn findings(&self) -> impl Iterator<Item = (&SourceFile, &Finding)> {
        self.files.iter().flat_map(|file| file.findings.iter().map(move |finding| (&file.source, finding)))
    }

    /// How many findings are shown at `severity`.
    fn count(&self, severity: Severity) -> usize {
        self.findings().filter(|(_, finding)| finding.severity == severity).count()
    }

    /// How many findings at `severity` are not shown.
    fn hidden(&self, severity: Severity) -> usize {
        let hidden = self.files.iter().flat_map(|file| &file.hidden);
        hidden.filter(|(level, _)| *level == severity).map(|(_, count)| count).sum()
    }
}

/// A message on one line: what would break it becomes a blank.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
