//! The proposals of `rplan optimize` as findings of `rplan lint`: the same ones, where their names are wanted.

use crate::cli::earlier::recall;
use crate::cli::files::Input;
use crate::cli::optimize::costs;
use crate::cli::rulebook::{Rulebook, Rulebooks};
use crate::cli::situation::Situation;
use crate::cli::subject::Subject;
use crate::cli::wanted::Wanted;
use crate::diagnostic::{Finding, RuleId};
use crate::model::Resolved;
use crate::rewrite::{Proposal, findings, ids, propose_where};
use crate::syntax::SyntaxError;

/// Whether proposals are wanted of any input.
pub(super) fn are_wanted(books: &Rulebooks) -> bool {
    ids::ALL.iter().any(|id| books.want(id.as_str()))
}

/// What is proposed for a file as it was `resolved`, and wanted. Nothing where no builder takes the file, or where it is
/// written into another one, which `rplan optimize` leaves alone.
pub(super) fn proposed(
    input: &Input,
    resolved: &Resolved,
    errors: &[SyntaxError],
    situation: &Situation,
    book: &Rulebook,
) -> Vec<Finding> {
    let is_selected = |id: &RuleId| book.wants(id.as_str());
    let is_built = errors.is_empty() && resolved.model.problems.is_empty() && resolved.problems.is_empty();
    if !is_built || input.inline.is_some() || !ids::ALL.iter().any(is_selected) {
        return Vec::new();
    }
    let mut subject = Subject {
        source: resolved.model.tree.source.clone(),
        path: input.stdin.is_none().then(|| input.path.clone()),
        file_address: None,
        address: None,
        context: situation.opened.clone(),
        context_note: situation.context.clone(),
        resolved: resolved.clone(),
        around: situation.around.clone(),
    };
    // Where nothing can be remembered, times are what such steps usually take.
    let last_build = recall(&mut subject, situation.options.target.as_deref(), None).unwrap_or_default();
    let costs = costs(&subject, last_build.as_ref(), None).unwrap_or_default();
    let wanted = Wanted::set(input.settings.as_deref().map(|located| &located.settings.optimize));
    let is_wanted = |proposal: &Proposal| wanted.covers(proposal.id.as_str()) && is_selected(&proposal.id);
    findings(&propose_where(&subject.resolved, &subject.around, &costs, &is_wanted))
}
