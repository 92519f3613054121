//! Directories that live from build to build and are part of no result: cache mounts.
//!
//! Does not know what is in them or what a step is. Invariant: a cache appears with all it begins with, by one rename;
//! who may use it at the same time is held by the kernel's locks, so a process that dies lets go of it.
//!
//! ```text
//! caches/<hex of the key>[-<number>]/{fs, cache.json, lock}
//! ```

use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

use super::error::{Result, StoreError};
use super::files;
use super::session::Sessions;

/// Who may use a cache at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sharing {
    /// Everybody.
    #[default]
    Shared,
    /// One; who comes later gets another cache.
    Private,
    /// One; who comes later waits.
    Locked,
}

/// A cache in use. Dropping it lets others in.
#[derive(Debug)]
pub struct Cache {
    path: PathBuf,
    _lock: File,
}

impl Cache {
    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// What is remembered of a cache; when it was last used is the time of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Label {
    /// What people call it.
    id: String,
}

/// What is known of a cache from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCache {
    /// Its directory among the caches.
    pub directory: String,
    /// What people call it.
    pub id: String,
    /// When it was last used.
    pub used: SystemTime,
}

/// The caches of a store.
#[derive(Debug)]
pub struct Caches {
    directory: PathBuf,
    sessions: Arc<Sessions>,
}

impl Caches {
    pub(super) fn new(directory: PathBuf, sessions: Arc<Sessions>) -> Self {
        Self { directory, sessions }
    }

    /// The cache under `key`, which people call `id`; `None` while somebody else has it for himself. One that is new
    /// is filled by `begin`, which is given an empty directory.
    pub fn take<E: From<StoreError>>(
        &self,
        key: &Digest,
        id: &str,
        sharing: Sharing,
        begin: impl Fn(&Path) -> Result<(), E>,
    ) -> Result<Option<Cache>, E> {
        let mut number = 0;
        loop {
            let name = if number == 0 { key.hex() } else { format!("{}-{number}", key.hex()) };
            let place = self.directory.join(name);
            if !place.exists() {
                self.make(&place, id, &begin)?;
            }
            match (self.lock(&place, sharing)?, sharing) {
                (Some(lock), _) => {
                    files::publish_json(&place.join("cache.json"), &Label { id: id.to_owned() })?;
                    return Ok(Some(Cache { path: place.join("fs"), _lock: lock }));
                }
                (None, Sharing::Private) => number += 1,
                (None, Sharing::Shared | Sharing::Locked) => return Ok(None),
            }
        }
    }

    /// Every cache, by directory.
    pub fn all(&self) -> Result<Vec<KnownCache>> {
        let known = |directory: String| {
            let path = self.directory.join(&directory).join("cache.json");
            let used = fs::metadata(&path).and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            let label: Option<Label> = files::read_json(&path)?;
            Ok(KnownCache { id: label.map_or_else(|| directory.clone(), |label| label.id), directory, used })
        };
        files::names(&self.directory)?.into_iter().map(known).collect()
    }

    /// A cache to read from; `None` while somebody has it for himself.
    pub fn read(&self, directory: &str) -> Result<Option<Cache>> {
        let place = self.directory.join(directory);
        Ok(self.lock(&place, Sharing::Shared)?.map(|lock| Cache { path: place.join("fs"), _lock: lock }))
    }

    /// Bytes of content in a cache, as far as it can be read.
    pub(super) fn size(&self, directory: &str) -> u64 {
        files::content(&self.directory.join(directory).join("fs"))
    }

    pub(super) fn remove(&self, directory: &str) -> Result<()> {
        // Out of sight first: half a cache must not be taken for a whole one.
        let (place, doomed) = (self.directory.join(directory), self.sessions.new_path()?);
        fs::rename(&place, &doomed).map_err(|source| StoreError::io("remove", &place, source))?;
        files::remove(&doomed).map(drop)
    }

    fn lock(&self, place: &Path, sharing: Sharing) -> Result<Option<File>> {
        let path = place.join("lock");
        let file = files::open_lock(&path)?;
        let locked = match sharing {
            Sharing::Shared => file.try_lock_shared(),
            Sharing::Private | Sharing::Locked => file.try_lock(),
        };
        match locked {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(StoreError::io("lock", &path, source)),
        }
    }

    fn make<E: From<StoreError>>(
        &self,
        place: &Path,
        id: &str,
        begin: &impl Fn(&Path) -> Result<(), E>,
    ) -> Result<(), E> {
        let unborn = self.sessions.new_path()?;
        let content = unborn.join("fs");
        let made = || {
            DirBuilder::new().recursive(true).mode(0o700).create(&unborn)?;
            fs::create_dir(&content)?;
            fs::set_permissions(&content, Permissions::from_mode(0o755))
        };
        made().map_err(|source| StoreError::io("make the directory", &content, source))?;
        begin(&content)?;
        files::publish_json(&unborn.join("cache.json"), &Label { id: id.to_owned() })?;
        match fs::rename(&unborn, place) {
            Ok(()) => Ok(()),
            // Somebody else was faster.
            Err(_) if place.exists() => files::remove(&unborn).map(drop).map_err(E::from),
            Err(source) => Err(StoreError::io("publish", place, source).into()),
        }
    }
}
