//! `rplan lint`: every file judged by itself, many at once; none that fails stops another.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::cli::args::{LintArgs, LintFormatName};
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit};
use crate::cli::files::{Input, inputs};
use crate::cli::rulebook::{Rulebooks, Thresholds};
use crate::cli::situation::Situations;
use crate::cli::{fix, formats};
use crate::diagnostic::{Finding, RuleId, Severity};
use crate::lint::{Selection, lint};
use crate::report::{
    Checkstyle, Compact, ContextNote, FileView, Github, Gitlab, Hadolint, Json, Junit, LintFormat, LintView, Pretty,
    Sarif,
};
use crate::rules::RuleMeta;
use crate::text::{SourceFile, Span};

/// The name under which a file that cannot be read is reported.
const UNREADABLE: RuleId = RuleId::builtin("unreadable-file");

/// Finds what is wrong, after repairing what can be repaired if that was asked for.
pub(super) fn run(args: &LintArgs, console: &mut Console) -> Answer {
    let inputs = inputs(&args.files)?;
    if inputs.is_empty() {
        console.note("nothing to lint: no Dockerfile was found");
    }
    let books = Rulebooks::new(&inputs, &args.files, &args.selection, Thresholds::of(args, console.verbosity))?;
    let situations = Situations::of(&args.files);
    let repaired = if args.fix { fix::repair(&inputs, &books, &situations, console)? } else { Exit::Fine };
    let judge = |input: &Input| judge(input, &books, &situations);
    let judged: Vec<(FileView, bool)> = inputs.par_iter().map(judge).collect();
    let fails = judged.iter().any(|(_, fails)| *fails);
    let files: Vec<FileView> = judged.into_iter().map(|(file, _)| file).collect();
    let rules = known_rules(&inputs, &books, &files);
    let view = LintView { files, rules, statistics: args.statistics };
    let summary = !console.quiet && !inputs.is_empty();
    formats::write_all(&args.formats, LintFormatName::Pretty, console, |name, style, out| match name {
        LintFormatName::Pretty => Pretty { style, summary }.write(&view, out),
        LintFormatName::Compact => Compact.write(&view, out),
        LintFormatName::Json => Json.write(&view, out),
        LintFormatName::Sarif => Sarif.write(&view, out),
        LintFormatName::Github => Github.write(&view, out),
        LintFormatName::Gitlab => Gitlab.write(&view, out),
        LintFormatName::Checkstyle => Checkstyle.write(&view, out),
        LintFormatName::Junit => Junit.write(&view, out),
        LintFormatName::Hadolint => Hadolint.write(&view, out),
    })?;
    Ok(repaired.or(if fails { Exit::No } else { Exit::Fine }))
}

/// What is known of the rules that found something.
fn known_rules(inputs: &[Input], books: &Rulebooks, files: &[FileView]) -> BTreeMap<String, RuleMeta> {
    let mut known = BTreeMap::new();
    for (input, file) in inputs.iter().zip(files) {
        let catalogue = &books.of(input).catalogue;
        for finding in &file.findings {
            if let Some(rule) = catalogue.by_id(finding.rule.as_str()) {
                known.entry(finding.rule.to_string()).or_insert_with(|| rule.meta.clone());
            }
        }
    }
    known
}

/// What is wrong with one file, and whether that fails.
fn judge(input: &Input, books: &Rulebooks, situations: &Situations) -> (FileView, bool) {
    let book = books.of(input);
    let source = match input.read() {
        Ok(source) => source,
        Err(reason) => return (unreadable(input, &reason), true),
    };
    let situation = situations.around(input, &source);
    let selection = Selection { fixes: true, ..book.selection.clone() };
    let report =
        lint(&situation.resolved, &situation.errors, &situation.around, &book.catalogue, &selection, Vec::new());
    let fails = report.findings.iter().any(|finding| finding.severity >= book.fails_from);
    let (findings, below): (Vec<Finding>, Vec<Finding>) =
        report.findings.into_iter().partition(|finding| finding.severity >= book.shown_from);
    let hidden = Severity::ALL.map(|severity| (severity, count(&below, severity)));
    let hidden = hidden.into_iter().filter(|(_, count)| *count > 0).collect();
    (FileView { source, context: situation.context, findings, hidden, ignored: report.silenced }, fails)
}

/// The view of a file that cannot be read.
pub(super) fn unreadable(input: &Input, reason: &str) -> FileView {
    let source = SourceFile::new(input.name(), "");
    let finding = Finding::new(UNREADABLE, Severity::Error, Span::at(0), reason);
    FileView { source, context: ContextNote::NotNeeded, findings: vec![finding], hidden: Vec::new(), ignored: 0 }
}

fn count(findings: &[Finding], severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.severity == severity).count()
}
