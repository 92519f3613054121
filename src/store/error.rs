//! How the store fails, and who can mend it.

use std::io;
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::tree::{Blame, TreeError};

/// The result of an operation on the store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why an operation on the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb phrase that the path completes.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another rplan wrote this directory, or something else did.
    #[error("{} holds `{found}`, not `{expected}`: remove it, or name another directory for the store", root.display())]
    Version {
        /// The store.
        root: PathBuf,
        /// What its version file says.
        found: String,
        /// What this rplan reads.
        expected: &'static str,
    },
    /// A directory that holds something, but no store: rplan would close it to others and fill it.
    #[error("{} is not empty and no store: name another directory for the store", root.display())]
    NotAStore {
        /// The directory.
        root: PathBuf,
    },
    /// A store that belongs to somebody else.
    #[error("{} belongs to user {owner}, and this is user {user}: name another directory for the store", root.display())]
    NotYours {
        /// The store.
        root: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who asks for it.
        user: u32,
    },
    /// Content that is not what it should be.
    #[error("expected content {expected}, got {found}")]
    Corrupt {
        /// The digest that was promised.
        expected: Digest,
        /// The digest of what came.
        found: Digest,
    },
    /// A value that cannot be written as JSON.
    #[error("cannot write {} as JSON", path.display())]
    Json {
        /// The file it was meant for.
        path: PathBuf,
        /// Why not.
        source: serde_json::Error,
    },
    /// A snapshot names a parent that is gone.
    #[error("snapshot {snapshot} is incomplete: what it stands on is gone")]
    BrokenChain {
        /// The snapshot that was asked for.
        snapshot: String,
    },
    /// A tree could not be read or changed.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

impl StoreError {
    /// An error of the system: `action` reads on with the path.
    pub(super) fn io(action: &'static str, path: &Path, source: impl Into<io::Error>) -> Self {
        Self::Io { action, path: path.to_owned(), source: source.into() }
    }

    /// Who can mend it.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Io { .. }
            | Self::Version { .. }
            | Self::NotAStore { .. }
            | Self::NotYours { .. }
            | Self::Corrupt { .. } => Blame::Environment,
            Self::Json { .. } | Self::BrokenChain { .. } => Blame::Internal,
            Self::Tree(error) => error.blame(),
        }
    }
}
