//! `json`: everything that is known of a run, in rplan's envelope. `json.schema.json`, beside this file, documents it.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::fingerprint::fingerprint;
use super::{FileView, LintFormat, LintView, RuleView};
use crate::diagnostic::{Finding, Fix, Label, Safety, Severity};
use crate::report::context::ContextEntry;
use crate::report::envelope;
use crate::report::place::Region;
use crate::text::{Encoding, SourceFile, Span};

/// One JSON document.
#[derive(Debug, Clone, Copy)]
pub struct Json;

impl LintFormat for Json {
    fn write(&self, view: &LintView, out: &mut dyn io::Write) -> io::Result<()> {
        envelope::write("lint", &Document::of(view), out)
    }
}

#[derive(Serialize)]
struct Document<'a> {
    files: Vec<FileEntry<'a>>,
    rules: Vec<RuleEntry<'a>>,
    summary: Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<BTreeMap<&'a str, usize>>,
}

/// A rule that found something, and where more is said of it.
#[derive(Serialize)]
struct RuleEntry<'a> {
    id: &'a str,
    summary: &'a str,
    category: &'static str,
    aliases: Vec<&'a str>,
    explain: String,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct FileEntry<'a> {
    path: &'a str,
    context: Option<ContextEntry<'a>>,
    findings: Vec<FindingEntry<'a>>,
    hidden: usize,
    ignored: usize,
    known: usize,
    untouched: usize,
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    rule: &'a str,
    severity: Severity,
    message: &'a str,
    #[serde(flatten)]
    primary: LabelEntry<'a>,
    related: Vec<RelatedEntry<'a>>,
    help: Option<&'a str>,
    fixes: Vec<FixEntry<'a>>,
    fingerprint: String,
}

/// Where it is: bytes from 0, and lines and columns (in characters) from 1.
#[derive(Serialize)]
struct LabelEntry<'a> {
    label: Option<&'a str>,
    span: Span,
    #[serde(flatten)]
    region: Region,
}

#[derive(Serialize)]
struct RelatedEntry<'a> {
    message: &'a str,
    span: Span,
    #[serde(flatten)]
    region: Region,
}

#[derive(Serialize)]
struct FixEntry<'a> {
    title: &'a str,
    safety: Safety,
    edits: Vec<EditEntry<'a>>,
}

#[derive(Serialize)]
struct EditEntry<'a> {
    span: Span,
    #[serde(flatten)]
    region: Region,
    text: &'a str,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    error: usize,
    warning: usize,
    info: usize,
    style: usize,
    hidden: usize,
    ignored: usize,
    known: usize,
    untouched: usize,
}

impl<'a> Document<'a> {
    fn of(view: &'a LintView) -> Self {
        let hidden = Severity::ALL.into_iter().map(|severity| view.hidden(severity)).sum();
        let summary = Summary {
            files: view.files.len(),
            error: view.count(Severity::Error),
            warning: view.count(Severity::Warning),
            info: view.count(Severity::Info),
            style: view.count(Severity::Style),
            hidden,
            ignored: view.files.iter().map(|file| file.ignored).sum(),
            known: view.files.iter().map(|file| file.known).sum(),
            untouched: view.files.iter().map(|file| file.untouched).sum(),
        };
        let statistics = view.statistics.then(|| {
            let mut counts = BTreeMap::new();
            view.findings().for_each(|(_, finding)| *counts.entry(finding.rule.as_str()).or_default() += 1);
            counts
        });
        let files = view.files.iter().map(FileEntry::of).collect();
        Self { files, rules: view.rules.iter().map(RuleEntry::of).collect(), summary, statistics }
    }
}

impl<'a> RuleEntry<'a> {
    fn of((id, rule): (&'a String, &'a RuleView)) -> Self {
        let meta = &rule.meta;
        Self {
            id,
            summary: &meta.summary,
            category: meta.category.as_str(),
            aliases: meta.names().skip(1).collect(),
            explain: format!("rplan explain {id}"),
            url: rule.url.as_deref(),
        }
    }
}

impl<'a> FileEntry<'a> {
    fn of(file: &'a FileView) -> Self {
        let findings = file.findings.iter().map(|finding| FindingEntry::of(&file.source, finding)).collect();
        let hidden = file.hidden.iter().map(|(_, count)| count).sum();
        let (path, context) = (file.source.name(), file.context.entry());
        let FileView { ignored, known, untouched, .. } = *file;
        Self { path, context, findings, hidden, ignored, known, untouched }
    }
}

impl<'a> FindingEntry<'a> {
    fn of(source: &SourceFile, finding: &'a Finding) -> Self {
        let label = Some(finding.primary.message.as_str()).filter(|text| !text.is_empty());
        let primary = LabelEntry { label, span: finding.primary.span, region: region(source, finding.primary.span) };
        Self {
            rule: finding.rule.as_str(),
            severity: finding.severity,
            message: &finding.message,
            primary,
            related: finding.related.iter().map(|label| RelatedEntry::of(source, label)).collect(),
            help: finding.help.as_deref(),
            fixes: finding.fixes.iter().map(|fix| FixEntry::of(source, fix)).collect(),
            fingerprint: fingerprint(source, finding),
        }
    }
}

impl<'a> RelatedEntry<'a> {
    fn of(source: &SourceFile, label: &'a Label) -> Self {
        Self { message: &label.message, span: label.span, region: region(source, label.span) }
    }
}

impl<'a> FixEntry<'a> {
    fn of(source: &SourceFile, fix: &'a Fix) -> Self {
        let edits = fix.edits.edits().iter().map(|edit| EditEntry {
            span: edit.span,
            region: region(source, edit.span),
            text: &edit.text,
        });
        Self { title: &fix.title, safety: fix.safety, edits: edits.collect() }
    }
}

fn region(source: &SourceFile, span: Span) -> Region {
    Region::of(source, span, Encoding::Chars)
}
