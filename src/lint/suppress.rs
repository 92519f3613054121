//! Which findings comments silence.

use crate::diagnostic::Finding;
use crate::rules::Cx;
use crate::syntax::pragma::Pragma;

/// Whether a comment silences the finding.
pub(super) fn is_silenced(finding: &Finding, cx: &Cx<'_>) -> bool {
    cx.pragmas.iter().any(|pragma| covers(pragma, finding, cx) && is_in_force(pragma, cx) && names(pragma, finding, cx))
}

/// What is wrong with the file as a whole may stand at its very end.
pub(super) fn covers(pragma: &Pragma, finding: &Finding, cx: &Cx<'_>) -> bool {
    let at = finding.primary.span.start;
    let end = cx.source().len();
    pragma.covers.contains(at) || (at == end && pragma.covers.end == end)
}

/// A comment that says until when it holds, holds through that day. Where today is not known, it holds.
pub(super) fn is_in_force(pragma: &Pragma, cx: &Cx<'_>) -> bool {
    match (&pragma.expires, &cx.around.today) {
        (Some(expires), Some(today)) => today <= expires,
        _ => true,
    }
}

fn names(pragma: &Pragma, finding: &Finding, cx: &Cx<'_>) -> bool {
    pragma.is_for_all() || pragma.ids.iter().any(|named| is_called(finding, &named.value, cx))
}

/// Whether the name means the finding: its rule, or what another linter calls it.
pub(super) fn is_called(finding: &Finding, name: &str, cx: &Cx<'_>) -> bool {
    let id = finding.rule.as_str();
    let rule = cx.catalogue.by_id(id);
    let is_alias =
        |name: &str| rule.is_some_and(|rule| rule.meta.aliases_of(&finding.known_as).any(|one| one.is(name)));
    let is_group = |name: &str| rule.is_some_and(|rule| rule.meta.id.as_str() == name);
    name == id || is_group(name) || is_alias(name)
}
