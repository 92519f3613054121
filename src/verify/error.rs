//! Why there is no verdict.

use std::io;

use crate::exec::{self, Outcome};
use crate::tree::TreeError;
use crate::workspace::ContextError;
use crate::workspace::history::HistoryError;

/// The result of what this room does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why nothing can be said of a rewrite.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A step of the file as it is failed.
    #[error("the original does not build")]
    Original(Box<Outcome>),
    /// A step failed at a commit that was replayed.
    #[error("{title} does not build")]
    AtCommit {
        /// Which file at which commit.
        title: String,
        /// What came of it.
        outcome: Box<Outcome>,
    },
    /// A build could not be done.
    #[error(transparent)]
    Build(#[from] exec::Error),
    /// A tree could not be read or laid out.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// A build context could not be opened.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// Past commits could not be had.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// Too few commits for a replay.
    #[error("{0}")]
    NothingToReplay(String),
    /// The machine refused.
    #[error("cannot {doing}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// Why not.
        source: io::Error,
    },
}

impl Error {
    pub(super) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}
