//! Whole-file proposals: moves that change the order of a build or its stages, each with its claim and its gain.
//!
//! Owns the catalogue of rewrites and the search among them. Does not know the command line, printing, or how edits
//! reach the disk. No rewrite judges itself: `effect` proves each move, and the edited text, parsed again, must differ
//! from the original by exactly the declared move.

mod applied;
mod change;
pub mod cost;
mod declared;
mod hoist_manifests;
pub mod ids;
mod page;
mod search;
mod split_stage;
mod verdict;

use serde::Serialize;

use crate::diagnostic::RuleId;
use crate::model::{Resolved, Surroundings};
use crate::rewrite::search::Found;
use crate::text::{EditSet, Span};

pub use applied::{applied, resolved_after};
pub use cost::{Costs, Gain, Origin, Outlook};
pub use declared::Declared;
pub use page::explain;
pub use search::{propose, propose_where};
pub use verdict::{Checked, Cold, Difference, Edit, Fault, Forecast, Rebuild, Replay, Replayed, Sides, Verdict};

/// The rewrites, in the order in which what they find is applied. A new one is its file, its page and a line here.
const REWRITES: &[Rewrite] = &[hoist_manifests::REWRITE, split_stage::REWRITE];

/// One rewrite of the catalogue.
struct Rewrite {
    id: RuleId,
    /// The YAML file with everything that people read of it, and its examples.
    page: &'static str,
    /// Looks at a file as it stands: all that could be done, and all that may not be.
    find: fn(&Resolved, &Surroundings, &mut Found),
}

/// All that is proposed for a file, and all that was considered and refused.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposals {
    /// The proposals in the order to apply them; the edits of each are relative to the text after the one before.
    pub moves: Vec<Proposal>,
    /// What was considered and may not be done, in the order of the file.
    pub refused: Vec<Refusal>,
    /// What rebuilds take before and after all of it; none without a history.
    pub outlook: Option<Outlook>,
}

/// What is claimed of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Class {
    /// The tree and config of a cold build are proved equal.
    #[serde(rename = "S")]
    Same,
    /// Not proved, or a declared difference: to be verified by building both.
    #[serde(rename = "V")]
    Verify,
    /// Advice: yours to decide.
    #[serde(rename = "A")]
    Advice,
}

/// One rewrite, ready to apply.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal {
    /// Which rewrite of the catalogue.
    pub id: RuleId,
    /// What is claimed.
    pub class: Class,
    /// The claim in a few words: "same files, same config".
    pub claim: String,
    /// The lines that it is about.
    pub span: Span,
    /// The change; empty until the rewrite has been taken over by the search.
    pub edits: EditSet,
    /// Why it is legal, one sentence each.
    pub because: Vec<String>,
    /// What could not be looked at.
    pub assumed: Vec<String>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
    /// What of the image it changes on purpose.
    pub declared: Declared,
    /// What it gains; none where it cannot be said.
    pub gain: Option<Gain>,
}

impl Proposal {
    /// Whether both do the same, perhaps at another place because others were left out.
    pub fn does_the_same_as(&self, other: &Self) -> bool {
        let edits = |proposal: &Self| -> Vec<(usize, String)> {
            proposal.edits.edits().iter().map(|edit| (edit.span.len(), edit.text.clone())).collect()
        };
        self.id == other.id && edits(self) == edits(other)
    }
}

/// A rewrite that may not be done here, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Refusal {
    /// The place that stands against it.
    pub span: Span,
    /// Which rewrite of the catalogue.
    pub id: RuleId,
    /// Why, as one sentence without a full stop.
    pub reason: String,
    /// What would make it possible.
    pub help: Option<String>,
}
