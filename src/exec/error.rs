//! Why a build could not be done, apart from a step that failed: that is data, not an error.

use std::io;

use crate::model::Problem;
use crate::oci;
use crate::store::StoreError;
use crate::text::Span;
use crate::tree::{Blame, TreeError};

/// The result of what this room does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a build could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The Dockerfile asks for something that cannot be had.
    #[error("{message}")]
    Wrong {
        /// What is wrong, and what to do.
        message: String,
        /// Where it is written.
        span: Option<Span>,
    },
    /// A program of another processor would have to run.
    #[error(
        "{step} is for {wanted}, and this machine, which is {host}, has no interpreter for that: install one \
         (Debian: qemu-user-static), or build where {wanted} is at home"
    )]
    Foreign {
        /// The step.
        step: String,
        /// What it is for.
        wanted: String,
        /// What this machine is.
        host: String,
    },
    /// The machine refused.
    #[error("cannot {doing}")]
    Io {
        /// What was tried.
        doing: String,
        /// Why not.
        source: io::Error,
    },
    /// A path in the Dockerfile leads to something that cannot be used.
    #[error("this cannot be copied")]
    Path {
        /// Why not.
        source: TreeError,
        /// Where it is written.
        span: Span,
    },
    /// Something cannot be fetched.
    #[error("cannot fetch {what}: {why}")]
    Fetch {
        /// Its address.
        what: String,
        /// What its server, or the network, says.
        why: String,
        /// Where it is written.
        span: Span,
    },
    /// The Dockerfile is wrong.
    #[error("the Dockerfile has {} error{}", .0.len(), if .0.len() == 1 { "" } else { "s" })]
    Problems(Vec<Problem>),
    /// The build was called off while no command ran.
    #[error("the build was called off")]
    Cancelled,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A tree.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// An image or a layer.
    #[error(transparent)]
    Oci(#[from] oci::Error),
}

impl Error {
    /// An error of the system: "cannot `doing`".
    pub(super) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }

    /// What went wrong with the path that is written at `span`.
    pub(super) fn at(source: TreeError, span: Span) -> Self {
        Self::Path { source, span }
    }

    /// Who can mend it.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Wrong { .. } | Self::Problems(_) => Blame::Input,
            Self::Path { source, .. } => source.blame(),
            Self::Io { .. } | Self::Fetch { .. } | Self::Foreign { .. } | Self::Cancelled => Blame::Environment,
            Self::Store(error) => error.blame(),
            Self::Tree(error) => error.blame(),
            Self::Oci(error) => match error.blame() {
                oci::Blame::Input => Blame::Input,
                oci::Blame::Environment => Blame::Environment,
            },
        }
    }

    /// Where in the Dockerfile the cause is written.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Path { span, .. } | Self::Fetch { span, .. } => Some(*span),
            Self::Wrong { span, .. } => *span,
            _ => None,
        }
    }
}
