//! `rplan lint`: every file judged by itself, many at once; none that fails stops another.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::cli::args::{LintArgs, LintFormatName};
use crate::cli::baseline::BaselineFile;
use crate::cli::catalogue::page;
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit};
use crate::cli::files::{Input, inputs};
use crate::cli::in_force::Typed;
use crate::cli::proposed::proposed;
use crate::cli::rulebook::{Rulebook, Rulebooks};
use crate::cli::since::Since;
use crate::cli::situation::{Situation, Situations};
use crate::cli::{fix, formats, inline};
use crate::diagnostic::{Finding, RuleId, Severity};
use crate::lint::{Change, Selection, lint};
use crate::report::{
    Checkstyle, Compact, ContextNote, FileView, Github, Gitlab, Hadolint, Json, Junit, LintFormat, LintView, Pretty,
    RuleView, Sarif, counted, rule_address, statistics,
};
use crate::rules::Rule;
use crate::text::{SourceFile, Span};

/// The name under which a file that cannot be read is reported.
const UNREADABLE: RuleId = RuleId::builtin("unreadable-file");

/// Finds what is wrong, after repairing what can be repaired if that was asked for.
pub(super) fn run(args: &LintArgs, console: &mut Console) -> Answer {
    let inputs = inputs(&args.files, console)?;
    if inputs.is_empty() {
        console.note("nothing to lint: no Dockerfile was found");
    }
    let typed = Typed {
        rules: &args.files.rules,
        selection: &args.selection,
        thresholds: args.thresholds,
        verbosity: console.verbosity,
    };
    let books = Rulebooks::new(&inputs, &typed)?;
    let mut situations = Situations::of(&args.files, &books)?;
    let repaired = if args.fix { fix::repair(&inputs, &books, &situations, console)? } else { Exit::Fine };
    situations.look_anew();
    let since = args.since.as_deref().map(|revision| Since::open(revision, &inputs)).transpose()?;
    let judge = |input| judge(input, &books, &situations, since.as_ref());
    let judged: Vec<Judged> = inputs.par_iter().map(judge).collect();
    situations.tell_trouble(console);
    let baseline = baseline(args, &judged, situations.ask_shellcheck(), console)?;
    let files: Vec<(FileView, bool)> = judged.into_iter().map(|file| file.view(baseline.as_ref())).collect();
    let fails = files.iter().any(|(_, fails)| *fails);
    let files: Vec<FileView> = files.into_iter().map(|(file, _)| file).collect();
    // A page costs the reading of a file, and only this form shows pages.
    let with_pages = args.formats.iter().any(|format| format.name == LintFormatName::Sarif);
    let rules = known_rules(&inputs, &books, &files, with_pages);
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
    let on_stdout = args.formats.iter().find(|format| format.file.is_none()).map(|format| format.name);
    let has_room = matches!(on_stdout, None | Some(LintFormatName::Pretty | LintFormatName::Json));
    if args.statistics && !has_room {
        statistics(&view).iter().for_each(|line| console.say(line));
    }
    Ok(repaired.or(if fails { Exit::No } else { Exit::Fine }))
}

/// What is known of the rules that found something.
fn known_rules(
    inputs: &[Input],
    books: &Rulebooks,
    files: &[FileView],
    with_pages: bool,
) -> BTreeMap<String, RuleView> {
    let view = |id: &str, rule: &Rule| RuleView {
        meta: rule.meta.clone(),
        page: if with_pages { page(id, rule) } else { String::new() },
        url: rule_address(id, &rule.meta, !rule.is_compiled_in()),
    };
    let mut known = BTreeMap::new();
    for (input, file) in inputs.iter().zip(files) {
        let catalogue = &books.of(input).catalogue;
        for finding in &file.findings {
            let id = finding.rule.as_str();
            if let Some(rule) = catalogue.by_id(id) {
                known.entry(id.to_owned()).or_insert_with(|| view(id, rule));
            }
        }
    }
    known
}

/// The baseline, as it is or drawn anew; what of it is over is told.
fn baseline(
    args: &LintArgs,
    judged: &[Judged],
    with_shellcheck: bool,
    console: &mut Console,
) -> Answer<Option<BaselineFile>> {
    let Some(path) = &args.baseline else { return Ok(None) };
    let mut baseline = BaselineFile::open(path, args.write_baseline, with_shellcheck)?;
    if args.write_baseline {
        let count = baseline.draw(judged)?;
        console.note(format_args!("{} knows {} now", path.display(), counted(count, "finding")));
    } else if let Some(outdated) = baseline.outdated(judged) {
        console.note(outdated);
    }
    Ok(Some(baseline))
}

/// One file and everything that is wrong with it.
pub(super) struct Judged<'a> {
    /// What was to be judged.
    pub(super) input: &'a Input,
    /// By what.
    pub(super) book: &'a Rulebook,
    /// Whether it could be read.
    pub(super) is_linted: bool,
    /// Everything that was found, whatever its severity.
    pub(super) findings: Vec<Finding>,
    source: SourceFile,
    context: ContextNote,
    ignored: usize,
    /// What the change that is asked about did to it.
    change: Change,
}

fn judge<'a>(input: &'a Input, books: &'a Rulebooks, situations: &Situations, since: Option<&Since>) -> Judged<'a> {
    let book = books.of(input);
    let source = match input.read() {
        Ok(source) => source,
        Err(reason) => {
            let FileView { source, context, findings, .. } = unreadable(input, &reason);
            // What is selected or in a profile does not matter: nothing else could speak for this file.
            let named = Selection { select: vec![UNREADABLE.to_string()], ..book.selection.clone() };
            let rule = book.catalogue.by_id(UNREADABLE.as_str()).expect("there is such a rule");
            let weighed = |finding| Some(Finding { severity: named.weigh(&rule.meta, &finding)?, ..finding });
            let findings = findings.into_iter().filter_map(weighed).collect();
            let change = Change::Everything;
            return Judged { input, book, is_linted: false, findings, source, context, ignored: 0, change };
        }
    };
    let situation = situations.around(input, &source);
    let selection = Selection { fixes: true, ..book.selection.clone() };
    let Situation { resolved, errors, around, .. } = &situation;
    let further = proposed(input, resolved, errors, &situation, book);
    let report = lint(resolved, errors, around, &book.catalogue, &selection, further);
    let change = since.map_or(Change::Everything, |since| since.change(input, &source, &situation, book));
    let (findings, ignored, context) = (report.findings, report.silenced, situation.context);
    if let Some(inline) = &input.inline {
        let tree = &situation.resolved.model.tree;
        let findings = inline::outward(findings, inline, tree);
        let (source, change) = (inline.outer().clone(), inline::outward_change(change, inline));
        return Judged { input, book, is_linted: true, findings, source, context, ignored, change };
    }
    Judged { input, book, is_linted: true, findings, source, context, ignored, change }
}

impl Judged<'_> {
    /// What is to be shown of it, and whether that fails.
    fn view(mut self, baseline: Option<&BaselineFile>) -> (FileView, bool) {
        let found = self.findings.len();
        self.change.retain(&mut self.findings);
        let untouched = found - self.findings.len();
        let known = baseline.map_or(0, |baseline| baseline.take_known(&mut self));
        let new = self.findings;
        // A file that could not be judged is no clean one, even where no finding fails.
        let is_missing = |finding: &Finding| !self.is_linted && finding.severity == Severity::Error;
        let fails = new.iter().any(|finding| is_missing(finding) || self.book.fails_from.includes(finding.severity));
        let (findings, below): (Vec<Finding>, Vec<Finding>) =
            new.into_iter().partition(|finding| finding.severity >= self.book.shown_from);
        let hidden = Severity::ALL.map(|severity| (severity, count(&below, severity)));
        let hidden = hidden.into_iter().filter(|(_, count)| *count > 0).collect();
        let Self { source, context, ignored, .. } = self;
        (FileView { source, context, findings, hidden, ignored, known, untouched }, fails)
    }
}

/// The view of a file that cannot be read.
pub(super) fn unreadable(input: &Input, reason: &str) -> FileView {
    let source = SourceFile::new(input.name(), "");
    let finding = Finding::new(UNREADABLE, Severity::Error, Span::at(0), reason);
    let context = ContextNote::NotNeeded;
    FileView { source, context, findings: vec![finding], hidden: Vec::new(), ignored: 0, known: 0, untouched: 0 }
}

fn count(findings: &[Finding], severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.severity == severity).count()
}
