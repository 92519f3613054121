//! How an operation on a tree fails, and who can mend it.

use std::io;
use std::path::{Path, PathBuf};

/// The result of an operation on a tree.
pub type Result<T, E = TreeError> = std::result::Result<T, E>;

/// Who can mend a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The Dockerfile or its build context is wrong.
    Input,
    /// The machine refused: permission, space, a missing feature.
    Environment,
    /// rplan is wrong, or someone changed its files behind its back.
    Internal,
}

/// Why an operation on a tree failed.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
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
    /// A source that is named in full does not exist.
    #[error("`{}` does not exist", path.display())]
    NotFound {
        /// The source as written.
        path: PathBuf,
    },
    /// A directory would have to take the place of something else.
    #[error("cannot make the directory `/{}`: something else is there", path.display())]
    NotADirectory {
        /// The place, inside the root.
        path: PathBuf,
    },
    /// Something else would have to take the place of a directory.
    #[error("cannot put a file at `/{}`: a directory is there", path.display())]
    IsADirectory {
        /// The place, inside the root.
        path: PathBuf,
    },
    /// Links that lead to each other.
    #[error("`{}` goes through too many symbolic links", path.display())]
    LinkLoop {
        /// The path as given.
        path: PathBuf,
    },
    /// A path that must name something below the root names the root itself or nothing.
    #[error("`{}` names no entry below the root", path.display())]
    NoName {
        /// The path as given.
        path: PathBuf,
    },
    /// A wildcard pattern that cannot be read.
    #[error("`{pattern}` is not a valid pattern: a bracket or an escape is left open")]
    BadPattern {
        /// The pattern as written.
        pattern: String,
    },
    /// The overlay was mounted with a feature whose upper directory cannot be read on its own.
    #[error("{} was written with the overlay feature {feature}, which rplan cannot read back", path.display())]
    Overlay {
        /// The directory or file that carries the mark.
        path: PathBuf,
        /// The kernel's name of the feature.
        feature: &'static str,
    },
}

impl TreeError {
    /// An error of the system: `action` reads on with the path ("open", "read the metadata of").
    pub(super) fn io(action: &'static str, path: &Path, source: impl Into<io::Error>) -> Self {
        Self::Io { action, path: path.to_owned(), source: source.into() }
    }

    /// Who can mend it.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Io { .. } => Blame::Environment,
            Self::NotFound { .. }
            | Self::NotADirectory { .. }
            | Self::IsADirectory { .. }
            | Self::LinkLoop { .. }
            | Self::NoName { .. }
            | Self::BadPattern { .. } => Blame::Input,
            Self::Overlay { .. } => Blame::Internal,
        }
    }
}
