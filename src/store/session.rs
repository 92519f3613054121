//! The room of one living process under `tmp`, and the removal of rooms whose process is gone.
//!
//! A session holds a lock on its own file for as long as the process lives; the kernel lets go of it however the
//! process ends. Invariant: a session directory whose lock can be taken belongs to nobody.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

use super::error::{Result, StoreError};
use super::files;

/// Name of the lock in a session directory. It never names a thing being made: those are numbers.
const LOCK: &str = "alive";

/// Makes the session of this process when it is first needed.
#[derive(Debug)]
pub(super) struct Sessions {
    directory: PathBuf,
    session: Mutex<Option<Session>>,
    counter: AtomicU64,
    /// The lock on the whole store, held as long as anything is being made in it.
    _store: File,
}

#[derive(Debug)]
struct Session {
    /// Removed on drop, before the lock goes.
    directory: TempDir,
    _alive: File,
}

impl Sessions {
    pub(super) fn new(directory: PathBuf, store: File) -> Self {
        Self { directory, session: Mutex::new(None), counter: AtomicU64::new(0), _store: store }
    }

    /// A path in this process's room that nothing has yet.
    pub(super) fn new_path(&self) -> Result<PathBuf> {
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        let mut session = self.session.lock().expect("nothing panics while it holds the session");
        if session.is_none() {
            *session = Some(Session::begin(&self.directory)?);
        }
        let session = session.as_ref().expect("it was begun above");
        Ok(session.directory.path().join(number.to_string()))
    }

    /// A name that no other session uses, nor this one twice.
    pub(super) fn unique_name(&self) -> Result<String> {
        let path = self.new_path()?;
        let session = path.parent().and_then(Path::file_name).unwrap_or_default();
        let number = path.file_name().unwrap_or_default();
        Ok(format!("{}-{}", session.to_string_lossy(), number.to_string_lossy()))
    }
}

impl Session {
    fn begin(directory: &Path) -> Result<Self> {
        // Between making a session and locking it, nobody may take it for an abandoned one.
        let door = files::open_lock(&directory.join(".door"))?;
        door.lock().map_err(|source| StoreError::io("lock", directory, source))?;
        remove_abandoned(directory)?;
        let started = jiff::Timestamp::now().as_millisecond();
        let room = tempfile::Builder::new()
            .prefix(&format!("{started:x}-{}-", std::process::id()))
            .tempdir_in(directory)
            .map_err(|source| StoreError::io("make a directory in", directory, source))?;
        let alive = files::open_lock(&room.path().join(LOCK))?;
        alive.lock().map_err(|source| StoreError::io("lock", room.path(), source))?;
        Ok(Self { directory: room, _alive: alive })
    }
}

/// Removes what processes left behind that were killed.
pub(super) fn remove_abandoned(directory: &Path) -> Result<()> {
    for name in files::names(directory)? {
        let room = directory.join(name);
        let is_abandoned = match File::open(room.join(LOCK)) {
            Ok(alive) => match alive.try_lock() {
                Ok(()) => true,
                Err(TryLockError::WouldBlock) => false,
                Err(TryLockError::Error(error)) => return Err(StoreError::io("lock", &room, error)),
            },
            Err(error) => files::is_missing(&error),
        };
        if is_abandoned && let Err(error) = fs::remove_dir_all(&room) {
            // Files of a rootless build may need its user namespace to be removed; that is no reason not to build.
            tracing::warn!(room = %room.display(), %error, "leftovers of an interrupted build stay");
        }
    }
    Ok(())
}
