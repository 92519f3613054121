//! Who may do what at the same time: users of the store against its collector, and processes that need the same work.
//!
//! All locks are the kernel's (`flock`), so a process that dies lets go of them.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::digest::Digest;

use super::error::{Result, StoreError};
use super::files;

/// Waits until no collector is at work and keeps the next one away.
pub(super) fn enter(root: &Path) -> Result<File> {
    let path = root.join("in-use");
    let file = files::open_lock(&path)?;
    file.lock_shared().map_err(|source| StoreError::io("lock", &path, source))?;
    Ok(file)
}

/// The whole store for oneself; `None` while somebody uses it.
pub(super) fn seize(root: &Path) -> Result<Option<File>> {
    let path = root.join("in-use");
    try_lock(files::open_lock(&path)?, &path)
}

/// The whole store for oneself, as soon as nobody uses it.
pub(super) fn await_turn(root: &Path) -> Result<File> {
    let path = root.join("in-use");
    let file = files::open_lock(&path)?;
    file.lock().map_err(|source| StoreError::io("lock", &path, source))?;
    Ok(file)
}

fn try_lock(file: File, path: &Path) -> Result<Option<File>> {
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(StoreError::io("lock", path, source)),
    }
}

/// Locks on keys: whoever holds one does the work of that key, the others wait and find it done.
#[derive(Debug)]
pub struct Keys {
    directory: PathBuf,
}

/// A held lock; dropping it lets the next one in.
#[derive(Debug)]
pub struct KeyLock {
    path: PathBuf,
    _file: File,
}

impl Keys {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Locks `key`, waiting for whoever holds it, be it a thread or a process.
    pub fn lock(&self, key: &Digest) -> Result<KeyLock> {
        let path = self.path(key);
        loop {
            let file = files::open_lock(&path)?;
            file.lock().map_err(|source| StoreError::io("lock", &path, source))?;
            if let Some(lock) = self.confirm(&path, file) {
                return Ok(lock);
            }
        }
    }

    /// Locks `key` if nobody holds it.
    pub fn try_lock(&self, key: &Digest) -> Result<Option<KeyLock>> {
        let path = self.path(key);
        loop {
            let Some(file) = try_lock(files::open_lock(&path)?, &path)? else { return Ok(None) };
            if let Some(lock) = self.confirm(&path, file) {
                return Ok(Some(lock));
            }
        }
    }

    fn path(&self, key: &Digest) -> PathBuf {
        self.directory.join(key.hex())
    }

    /// The one before removes the file when it lets go; then the lock on the old file is worth nothing.
    fn confirm(&self, path: &Path, file: File) -> Option<KeyLock> {
        let held = file.metadata().ok()?;
        let named = fs::metadata(path).ok()?;
        let is_the_same = (held.dev(), held.ino()) == (named.dev(), named.ino());
        is_the_same.then(|| KeyLock { path: path.to_owned(), _file: file })
    }
}

impl Drop for KeyLock {
    fn drop(&mut self) {
        // Removed while still held, so that nobody can lock a file that is about to lose its name and believe it.
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(path = %self.path.display(), %error, "a lock file stays; it does no harm");
        }
    }
}
