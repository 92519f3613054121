//! What can go wrong with an image, and whose doing it is.

use std::io;

use crate::digest::Digest;

/// The result of everything in this room.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an image, a layer or a transfer failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Reading or writing failed underneath.
    #[error("{doing}")]
    Io {
        /// What was being done, with the path or digest it was done to.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// The bytes are not what they claim to be.
    #[error("{what} is damaged: {why}")]
    Malformed {
        /// Which document, layer or archive.
        what: String,
        /// What was expected, and what was there.
        why: String,
    },
    /// The bytes are not those that were promised.
    #[error("{what} is damaged: its digest is {actual}, expected {expected}")]
    Corrupt {
        /// Which blob.
        what: String,
        /// The digest it was asked for by.
        expected: Digest,
        /// The digest it has.
        actual: Digest,
    },
    /// More would come out of it than may.
    #[error("{what} would become too large: {why}; `[archives]` in rplan's config.toml raises the limit")]
    TooLarge {
        /// Which archive or layer.
        what: String,
        /// How much, and which limit that is.
        why: String,
    },
    /// A form of image that rplan does not handle.
    #[error("{what} cannot be used: {why}")]
    Unsupported {
        /// Which image, layer or field.
        what: String,
        /// What to do instead, or what is not handled.
        why: String,
    },
    /// Something that was named is not there.
    #[error("there is no {what}{}", one_of(.known))]
    NotFound {
        /// What was looked for, and where.
        what: String,
        /// What is there instead.
        known: Vec<String>,
    },
    /// A registry refused, or could not be reached.
    #[error("{registry} {why}")]
    Registry {
        /// The host that was asked.
        registry: String,
        /// What it was asked for and what it answered.
        why: String,
    },
}

/// Who can mend an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The image, archive or name that was given.
    Input,
    /// The machine, its disk, the network or the registry.
    Environment,
}

impl Error {
    /// Wraps an I/O error with what was being done; an error of this room that travelled inside it is taken out again.
    pub fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        |source| match source.downcast::<Self>() {
            Ok(own) => own,
            Err(source) => Self::Io { doing: doing.into(), source },
        }
    }

    /// Bytes that are not what they claim to be.
    pub fn malformed(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Malformed { what: what.into(), why: why.into() }
    }

    /// Who can mend it.
    pub fn blame(&self) -> Blame {
        match self {
            // What a decompressor says about broken bytes.
            Self::Io { source, .. } if is_about_bytes(source.kind()) => Blame::Input,
            Self::Io { .. } | Self::Registry { .. } => Blame::Environment,
            Self::Malformed { .. }
            | Self::Corrupt { .. }
            | Self::TooLarge { .. }
            | Self::Unsupported { .. }
            | Self::NotFound { .. } => Blame::Input,
        }
    }
}

/// Lets an error of this room pass through [`io::Read`] and [`io::Write`]; [`Error::io`] takes it out again.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Io { source, .. } => source,
            other => io::Error::new(io::ErrorKind::InvalidData, other),
        }
    }
}

fn is_about_bytes(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof)
}

fn one_of(known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!("; there is: {}", known.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_way_through_io() {
        let travelled: io::Error = Error::malformed("the layer", "cut short").into();
        let error = Error::io("reading a layer")(travelled);
        assert_eq!(error.to_string(), "the layer is damaged: cut short");
        assert_eq!(error.blame(), Blame::Input);
    }

    #[test]
    fn what_is_there_instead_is_named() {
        let error = Error::NotFound { what: "tag `v3`".into(), known: vec!["v1".into(), "v2".into()] };
        assert_eq!(error.to_string(), "there is no tag `v3`; there is: v1, v2");
    }
}
