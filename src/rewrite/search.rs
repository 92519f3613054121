//! The search: one proposal after the other, each on the text that the one before leaves, until none is left that is worth
//! taking.

use crate::model::{self, Resolved, Surroundings};
use crate::rewrite::change::Changed;
use crate::rewrite::cost::{Costs, Scores};
use crate::rewrite::ways::{Way, best};
use crate::rewrite::{Proposal, Proposals, REWRITES, Refusal};
use crate::syntax;
use crate::text::{EditSet, SourceFile, Span};

/// No file has more to be done than this; a rewrite that keeps proposing is a defect, not a reason to hang.
pub(super) const MOST_MOVES: usize = 64;

/// What a rewrite finds in a file as it stands.
#[derive(Default)]
pub(super) struct Found {
    /// What steps cost, for a rewrite that has to weigh them.
    pub(super) costs: Costs,
    pub(super) drafts: Vec<Draft>,
    pub(super) refused: Vec<Refusal>,
}

/// A proposal, and the instructions that the file must consist of once it is applied.
pub(super) struct Draft {
    pub(super) proposal: Proposal,
    /// The text of every instruction in order.
    pub(super) expected: Vec<String>,
    /// Whether it is worth nothing by itself, but only what it makes possible.
    pub(super) is_opening: bool,
}

impl Found {
    /// What every rewrite finds, in the order in which it is to be applied.
    pub(super) fn of(resolved: &Resolved, around: &Surroundings, costs: &Costs) -> Self {
        let mut found = Self { costs: costs.clone(), ..Self::default() };
        REWRITES.iter().for_each(|rewrite| (rewrite.find)(resolved, around, &mut found));
        found
    }

    /// Takes what came of looking at one place: a proposal, nothing, or a refusal.
    pub(super) fn take(&mut self, answer: Result<Option<(Proposal, Changed)>, Refusal>) {
        match answer {
            Ok(Some((proposal, changed))) => self.propose(proposal, changed),
            Ok(None) => {}
            Err(refusal) => self.refuse(refusal),
        }
    }

    /// Takes a proposal; its edits are those of the change.
    pub(super) fn propose(&mut self, proposal: Proposal, changed: Changed) {
        self.draft(proposal, changed, false);
    }

    /// Takes a proposal that is to be kept only where what it makes possible saves something.
    pub(super) fn consider(&mut self, proposal: Proposal, changed: Changed) {
        self.draft(proposal, changed, true);
    }

    /// Takes a refusal.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.refused.push(refusal);
    }

    /// The lines that each proposal is about.
    pub(super) fn spans(&self) -> impl Iterator<Item = Span> {
        self.drafts.iter().map(|draft| draft.proposal.span)
    }

    /// Whether there is a proposal that does the same.
    pub(super) fn has_like(&self, proposal: &Proposal) -> bool {
        self.drafts.iter().any(|draft| draft.proposal.does_the_same_as(proposal))
    }

    fn draft(&mut self, proposal: Proposal, changed: Changed, is_opening: bool) {
        let proposal = Proposal { edits: changed.edits, ..proposal };
        self.drafts.push(Draft { proposal, expected: changed.expected, is_opening });
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
    let start = Way::begin(resolved, around, costs);
    let mut refused = start.found.refused.clone();
    refused.sort();
    refused.dedup();
    let mut proposals = Proposals { moves: Vec::new(), refused, outlook: None, scores: None };
    let first = start.rebuilds.clone();
    let mut last = start;
    // What is found in the end must be worth nothing more, so that whoever asks again is told nothing new.
    while proposals.moves.len() < MOST_MOVES {
        last = best(last, costs, wanted);
        if last.moves.is_empty() {
            break;
        }
        proposals.moves.append(&mut last.moves);
    }
    // What one proposal makes possible for another is no longer refused.
    let still_refused = |refusal: &Refusal| {
        last.found.refused.iter().any(|later| (&later.id, &later.reason) == (&refusal.id, &refusal.reason))
    };
    if !proposals.moves.is_empty() {
        proposals.refused.retain(still_refused);
    }
    if let Some(first) = &first {
        let last = last.rebuilds.as_ref().filter(|_| !proposals.moves.is_empty());
        proposals.outlook = last.map(|last| first.outlook(last));
        proposals.scores = Scores::of(first, last.unwrap_or(first));
    }
    proposals
}

/// The file after these edits, for a look ahead: nothing is checked of it.
pub(super) fn after(resolved: &Resolved, edits: &EditSet, around: &Surroundings) -> Resolved {
    let before = &resolved.model.tree.source;
    let parsed = syntax::parse(&SourceFile::new(before.name(), edits.apply(before.bytes())));
    model::resolve(model::analyze(parsed.tree), &resolved.options, around)
}

/// The file after the draft. What comes out must consist of exactly the declared instructions.
pub(super) fn apply(resolved: &Resolved, draft: &Draft, around: &Surroundings) -> Resolved {
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
