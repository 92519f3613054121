//! Which comments silence nothing: known only when every rule that they name has spoken, wanted or not.

use std::collections::BTreeMap;

use crate::diagnostic::Finding;
use crate::lint::{Selection, found, suppress};
use crate::rules::{Cx, Idle, Rule, Tool};
use crate::syntax::pragma::{Dialect, Pragma};

/// The names in rplan's own comments that silence nothing; where none of a comment's does, the comment. Those of other
/// linters may silence something there. Nobody knows where the build context is not: rules that need it find nothing.
pub(super) fn idle<'a>(cx: &Cx<'a>, selection: &Selection) -> Vec<Idle<'a>> {
    if cx.around.context.is_none() || !selection.inline_ignores {
        return Vec::new();
    }
    let mut spoken = Spoken { cx, selection, findings: BTreeMap::new() };
    let ours = cx.pragmas.iter().filter(|pragma| pragma.dialect == Dialect::Rplan && suppress::is_in_force(pragma, cx));
    ours.flat_map(|pragma| spoken.idle(pragma)).collect()
}

struct Spoken<'s, 'a> {
    cx: &'s Cx<'a>,
    selection: &'s Selection,
    /// What each rule finds that was asked so far, by id.
    findings: BTreeMap<&'a str, Vec<Finding>>,
}

impl<'a> Spoken<'_, 'a> {
    fn idle(&mut self, pragma: &'a Pragma) -> Vec<Idle<'a>> {
        let cx = self.cx;
        if pragma.is_for_all() {
            let is_idle = !cx.catalogue.rules().iter().any(|rule| self.is_needed(pragma, "all", rule));
            return is_idle.then_some(Idle { pragma, name: None }).into_iter().collect();
        }
        let mut idle = Vec::new();
        for name in &pragma.ids {
            // What cannot be known is said by another rule: a name that is none. ShellCheck may not be there, and whoever
            // hands findings in may not have been asked.
            let is_shellcheck =
                |rule: &Rule| Tool::of(&name.value) == Tool::ShellCheck || rule.meta.speaks_for_shellcheck();
            let is_known = |rule: &&Rule| !is_shellcheck(rule) && !rule.is_decided_elsewhere();
            let rule = cx.catalogue.find(&name.value).filter(is_known);
            if rule.is_some_and(|rule| !self.is_needed(pragma, &name.value, rule)) {
                idle.push(Idle { pragma, name: Some(name) });
            }
        }
        match idle.len() == pragma.ids.len() {
            true => vec![Idle { pragma, name: None }],
            false => idle,
        }
    }

    /// Whether the comment silences anything that the rule finds.
    fn is_needed(&mut self, pragma: &Pragma, name: &str, rule: &'a Rule) -> bool {
        let (cx, selection) = (self.cx, self.selection);
        let id = rule.meta.id.as_str();
        let findings = self
            .findings
            .entry(id)
            .or_insert_with(|| found(rule, cx, &Selection { fixes: false, ..selection.clone() }));
        let is_called = |finding: &Finding| name == "all" || suppress::is_called(finding, name, cx);
        findings.iter().any(|finding| suppress::covers(pragma, finding, cx) && is_called(finding))
    }
}
