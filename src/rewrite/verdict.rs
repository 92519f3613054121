//! What building both versions of a file showed, as plain values: `verify` finds it out, `report` shows it.

use serde::Serialize;

use crate::rewrite::{Origin, Proposal};

/// What became of proposals that were built.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// How often the original was built to see what differs from one build of it to the next.
    pub originals: usize,
    /// How many paths its tree has.
    pub paths: usize,
    /// How many of them differ between two builds of the original: no rewrite is to blame for those.
    pub noise: usize,
    /// The original and the file with all that passed, each built without any earlier result.
    pub cold: Sides<Cold>,
    /// How many differences the rewrites declare and have.
    pub declared: usize,
    /// The proposals that did not pass.
    pub failed: Vec<Fault>,
    /// A rebuild after an edit; none where no file of the context is known to be edited.
    pub edit: Option<Edit>,
    /// The replay of past commits, if that was asked for.
    pub replay: Option<Replay>,
}

/// The original and the rewritten file beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sides<T> {
    /// As it is.
    pub original: T,
    /// As it would be; none where nothing passed.
    pub rewritten: Option<T>,
}

/// A build that begins with nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cold {
    /// Seconds.
    pub seconds: f64,
    /// Bytes of the image as it travels.
    pub size: u64,
}

/// A proposal that did not pass.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fault {
    /// Which.
    pub proposal: Proposal,
    /// What is wrong, most telling first; never more than anybody reads.
    pub differences: Vec<Difference>,
    /// How many there are in all.
    pub count: usize,
}

/// One thing that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// A path of the image, a cell of its config as the instruction that sets it, or a step.
    pub place: String,
    /// What about it, in a few words.
    pub what: String,
}

/// A rebuild after an edit of one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Edit {
    /// The file, as the context names it.
    pub file: String,
    /// Seconds that were predicted.
    pub predicted: Sides<f64>,
    /// Where those come from.
    pub origin: Origin,
    /// What happened.
    pub measured: Sides<Rebuild>,
    /// What differs after it that nobody declared; at most so many as anybody reads.
    pub differences: Vec<Difference>,
    /// How many there are in all.
    pub count: usize,
}

/// A build after another one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rebuild {
    /// Seconds.
    pub seconds: f64,
    /// The steps that ran, by name.
    pub ran: Vec<String>,
    /// Bytes of the layers that the image has in common with the one before.
    pub reused: u64,
    /// Bytes of all its layers.
    pub size: u64,
}

/// Past commits, built one after the other with the file of today and the rewritten one, each with a cache of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replay {
    /// The commits, oldest first.
    pub commits: Vec<Replayed>,
    /// The first, middle and last commit: how many paths differ there that should not.
    pub differing: Vec<Checked>,
}

/// One commit of a replay.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replayed {
    /// The beginning of its name.
    pub commit: String,
    /// How many files of the context it changed.
    pub changed: usize,
    /// What building it took.
    pub rebuilds: Sides<Rebuild>,
    /// What was predicted of that; none for the first, which begins with nothing.
    pub forecasts: Option<Sides<Forecast>>,
}

/// What was predicted of a rebuild from the builds before it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Forecast {
    /// Seconds.
    pub seconds: f64,
    /// The steps that were bound to run, by name.
    pub runs: Vec<String>,
    /// Those that were said to be able to.
    pub may_run: Vec<String>,
    /// Whether what ran is what was predicted: all that had to, and nothing that was called cached.
    pub is_exact: bool,
}

/// A commit at which the trees of both versions were compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checked {
    /// The beginning of its name.
    pub commit: String,
    /// What differs that nobody declared.
    pub differences: Vec<Difference>,
    /// How many there are in all.
    pub count: usize,
}

impl Verdict {
    /// Whether everything that was built is as it should be.
    pub fn is_clean(&self) -> bool {
        self.failed.is_empty() && self.holds()
    }

    /// Whether a proposal passed, or would have with all the others that did.
    pub fn accepts(&self, proposal: &Proposal) -> bool {
        self.holds() && !self.failed.iter().any(|fault| fault.proposal.does_the_same_as(proposal))
    }

    /// Whether what passed at the context of today also passed after an edit and at past commits.
    pub fn holds(&self) -> bool {
        let commits = self.replay.iter().flat_map(|replay| &replay.differing).map(|at| at.count);
        commits.chain(self.edit.iter().map(|edit| edit.count)).all(|count| count == 0)
    }
}

impl<T> Sides<T> {
    /// Both, seen in another way.
    pub fn map<U>(&self, seen: impl Fn(&T) -> U) -> Sides<U> {
        Sides { original: seen(&self.original), rewritten: self.rewritten.as_ref().map(seen) }
    }
}
