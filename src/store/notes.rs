//! Long notes of records: bytes that explain a result, and that nobody needs to use it.
//!
//! Each is kept once, under its digest, however many records name it. Does not know what is in them. Not forced to
//! disk: a note that is lost or damaged counts as missing, and only an explanation is poorer for it.

use std::fs;
use std::path::PathBuf;

use crate::digest::Digest;

use super::error::Result;
use super::files;

/// The notes of a store.
#[derive(Debug)]
pub struct Notes {
    directory: PathBuf,
}

impl Notes {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Keeps `bytes`; gives what they are found by.
    pub fn keep(&self, bytes: &[u8]) -> Result<Digest> {
        let digest = Digest::of(bytes);
        // What is there may be damaged, so only what reads well is left as it is.
        if self.read(&digest)?.is_none() {
            files::publish_soft(&self.path(&digest), bytes)?;
        }
        Ok(digest)
    }

    /// The bytes with this digest; `None` if they are gone or damaged.
    pub fn read(&self, digest: &Digest) -> Result<Option<Vec<u8>>> {
        let path = self.path(digest);
        let Some(bytes) = files::read(&path)? else { return Ok(None) };
        if Digest::of(&bytes) != *digest {
            tracing::warn!(path = %path.display(), "a note of the store is damaged; taken as missing");
            return Ok(None);
        }
        Ok(Some(bytes))
    }

    /// Bytes that a note takes, 0 if it is gone.
    pub(super) fn size(&self, digest: &Digest) -> u64 {
        fs::metadata(self.path(digest)).map_or(0, |metadata| metadata.len())
    }

    /// Removes all notes but those that somebody `wants`, and what killed processes left.
    pub(super) fn retain(&self, wants: impl Fn(&Digest) -> bool) -> Result<()> {
        files::remove_temporary(&self.directory)?;
        for name in files::names(&self.directory)? {
            if !format!("sha256:{name}").parse().is_ok_and(|digest| wants(&digest)) {
                files::remove(&self.directory.join(name))?;
            }
        }
        Ok(())
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.directory.join(digest.hex())
    }
}
