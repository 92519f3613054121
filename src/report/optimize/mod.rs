//! What `rplan optimize` shows: proposals in order, each with its change, its reasons and its gain.

use std::io;

use crate::plan::stale::Builder;
use crate::report::context::ContextNote;
use crate::rewrite::{Proposal, Proposals, Verdict};
use crate::text::SourceFile;

pub(super) mod all;
pub(super) mod json;
pub(super) mod summary;
pub(super) mod text;
mod verdict;

/// A form in which proposals can be written.
pub trait OptimizeFormat {
    /// Writes all of it.
    fn write(&self, view: &OptimizeView, out: &mut dyn io::Write) -> io::Result<()>;
}

/// The proposals for one Dockerfile, and what became of them.
#[derive(Clone)]
pub struct OptimizeView<'a> {
    /// The Dockerfile as it was.
    pub source: &'a SourceFile,
    /// Its build context.
    pub context: ContextNote,
    /// How many files the context has, when there is one.
    pub files: Option<usize>,
    /// How many past commits were looked at, when the context is in a repository.
    pub commits: Option<usize>,
    /// Whose rules of caching count.
    pub builder: Builder,
    /// Whether an earlier build says what steps take.
    pub is_measured: bool,
    /// Whose build that is, where it was not rplan's.
    pub times_from: Option<String>,
    /// What is proposed and what is refused.
    pub proposals: &'a Proposals,
    /// What building what is proposed showed, if it was built.
    pub verdict: Option<&'a Verdict>,
    /// Which proposals `--write` writes.
    pub is_written: &'a dyn Fn(&Proposal) -> bool,
    /// Whether the file was written.
    pub written: bool,
    /// Whether others are shown with it: building to compare goes one at a time.
    pub is_one_of_many: bool,
}

impl OptimizeView<'_> {
    /// Every proposal with the text before and after it.
    fn versions(&self) -> Vec<(&Proposal, Vec<u8>, Vec<u8>)> {
        let mut before = self.source.bytes().to_vec();
        let mut versions = Vec::new();
        for proposal in &self.proposals.moves {
            let after = proposal.edits.apply(&before);
            versions.push((proposal, before, after.clone()));
            before = after;
        }
        versions
    }
}
