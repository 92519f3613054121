//! The last line of a lint report: what was found, with which context, what is not shown, what to do next.

use std::collections::BTreeMap;

use super::{FileView, LintView};
use crate::diagnostic::{Safety, Severity};
use crate::report::context::ContextNote;
use crate::report::count::{counted, listed};

/// The summary as one line.
pub(super) fn line(view: &LintView) -> String {
    let mut sentences = vec![found(view)];
    sentences.extend(unknown_contexts(view));
    sentences.extend(ignored(view));
    sentences.extend(known(view));
    sentences.extend(untouched(view));
    sentences.extend(repairable(view));
    sentences.extend(not_shown(view));
    sentences.join(" ")
}

/// The count of findings by rule, most frequent first, as `count rule` lines.
pub fn statistics(view: &LintView) -> Vec<String> {
    let mut counts = BTreeMap::<&str, usize>::new();
    view.findings().for_each(|(_, finding)| *counts.entry(finding.rule.as_str()).or_default() += 1);
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|&(rule, count)| (std::cmp::Reverse(count), rule));
    counts.into_iter().map(|(rule, count)| format!("{count:>5}  {rule}")).collect()
}

fn found(view: &LintView) -> String {
    let by_severity = Severity::ALL.into_iter().rev().map(|severity| (severity, view.count(severity)));
    let counts: Vec<String> =
        by_severity.filter(|(_, count)| *count > 0).map(|(severity, count)| counted(count, noun(severity))).collect();
    let what = if counts.is_empty() { "No findings".to_owned() } else { listed(&counts) };
    let files = counted(view.files.len(), "file");
    match common_context(&view.files) {
        Some(context) => format!("{what} in {files} (context: {context})."),
        None => format!("{what} in {files}."),
    }
}

fn noun(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
        Severity::Style => "style note",
    }
}

/// The context, when it is the same for every file.
fn common_context(files: &[FileView]) -> Option<String> {
    let mut contexts = files.iter().filter_map(|file| file.context.words());
    let first = contexts.next()?;
    contexts.all(|context| context == first).then_some(first)
}

fn unknown_contexts(view: &LintView) -> Option<String> {
    let unknown = view.files.iter().filter(|file| file.context == ContextNote::Unknown).count();
    let files = match (unknown, view.files.len()) {
        (0, _) => return None,
        (unknown, all) if unknown == all => String::new(),
        (unknown, _) => format!(" of {}", counted(unknown, "file")),
    };
    Some(format!("Context{files} unknown: rules that need one were silent; --context names it."))
}

fn not_shown(view: &LintView) -> Option<String> {
    let hidden = |severity| (severity, view.hidden(severity));
    let hidden: Vec<_> = Severity::ALL.into_iter().rev().map(hidden).filter(|(_, count)| *count > 0).collect();
    let (lowest, _) = hidden.last()?;
    let counts: Vec<String> = hidden.iter().map(|(severity, count)| counted(*count, noun(*severity))).collect();
    Some(format!("{} not shown: --severity {lowest}", listed(&counts)))
}

fn ignored(view: &LintView) -> Option<String> {
    let ignored = view.files.iter().map(|file| file.ignored).sum();
    (ignored > 0).then(|| format!("{} ignored by comments.", counted(ignored, "finding")))
}

fn known(view: &LintView) -> Option<String> {
    let known = view.files.iter().map(|file| file.known).sum();
    (known > 0).then(|| format!("{} in the baseline.", counted(known, "finding")))
}

fn untouched(view: &LintView) -> Option<String> {
    let untouched = view.files.iter().map(|file| file.untouched).sum();
    (untouched > 0).then(|| format!("{} older than the change.", counted(untouched, "finding")))
}

fn repairable(view: &LintView) -> Option<String> {
    let safe = |finding: &crate::diagnostic::Finding| finding.fixes.iter().any(|fix| fix.safety == Safety::Safe);
    match view.findings().filter(|(_, finding)| safe(finding)).count() {
        0 => None,
        1 => Some("`rplan fix` repairs 1 of them.".to_owned()),
        count => Some(format!("`rplan fix` repairs {count} of them.")),
    }
}
