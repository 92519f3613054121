//! The search: one proposal after the other, each on the text that the one before leaves, until none is found.

use crate::model::{self, Resolved, Surroundings};
use crate::rewrite::cost::{Costs, Rebuilds};
use crate::rewrite::{Proposal, Proposals, Refusal, hoist_manifests, split_stage};
use crate::syntax;
use crate::text::SourceFile;

/// No file has more installs than this; a rewrite that keeps proposing is a defect, not a reason to hang.
const MOST_MOVES: usize = 64;

/// A proposal, and the instructions that the file must consist of once it is applied.
pub(super) struct Draft {
    pub(super) proposal: Proposal,
    /// The text of every instruction in order.
    pub(super) expected: Vec<String>,
}

/// Everything that may be done to the file, and everything that was considered and may not.
///
/// A file with syntax errors gets no proposals: what a broken line does is not known.
pub fn propose(resolved: &Resolved, around: &Surroundings, costs: &Costs) -> Proposals {
    propose_where(resolved, around, costs, &|_| true)
}

/// The same, for those proposals alone that are `wanted`: each stands on the text that the wanted ones before it leave.
pub fn propose_where(
    resolved: &Resolved,
    around: &Surroundings,
    costs: &Costs,
    wanted: &dyn Fn(&Proposal) -> bool,
) -> Proposals {
    let mut proposals = Proposals { moves: Vec::new(), refused: refusals(resolved, around), outlook: None };
    let mut current = resolved.clone();
    let mut versions = Vec::new();
    while proposals.moves.len() < MOST_MOVES {
        let Some(mut draft) = next_draft(&current, around, &mut Vec::new(), wanted) else { break };
        let next = apply(&current, &draft, around);
        if versions.is_empty() {
            versions.push(Rebuilds::replay(&current, around, costs));
        }
        let after = Rebuilds::replay(&next, around, costs);
        let before = versions.last().and_then(Option::as_ref);
        draft.proposal.gain = before.zip(after.as_ref()).and_then(|(before, after)| before.gain(after));
        versions.push(after);
        proposals.moves.push(draft.proposal);
        current = next;
    }
    if let (Some(Some(first)), Some(Some(last))) = (versions.first(), versions.last()) {
        proposals.outlook = Some(first.outlook(last));
    }
    proposals
}

/// The refusals of the file as it stands, without repeats.
fn refusals(resolved: &Resolved, around: &Surroundings) -> Vec<Refusal> {
    let mut refused = Vec::new();
    next_draft(resolved, around, &mut refused, &|_| true);
    refused.sort();
    refused.dedup();
    refused
}

fn next_draft(
    resolved: &Resolved,
    around: &Surroundings,
    refused: &mut Vec<Refusal>,
    wanted: &dyn Fn(&Proposal) -> bool,
) -> Option<Draft> {
    let is_wanted = |draft: &Draft| wanted(&draft.proposal);
    let hoisted = hoist_manifests::propose(resolved, around, refused).filter(is_wanted);
    let split = split_stage::propose(resolved, around, refused).filter(is_wanted);
    hoisted.or(split)
}

/// The file after the draft. What comes out must consist of exactly the declared instructions.
fn apply(resolved: &Resolved, draft: &Draft, around: &Surroundings) -> Resolved {
    let before = &resolved.model.tree.source;
    let bytes = draft.proposal.edits.apply(before.bytes());
    let parsed = syntax::parse(&SourceFile::new(before.name(), bytes));
    assert!(parsed.errors.is_empty(), "{} leaves a file that parses", draft.proposal.id);
    let next = model::resolve(model::analyze(parsed.tree), &resolved.options, around);
    assert_eq!(texts(&next), draft.expected, "{} changes exactly what it declares", draft.proposal.id);
    next
}

/// The text of every instruction in order.
pub(super) fn texts(resolved: &Resolved) -> Vec<String> {
    let tree = &resolved.model.tree;
    resolved.model.instructions().map(|instruction| tree.source.slice(instruction.span).to_owned()).collect()
}
