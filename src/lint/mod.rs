//! Which rules run, what silences them, in which order findings come, and the loop that applies their fixes.
//!
//! Does not know files, threads, formats or rewrites.
//! Invariant: the same file, surroundings and selection give the same findings in the same order.

mod anchor;
mod baseline;
mod change;
mod fixer;
mod idle;
mod profile;
mod round;
mod select;
mod suppress;
mod trial;

pub use baseline::{Baseline, Known};
pub use change::Change;
pub use fixer::{Applied, Defect, Fixed, fix};
pub use profile::Profile;
pub use select::{SelectError, Selection};
pub use trial::{Trial, try_rule};

use crate::diagnostic::Finding;
use crate::model::{Instruction, Operation, Resolved, Surroundings};
use crate::rules::{Catalogue, Cx, Decides, Idle, Out, Rule, RunCommand, Text, Tool, started};
use crate::syntax::SyntaxError;
use crate::syntax::pragma::pragmas;
use crate::text::Span;

/// What linting a file gives.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// The findings, in the order of the file.
    pub findings: Vec<Finding>,
    /// How many findings a comment silenced.
    pub silenced: usize,
}

/// Lints one file. `further` are findings from elsewhere, such as proposals; they are silenced and sorted alike.
pub fn lint(
    resolved: &Resolved,
    errors: &[SyntaxError],
    around: &Surroundings,
    catalogue: &Catalogue,
    selection: &Selection,
    further: Vec<Finding>,
) -> Report {
    let pragmas = pragmas(&resolved.model.tree);
    let cx = Cx { resolved, errors, around, pragmas: &pragmas, catalogue };
    let mut findings: Vec<Finding> =
        further.into_iter().filter_map(|finding| weighed_further(finding, catalogue, selection)).collect();
    let wanted = || catalogue.rules().iter().filter(|rule| selection.wants(&rule.meta));
    for rule in wanted() {
        findings.extend(weighed(rule, found(rule, &cx, selection), selection));
    }
    let idle = idle::idle(&cx, selection);
    if !idle.is_empty() {
        for rule in wanted() {
            findings.extend(weighed(rule, found_idle(rule, &idle, &cx, selection), selection));
        }
    }
    drop_echoes(catalogue, &mut findings);
    keep_foreign_bytes(&cx, &mut findings);
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    findings.dedup();
    anchor::anchor(&mut findings, &cx);
    let before = findings.len();
    findings.retain(|finding| !(selection.inline_ignores && suppress::is_silenced(finding, &cx)));
    Report { silenced: before - findings.len(), findings }
}

/// What a rule finds, as grave as it comes.
fn found(rule: &Rule, cx: &Cx<'_>, selection: &Selection) -> Vec<Finding> {
    let mut found = Vec::new();
    run(rule, cx, &mut Out::new(&rule.meta, selection.options(&rule.meta), selection.fixes, &mut found));
    found
}

/// What a rule finds in comments that silence nothing.
fn found_idle(rule: &Rule, idle: &[Idle<'_>], cx: &Cx<'_>, selection: &Selection) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Decides::Native(check) = &rule.decides {
        check.idle(idle, cx, &mut Out::new(&rule.meta, selection.options(&rule.meta), selection.fixes, &mut found));
    }
    found
}

/// Those findings of a rule that are wanted, as grave as they are here.
fn weighed(rule: &Rule, found: Vec<Finding>, selection: &Selection) -> impl Iterator<Item = Finding> {
    found.into_iter().filter_map(|finding| {
        let severity = selection.weigh(&rule.meta, &finding)?;
        Some(Finding { severity, ..finding })
    })
}

/// A finding from elsewhere, weighed by what is said of its name where there is anything.
fn weighed_further(finding: Finding, catalogue: &Catalogue, selection: &Selection) -> Option<Finding> {
    match catalogue.by_id(finding.rule.as_str()) {
        Some(rule) => weighed(rule, vec![finding], selection).next(),
        None => Some(finding),
    }
}

/// Every hook of the rule, over the whole file.
fn run(rule: &Rule, cx: &Cx<'_>, out: &mut Out<'_>) {
    let instructions = || cx.resolved.model.instructions();
    let triggers = || instructions().filter_map(stored);
    match &rule.decides {
        Decides::Elsewhere => {}
        Decides::Declared(block) => {
            let all = instructions().chain(triggers());
            all.for_each(|instruction| block.check(instruction, rule.advice(), cx, out));
        }
        Decides::Native(check) => {
            check.file(cx, out);
            cx.stages().iter().for_each(|stage| check.stage(stage, cx, out));
            for instruction in instructions() {
                check.instruction(instruction, cx, out);
                cx.commands(instruction).for_each(|command| check.command(command, cx, out));
                each_started(instruction, cx, |command| check.command(command, cx, &mut out.without_fixes()));
            }
            let out = &mut out.without_fixes();
            for trigger in triggers() {
                check.trigger(trigger, cx, out);
                cx.commands(trigger).for_each(|command| check.command(command, cx, out));
                each_started(trigger, cx, |command| check.command(command, cx, out));
            }
        }
    }
}

/// Every command that a RUN in exec form starts.
fn each_started(instruction: &Instruction, cx: &Cx<'_>, check: impl FnMut(RunCommand<'_>)) {
    started::shown(instruction, &started::started(instruction, cx)).for_each(check);
}

/// The instruction that an ONBUILD stores.
fn stored(instruction: &Instruction) -> Option<&Instruction> {
    match &instruction.operation {
        Operation::Onbuild(onbuild) => Some(&onbuild.trigger),
        _ => None,
    }
}

/// Drops what ShellCheck says where a rule of rplan's own says the same of the same place.
fn drop_echoes(catalogue: &Catalogue, findings: &mut Vec<Finding>) {
    let is_shellcheck = |name: &str| Tool::of(name) == Tool::ShellCheck;
    let mut told = Vec::new();
    for finding in findings.iter().filter(|finding| !is_shellcheck(finding.rule.as_str())) {
        let Some(rule) = catalogue.by_id(finding.rule.as_str()) else { continue };
        let names = rule.meta.aliases_of(&finding.known_as).map(|alias| alias.name.clone());
        told.extend(names.filter(|name| is_shellcheck(name)).map(|name| (finding.primary.span, name)));
    }
    findings.retain(|finding| {
        let is_echo =
            |(span, name): &(Span, Text)| name == finding.rule.as_str() && span.overlaps(finding.primary.span);
        !told.iter().any(is_echo)
    });
}

/// Drops the fixes that touch an instruction with bytes that are not UTF-8: it could not be written as it was.
fn keep_foreign_bytes(cx: &Cx<'_>, findings: &mut [Finding]) {
    let source = cx.source();
    if source.is_utf8(source.span()) {
        return;
    }
    let is_foreign = |span: Span| {
        let touched = |item: Span| item.overlaps(span) || item.contains(span.start);
        cx.tree().items.iter().any(|item| touched(item.span) && !source.is_utf8(item.span))
    };
    for finding in findings {
        finding.fixes.retain(|fix| !fix.edits.edits().iter().any(|edit| is_foreign(edit.span)));
    }
}
