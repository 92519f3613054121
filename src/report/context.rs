//! Which build context a Dockerfile was looked at with, in words and in JSON.

use serde::Serialize;

/// Which build context a Dockerfile was looked at with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ContextNote {
    /// Somebody said so, or the COPY sources fit there and nowhere nearer.
    Known(String),
    /// Nothing speaks for or against it.
    Assumed(String),
    /// None was found: what needs one was silent.
    #[default]
    Unknown,
    /// The file was not looked at: it could not be read.
    NotNeeded,
}

/// The same in JSON.
#[derive(Serialize)]
pub(super) struct ContextEntry<'a> {
    path: Option<&'a str>,
    status: &'static str,
}

impl ContextNote {
    /// In words: a path, with `assumed` behind it where nothing speaks for it, or `unknown`.
    pub(super) fn words(&self) -> Option<String> {
        match self {
            ContextNote::Known(path) => Some(path.clone()),
            ContextNote::Assumed(path) => Some(format!("{path}, assumed")),
            ContextNote::Unknown => Some("unknown".to_owned()),
            ContextNote::NotNeeded => None,
        }
    }

    /// In JSON.
    pub(super) fn entry(&self) -> Option<ContextEntry<'_>> {
        match self {
            ContextNote::Known(path) => Some(ContextEntry { path: Some(path), status: "known" }),
            ContextNote::Assumed(path) => Some(ContextEntry { path: Some(path), status: "assumed" }),
            ContextNote::Unknown => Some(ContextEntry { path: None, status: "unknown" }),
            ContextNote::NotNeeded => None,
        }
    }
}
