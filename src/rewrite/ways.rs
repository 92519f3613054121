//! Which of the proposals for a file are taken: a beam search over the ways through them.
//!
//! A proposal that another one leaves possible can wait, so that one way does for both. The ways part where a proposal
//! would be gone after another one, and where one is worth only what it opens. The cheapest few are followed to their
//! ends; what a version of the file costs is told by replaying the history on it. Without a history there is nothing to
//! weigh: then the first proposal is taken each time, and nothing for what it might open.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::model::{Resolved, Surroundings};
use crate::rewrite::Proposal;
use crate::rewrite::cost::{Costs, Rebuilds};
use crate::rewrite::narrowed::narrowed;
use crate::rewrite::search::{Draft, Found, MOST_MOVES, apply};

/// As many ways are followed at once.
const WIDTH: usize = 3;
/// So often the ways may part at one place: what stands further back in the catalogue is not weighed.
const MOST_BRANCHES: usize = 4;
/// As many are taken in a row for what they may open.
const MOST_OPENING: usize = 2;
/// Seconds that the mean commit must save for another way than the first: less is not worth what nobody expects.
const WORTH: f64 = 0.5;

/// A version of the file, and how it came about.
pub(super) struct Way {
    file: Resolved,
    around: Surroundings,
    pub(super) found: Found,
    /// What the history costs with it; none without a history.
    pub(super) rebuilds: Option<Rc<Rebuilds>>,
    /// What was taken since the search began.
    pub(super) moves: Vec<Proposal>,
    /// How many of them were taken for what they may open, which has not come yet.
    unpaid: usize,
    /// Which turn was taken at each place, 0 for the usual one. Of ways that are as good, the one with the first turns is
    /// taken.
    turns: Vec<usize>,
}

/// What makes a version of the file what it is.
type Version = (Vec<u8>, Vec<String>);

impl Way {
    /// The file as it is.
    pub(super) fn begin(file: &Resolved, around: &Surroundings, costs: &Costs) -> Self {
        Self {
            found: Found::of(file, around, costs),
            rebuilds: Rebuilds::replay_with_needless(file, around, costs).map(Rc::new),
            file: file.clone(),
            around: around.clone(),
            moves: Vec::new(),
            unpaid: 0,
            turns: Vec::new(),
        }
    }

    /// The way on which one more is taken; none where it was to open something and does not.
    fn after(&self, draft: &Draft, costs: &Costs, turn: usize) -> Option<Self> {
        let around = narrowed(&self.around, &draft.proposal.ignored);
        let file = apply(&self.file, draft, &around);
        let found = Found::of(&file, &around, costs);
        let is_new = |other: &Draft| !other.is_opening && !self.found.has_like(&other.proposal);
        if draft.is_opening && !found.drafts.iter().any(is_new) {
            return None;
        }
        let rebuilds = self.rebuilds.as_ref().and_then(|_| Rebuilds::replay(&file, &around, costs)).map(Rc::new);
        let mut proposal = draft.proposal.clone();
        proposal.gain = self.rebuilds.as_ref().zip(rebuilds.as_ref()).and_then(|(before, after)| before.gain(after));
        let unpaid = match (draft.is_opening, &proposal.gain) {
            (true, None) => self.unpaid + 1,
            (false, None) => self.unpaid,
            (_, Some(_)) => 0,
        };
        Some(Self {
            found,
            // A version without a plan costs what the one before did, for all that is known.
            rebuilds: rebuilds.or_else(|| self.rebuilds.clone()),
            file,
            around,
            moves: self.moves.iter().cloned().chain([proposal]).collect(),
            unpaid,
            turns: self.turns.iter().copied().chain([turn]).collect(),
        })
    }

    /// The ways that lead on, the usual one first.
    fn further(&self, costs: &Costs, wanted: &dyn Fn(&Proposal) -> bool) -> Vec<Self> {
        if self.moves.len() >= MOST_MOVES {
            return Vec::new();
        }
        let is_wanted = |draft: &&Draft| wanted(&draft.proposal);
        let (opening, plain): (Vec<&Draft>, Vec<&Draft>) =
            self.found.drafts.iter().filter(is_wanted).partition(|draft| draft.is_opening);
        let usual = plain.first().and_then(|first| self.after(first, costs, 0));
        let is_gone = |other: &&&Draft| usual.as_ref().is_some_and(|usual| !usual.found.has_like(&other.proposal));
        let opening = opening.iter().filter(|_| self.unpaid < MOST_OPENING);
        let others = plain.iter().skip(1).filter(is_gone).chain(opening).take(MOST_BRANCHES);
        let parting = match self.rebuilds.is_some() {
            true => (1..).zip(others).filter_map(|(turn, draft)| self.after(draft, costs, turn)).collect(),
            false => Vec::new(),
        };
        usual.into_iter().chain(parting).collect()
    }

    /// Whether all is taken that is worth taking by itself.
    fn is_end(&self, wanted: &dyn Fn(&Proposal) -> bool) -> bool {
        self.moves.len() >= MOST_MOVES
            || !self.found.drafts.iter().any(|draft| !draft.is_opening && wanted(&draft.proposal))
    }

    /// Seconds that the mean commit takes.
    fn seconds(&self) -> f64 {
        self.rebuilds.as_ref().map_or(0.0, |rebuilds| rebuilds.expected())
    }

    fn version(&self) -> Version {
        let ignored = self.moves.iter().flat_map(|proposal| proposal.ignored.clone());
        (self.file.model.tree.source.bytes().to_vec(), ignored.collect())
    }
}

/// The best end of all ways that begin here: the usual one, unless another is worth leaving it.
pub(super) fn best(start: Way, costs: &Costs, wanted: &dyn Fn(&Proposal) -> bool) -> Way {
    let mut seen = BTreeSet::from([start.version()]);
    let mut ways = vec![Way { turns: Vec::new(), ..start }];
    let mut ends: Vec<Way> = Vec::new();
    while !ways.is_empty() {
        let mut further = Vec::new();
        for way in ways {
            further.extend(way.further(costs, wanted));
            if way.is_end(wanted) {
                ends.push(way);
            }
        }
        further.sort_by(|one, other| one.turns.cmp(&other.turns));
        further.retain(|way| seen.insert(way.version()) || is_usual(way));
        // The usual way is followed to its end, whatever it costs on the way there.
        further.sort_by(|one, other| {
            (!is_usual(one)).cmp(&!is_usual(other)).then(one.seconds().total_cmp(&other.seconds()))
        });
        further.truncate(WIDTH);
        ways = further;
    }
    ends.sort_by(|one, other| one.turns.cmp(&other.turns));
    choose(ends)
}

/// The usual end, or the cheapest if that saves enough; of equally cheap ones the first.
fn choose(ends: Vec<Way>) -> Way {
    let mut ends = ends.into_iter();
    let usual = ends.next().expect("the usual way has an end");
    let least = usual.seconds() - WORTH;
    let cheaper = ends
        .filter(|way| way.seconds() <= least)
        .reduce(|best, way| if way.seconds() < best.seconds() { way } else { best });
    cheaper.unwrap_or(usual)
}

fn is_usual(way: &Way) -> bool {
    way.turns.iter().all(|turn| *turn == 0)
}
