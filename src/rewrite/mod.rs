//! Whole-file proposals: moves that change the order of a build or its stages, each with its claim and its gain.
//!
//! Owns the catalogue of rewrites and the search among them. Does not know the command line, printing, or how edits
//! reach the disk. No rewrite judges itself: `effect` proves each move, and the edited text, parsed again, must differ
//! from the original by exactly the declared move.

mod add_cache_mounts;
mod applied;
mod change;
mod chown_in_copy;
pub mod cost;
mod declared;
mod drop_stage;
mod extend_ignore_file;
mod finding;
mod hoist_independent;
mod hoist_manifests;
mod hoist_os_install;
pub mod ids;
mod ignore_git;
mod join_runs;
mod mount_cargo_target;
mod mount_secret;
mod mount_ssh;
mod narrowed;
mod order;
mod page;
mod raise;
mod reorder_steps;
mod search;
mod sink_volatile_arg;
mod split_copy;
mod split_run;
mod split_stage;
mod taken;
mod units;
mod verdict;
mod ways;

use serde::Serialize;

use crate::diagnostic::RuleId;
use crate::model::{Base, Resolved, StageId, Surroundings};
use crate::rewrite::search::Found;
use crate::text::{EditSet, Span};

pub use applied::{applied, ignore_file_after, image_alone, resolved_after};
pub use cost::{Costs, FEWEST_COMMITS, Gain, Origin, Outlook, Score, Scores};
pub use declared::Declared;
pub use finding::{findings, metas};
pub use page::explain;
pub use search::{propose, propose_where};
pub use verdict::{Checked, Cold, Difference, Edit, Fault, Forecast, Rebuild, Replay, Replayed, Sides, Verdict};

/// The rewrites, in the order in which what they find is applied. A new one is its file, its page and a line here.
const REWRITES: &[Rewrite] = &[
    extend_ignore_file::REWRITE,
    join_runs::REWRITE,
    split_run::REWRITE,
    hoist_manifests::REWRITE,
    hoist_os_install::REWRITE,
    hoist_independent::REWRITE,
    reorder_steps::REWRITE,
    sink_volatile_arg::REWRITE,
    chown_in_copy::REWRITE,
    split_stage::REWRITE,
    split_copy::REWRITE,
    add_cache_mounts::REWRITE,
    mount_cargo_target::REWRITE,
    ignore_git::REWRITE,
    mount_secret::REWRITE,
    mount_ssh::REWRITE,
    drop_stage::REWRITE,
];

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
    /// How well the file uses the cache; none where the history is too short to say so.
    pub scores: Option<Scores>,
}

impl Proposals {
    /// Whether one of them does the same as `proposal`.
    pub fn has_like(&self, proposal: &Proposal) -> bool {
        self.moves.iter().any(|own| own.does_the_same_as(proposal))
    }
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
    /// Lines that the ignore file gets at its end; where there is none, they are the whole file.
    pub ignored: Vec<String>,
    /// What it gains; none where it cannot be said.
    pub gain: Option<Gain>,
}

impl Proposal {
    /// A proposal that says nothing yet but what is claimed.
    fn new(id: RuleId, class: Class, claim: impl Into<String>, span: Span) -> Self {
        Self {
            id,
            class,
            claim: claim.into(),
            span,
            edits: EditSet::new(),
            because: Vec::new(),
            assumed: Vec::new(),
            notes: Vec::new(),
            declared: Declared::default(),
            ignored: Vec::new(),
            gain: None,
        }
    }

    /// Whether both do the same, perhaps at another place because others were left out.
    pub fn does_the_same_as(&self, other: &Self) -> bool {
        let edits = |proposal: &Self| -> Vec<(usize, String)> {
            proposal.edits.edits().iter().map(|edit| (edit.span.len(), edit.text.clone())).collect()
        };
        self.id == other.id && edits(self) == edits(other) && self.ignored == other.ignored
    }
}

/// A stage and those that it starts from.
fn lineage(resolved: &Resolved, stage: StageId) -> impl Iterator<Item = StageId> {
    std::iter::successors(Some(stage), |stage| match resolved.bases[stage.0] {
        Base::Stage(parent) => Some(parent),
        _ => None,
    })
}

/// Whether a stage is the other one or starts from it.
fn is_at_or_below(resolved: &Resolved, stage: StageId, other: StageId) -> bool {
    lineage(resolved, stage).any(|one| one == other)
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

impl Refusal {
    /// A refusal at `span`.
    fn new(id: RuleId, span: Span, reason: impl Into<String>) -> Self {
        Self { span, id, reason: reason.into(), help: None }
    }

    /// With what would make it possible.
    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}
