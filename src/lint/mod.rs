//! Which rules run, what silences them, in which order findings come, and the loop that applies their fixes.
//!
//! Does not know files, threads, formats or rewrites.
//! Invariant: the same file, surroundings and selection give the same findings in the same order.

mod fixer;
mod select;

pub use fixer::{Fixed, fix};
pub use select::Selection;

use crate::diagnostic::Finding;
use crate::model::{Resolved, Surroundings};
use crate::rules::{Catalogue, Cx, Decides, Out};
use crate::syntax::SyntaxError;
use crate::syntax::pragma::{Pragma, pragmas};

/// What linting a file gives.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// The findings, in the order of the file.
    pub findings: Vec<Finding>,
    /// How many findings a comment silenced.
    pub silenced: usize,
}

/// Lints one file. `further` are findings from elsewhere, such as proposals; they are selected and silenced alike.
pub fn lint(
    resolved: &Resolved,
    errors: &[SyntaxError],
    around: &Surroundings,
    catalogue: &Catalogue,
    selection: &Selection,
    further: Vec<Finding>,
) -> Report {
    let cx = Cx { resolved, errors, around };
    let mut findings = further;
    for rule in catalogue.rules().iter().filter(|rule| selection.wants(&rule.meta)) {
        let severity = selection.severity(&rule.meta);
        let options = selection.options(&rule.meta);
        let mut out = Out::new(&rule.meta, severity, options, selection.fixes, &mut findings);
        run(&rule.decides, &cx, &mut out);
    }
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    findings.dedup();
    let pragmas = pragmas(cx.tree());
    let before = findings.len();
    let end = cx.source().len();
    findings.retain(|finding| !pragmas.iter().any(|pragma| silences(pragma, finding, end, catalogue)));
    Report { silenced: before - findings.len(), findings }
}

/// Every hook of the rule, over the whole file.
fn run(decides: &Decides, cx: &Cx<'_>, out: &mut Out<'_>) {
    let instructions = || cx.resolved.model.instructions();
    match decides {
        Decides::Declared(matches) => instructions().for_each(|instruction| matches.check(instruction, cx, out)),
        Decides::Native(check) => {
            check.file(cx, out);
            cx.stages().iter().for_each(|stage| check.stage(stage, cx, out));
            for instruction in instructions() {
                check.instruction(instruction, cx, out);
                cx.commands(instruction).for_each(|command| check.command(command, cx, out));
            }
        }
    }
}

/// What is wrong with the file as a whole may stand at its very `end`.
fn silences(pragma: &Pragma, finding: &Finding, end: usize, catalogue: &Catalogue) -> bool {
    let at = finding.primary.span.start;
    let covers = pragma.covers.contains(at) || (at == end && pragma.covers.end == end);
    let names = |id: &str| catalogue.find(id).is_some_and(|rule| rule.meta.id == finding.rule);
    covers && (pragma.is_for_all() || pragma.ids.iter().any(|id| id.value == finding.rule.as_str() || names(&id.value)))
}
