//! Content-addressed files.
//!
//! Does not know what is in them. Invariant: a blob under its final name has the content its name promises and is on
//! disk; the directory is laid out as the `blobs/sha256` of an OCI image layout.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use crate::digest::{Digest, Hasher};

use super::error::{Result, StoreError};
use super::files;
use super::session::Sessions;

/// The blobs of a store.
#[derive(Debug)]
pub struct Blobs {
    directory: PathBuf,
    sessions: Arc<Sessions>,
}

/// A blob in the making. Dropped unfinished, it leaves nothing.
pub struct BlobWriter {
    directory: PathBuf,
    path: PathBuf,
    file: File,
    hasher: Hasher,
    size: u64,
    finished: bool,
    /// Keeps the directory it is made in.
    _sessions: Arc<Sessions>,
}

impl Blobs {
    pub(super) fn new(directory: PathBuf, sessions: Arc<Sessions>) -> Self {
        Self { directory, sessions }
    }

    /// Where the blob is, or would be.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.directory.join(digest.hex())
    }

    /// The size of the blob; `None` if it is not here.
    pub fn size(&self, digest: &Digest) -> Result<Option<u64>> {
        let path = self.path(digest);
        match fs::metadata(&path) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if files::is_missing(&error) => Ok(None),
            Err(error) => Err(StoreError::io("look at", &path, error)),
        }
    }

    /// Opens the blob; `None` if it is not here.
    pub fn open(&self, digest: &Digest) -> Result<Option<File>> {
        let path = self.path(digest);
        match File::open(&path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if files::is_missing(&error) => Ok(None),
            Err(error) => Err(StoreError::io("open", &path, error)),
        }
    }

    /// The bytes of a small blob, checked; `None` if it is not here.
    pub fn read(&self, digest: &Digest) -> Result<Option<Vec<u8>>> {
        let Some(bytes) = files::read(&self.path(digest))? else { return Ok(None) };
        let found = Digest::of(&bytes);
        if found != *digest {
            return Err(StoreError::Corrupt { expected: *digest, found });
        }
        Ok(Some(bytes))
    }

    pub(super) fn all(&self) -> Result<Vec<Digest>> {
        let names = files::names(&self.directory)?;
        Ok(names.iter().filter_map(|name| format!("sha256:{name}").parse().ok()).collect())
    }

    pub(super) fn remove(&self, digest: &Digest) -> Result<bool> {
        files::remove(&self.path(digest))
    }

    /// Removes what has no digest for a name: nothing can ask for it.
    pub(super) fn remove_strangers(&self) -> Result<()> {
        for name in files::names(&self.directory)? {
            if format!("sha256:{name}").parse::<Digest>().is_err() {
                files::remove(&self.directory.join(name))?;
            }
        }
        Ok(())
    }

    /// Begins a blob.
    pub fn create(&self) -> Result<BlobWriter> {
        let path = self.sessions.new_path()?;
        let file = File::create_new(&path).map_err(|source| StoreError::io("create", &path, source))?;
        let directory = self.directory.clone();
        let _sessions = Arc::clone(&self.sessions);
        Ok(BlobWriter { directory, path, file, hasher: Hasher::new(), size: 0, finished: false, _sessions })
    }

    /// Keeps `bytes`.
    pub fn keep(&self, bytes: &[u8]) -> Result<Digest> {
        let digest = Digest::of(bytes);
        if self.size(&digest)?.is_none() {
            let mut writer = self.create()?;
            writer.write_all(bytes).map_err(|source| StoreError::io("write", &writer.path, source))?;
            writer.finish()?;
        }
        Ok(digest)
    }
}

impl BlobWriter {
    /// Publishes the blob under the digest of what was written; gives its size too.
    pub fn finish(mut self) -> Result<(Digest, u64)> {
        let digest = std::mem::take(&mut self.hasher).finish();
        self.publish(&digest)?;
        Ok((digest, self.size))
    }

    /// Publishes the blob if it is the one that was promised.
    pub fn finish_as(mut self, expected: &Digest) -> Result<u64> {
        let found = std::mem::take(&mut self.hasher).finish();
        if found != *expected {
            return Err(StoreError::Corrupt { expected: *expected, found });
        }
        self.publish(expected)?;
        Ok(self.size)
    }

    fn publish(&mut self, digest: &Digest) -> Result<()> {
        let failed = |source| StoreError::io("publish", &self.path, source);
        self.file.sync_data().map_err(failed)?;
        fs::rename(&self.path, self.directory.join(digest.hex())).map_err(failed)?;
        self.finished = true;
        Ok(())
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        if !self.finished {
            // What cannot be removed now goes with the session.
            let _ = fs::remove_file(&self.path);
        }
    }
}
