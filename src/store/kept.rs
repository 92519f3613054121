//! Roots of steps that failed, kept for somebody to look at.
//!
//! Nothing holds them: whoever asked for one looks at it when it suits, and the next collection takes it away.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use super::error::{Result, StoreError};
use super::files;
use super::session::Sessions;
use super::snapshots::Scratch;

/// The kept roots of a store.
#[derive(Debug)]
pub struct KeptRoots {
    directory: PathBuf,
    sessions: Arc<Sessions>,
}

impl KeptRoots {
    pub(super) fn new(directory: PathBuf, sessions: Arc<Sessions>) -> Self {
        Self { directory, sessions }
    }

    /// Keeps the tree that `scratch` holds, which must not be mounted any more, and says where.
    pub fn keep(&self, scratch: Scratch) -> Result<PathBuf> {
        let place = self.directory.join(self.sessions.unique_name()?);
        fs::create_dir_all(&self.directory)
            .and_then(|()| fs::rename(scratch.upper(), &place))
            .map_err(|source| StoreError::io("publish", &place, source))?;
        Ok(place)
    }

    /// The names of all that there are.
    pub(super) fn all(&self) -> Result<Vec<String>> {
        files::names(&self.directory)
    }

    /// The bytes of content in one, as far as it can be read.
    pub(super) fn size(&self, name: &str) -> u64 {
        files::content(&self.directory.join(name))
    }

    pub(super) fn remove(&self, name: &str) -> Result<()> {
        files::remove(&self.directory.join(name)).map(drop)
    }
}
