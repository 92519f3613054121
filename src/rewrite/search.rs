//! The search: one proposal after the other, each on the text that the one before leaves, until none is found.

use crate::model::{self, Resolved, Surroundings};
use crate::rewrite::change::Changed;
use crate::rewrite::cost::{Costs, Rebuilds, Scores};
use crate::rewrite::narrowed::narrowed;
use crate::rewrite::{Proposal, Proposals, REWRITES, Refusal};
use crate::syntax;
use crate::text::{EditSet, SourceFile, Span};

/// No file has more to be done than this; a rewrite that keeps proposing is a defect, not a reason to hang.
const MOST_MOVES: usize = 64;

/// What a rewrite finds in a file as it stands.
#[derive(Default)]
pub(super) struct Found {
    /// What steps cost, for a rewrite that has to weigh them.
    pub(super) costs: Costs,
    drafts: Vec<Draft>,
    refused: Vec<Refusal>,
}

/// A proposal, and the instructions that the file must consist of once it is applied.
struct Draft {
    proposal: Proposal,
    /// The text of every instruction in order.
    expected: Vec<String>,
}

impl Found {
    /// Takes a proposal; its edits are those of the change.
    pub(super) fn propose(&mut self, proposal: Proposal, changed: Changed) {
        let proposal = Proposal { edits: changed.edits, ..proposal };
        self.drafts.push(Draft { proposal, expected: changed.expected });
    }

    /// The lines that each proposal is about.
    pub(super) fn spans(&self) -> impl Iterator<Item = Span> {
        self.drafts.iter().map(|draft| draft.proposal.span)
    }

    /// Takes a refusal.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.refused.push(refusal);
    }
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
    let mut found = find(resolved, around, costs);
    let mut refused = std::mem::take(&mut found.refused);
    refused.sort();
    refused.dedup();
    let mut proposals = Proposals { moves: Vec::new(), refused, outlook: None, scores: None };
    let first = Rebuilds::replay(resolved, around, costs);
    let (mut current, mut around) = (resolved.clone(), around.clone());
    let mut last = None;
    while proposals.moves.len() < MOST_MOVES {
        let Some(mut draft) = found.drafts.into_iter().find(|draft| wanted(&draft.proposal)) else { break };
        around = narrowed(&around, &draft.proposal.ignored);
        current = apply(&current, &draft, &around);
        let after = Rebuilds::replay(&current, &around, costs);
        let before = last.as_ref().or(first.as_ref());
        draft.proposal.gain = before.zip(after.as_ref()).and_then(|(before, after)| before.gain(after));
        proposals.moves.push(draft.proposal);
        last = after.or(last);
        found = find(&current, &around, costs);
    }
    // What one proposal makes possible for another is no longer refused.
    let still_refused = |refusal: &Refusal| {
        found.refused.iter().any(|later| (&later.id, &later.reason) == (&refusal.id, &refusal.reason))
    };
    if !proposals.moves.is_empty() {
        proposals.refused.retain(still_refused);
    }
    if let Some(first) = &first {
        proposals.outlook = last.as_ref().map(|last| first.outlook(last));
        proposals.scores = Scores::of(first, last.as_ref().unwrap_or(first));
    }
    proposals
}

/// What every rewrite finds in the file as it stands, in the order in which they are to be applied.
fn find(resolved: &Resolved, around: &Surroundings, costs: &Costs) -> Found {
    let mut found = Found { costs: costs.clone(), ..Found::default() };
    REWRITES.iter().for_each(|rewrite| (rewrite.find)(resolved, around, &mut found));
    found
}

/// The file after these edits, for a look ahead: nothing is checked of it.
pub(super) fn after(resolved: &Resolved, edits: &EditSet, around: &Surroundings) -> Resolved {
    let before = &resolved.model.tree.source;
    let parsed = syntax::parse(&SourceFile::new(before.name(), edits.apply(before.bytes())));
    model::resolve(model::analyze(parsed.tree), &resolved.options, around)
}

/// The file after the draft. What comes out must consist of exactly the declared instructions.
fn apply(resolved: &Resolved, draft: &Draft, around: &Surroundings) -> Resolved {
    let before = &resolved.model.tree.source;
    let bytes = draft.proposal.edits.apply(before.bytes());
    let parsed = syntax::parse(&SourceFile::new(before.name(), bytes));
    assert!(parsed.errors.is_empty(), "{} leaves a file that parses", draft.proposal.id);
    let next = model::resolve(model::analyze(parsed.tree), &resolved.options, around);
    let stands: Vec<String> = texts(&next).collect();
    let declared: Vec<String> = draft.expected.iter().map(|text| with_plain_line_ends(text)).collect();
    assert_eq!(stands, declared, "{} changes exactly what it declares", draft.proposal.id);
    next
}

/// The text of every instruction in order.
fn texts(resolved: &Resolved) -> impl Iterator<Item = String> {
    let source = &resolved.model.tree.source;
    resolved.model.instructions().map(|instruction| with_plain_line_ends(source.slice(instruction.span)))
}

fn with_plain_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n")
}
