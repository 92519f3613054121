//! The changes of one step or layer, kept as an overlay's upper directory on top of a parent.
//!
//! Does not mount and does not know what made the changes. Invariant: a snapshot is published by one rename, so it is
//! whole or not there. Its files are not forced to disk one by one: until [`Snapshots::settle`] has run, a snapshot
//! counts only as long as the machine stays up (`boot`), for a lost power supply could have emptied it.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

use super::error::{Result, StoreError};
use super::files;
use super::session::Sessions;

/// Names a snapshot. Two runs of one step give two snapshots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SnapshotId(String);

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its name.
    pub id: SnapshotId,
    /// What it lies on; `None` on nothing.
    pub parent: Option<SnapshotId>,
    /// The digest of its changes without times: equal means the same changes.
    pub changes: Digest,
    /// Bytes of content in it.
    pub size: u64,
    /// The boot during which it was made, until it is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    boot: Option<String>,
}

/// What the maker of a snapshot says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSnapshot {
    /// What it lies on; `None` on nothing.
    pub parent: Option<SnapshotId>,
    /// The digest of its changes without times.
    pub changes: Digest,
    /// Bytes of content in it.
    pub size: u64,
}

/// A snapshot as a layer of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// The digest of the uncompressed tar stream.
    pub diff_id: Digest,
    /// Its length.
    pub size: u64,
    /// The blobs it has been packed into so far.
    pub packed: Vec<PackedLayer>,
}

/// A layer packed into a blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedLayer {
    /// The media type, which names the compression.
    pub media_type: String,
    /// The blob.
    pub blob: Digest,
    /// Its length.
    pub size: u64,
    /// What packed it: another compressor, or another version, gives other bytes.
    pub packed_by: String,
}

/// A snapshot in the making: an upper and a work directory for an overlay. Dropped uncommitted, it leaves nothing.
#[derive(Debug)]
pub struct Scratch {
    directory: PathBuf,
    committed: bool,
    /// Keeps the directory it is made in.
    _sessions: Arc<Sessions>,
}

impl Scratch {
    /// Takes the changes.
    pub fn upper(&self) -> PathBuf {
        self.directory.join("fs")
    }

    /// The overlay's own room, empty at first.
    pub fn work(&self) -> PathBuf {
        self.directory.join("work")
    }

    /// An empty directory to mount on.
    pub fn mount_point(&self) -> PathBuf {
        self.directory.join("mnt")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.committed {
            // What cannot be removed now goes with the session.
            let _ = fs::remove_dir_all(&self.directory);
        }
    }
}

/// The snapshots of a store.
#[derive(Debug)]
pub struct Snapshots {
    directory: PathBuf,
    sessions: Arc<Sessions>,
    boot: OnceLock<String>,
    unsettled: Mutex<BTreeSet<SnapshotId>>,
}

impl Snapshots {
    pub(super) fn new(directory: PathBuf, sessions: Arc<Sessions>) -> Self {
        Self { directory, sessions, boot: OnceLock::new(), unsettled: Mutex::default() }
    }

    /// Begins a snapshot.
    pub fn begin(&self) -> Result<Scratch> {
        let directory = self.sessions.new_path()?;
        let scratch = Scratch { directory, committed: false, _sessions: Arc::clone(&self.sessions) };
        for directory in [scratch.directory.clone(), scratch.upper(), scratch.work(), scratch.mount_point()] {
            fs::create_dir(&directory).map_err(|source| StoreError::io("make the directory", &directory, source))?;
        }
        // What a container sees as its root directory must be open to its users, whatever the umask here is.
        let open = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
        fs::set_permissions(scratch.upper(), open)
            .map_err(|e| StoreError::io("set the mode of", &scratch.upper(), e))?;
        Ok(scratch)
    }

    /// Publishes what is in `scratch`, which must not be mounted any more.
    pub fn commit(&self, mut scratch: Scratch, new: NewSnapshot) -> Result<Snapshot> {
        let id = SnapshotId(self.sessions.unique_name()?);
        let NewSnapshot { parent, changes, size } = new;
        let snapshot = Snapshot { id: id.clone(), parent, changes, size, boot: Some(self.boot()?.to_owned()) };
        files::remove(&scratch.work())?;
        files::remove(&scratch.mount_point())?;
        files::publish_json(&scratch.directory.join("snapshot.json"), &snapshot)?;
        let place = self.place(&id);
        fs::rename(&scratch.directory, &place).map_err(|source| StoreError::io("publish", &place, source))?;
        scratch.committed = true;
        self.note_unsettled(id);
        Ok(snapshot)
    }

    /// The snapshot `id`; `None` if it is gone, or if the machine went down before it was safe.
    pub fn get(&self, id: &SnapshotId) -> Result<Option<Snapshot>> {
        let snapshot: Option<Snapshot> = files::read_json(&self.place(id).join("snapshot.json"))?;
        let Some(snapshot) = snapshot.filter(|snapshot| snapshot.id == *id) else { return Ok(None) };
        if let Some(boot) = &snapshot.boot {
            if boot != self.boot()? {
                return Ok(None);
            }
            self.note_unsettled(snapshot.id.clone());
        }
        Ok(Some(snapshot))
    }

    /// The snapshot `id` and all it lies on, the topmost first; `None` if it is gone.
    pub fn chain(&self, id: &SnapshotId) -> Result<Option<Vec<Snapshot>>> {
        let Some(top) = self.get(id)? else { return Ok(None) };
        let mut chain = vec![top];
        while let Some(parent) = chain.last().and_then(|snapshot| snapshot.parent.clone()) {
            let broken = || StoreError::BrokenChain { snapshot: id.to_string() };
            chain.push(self.get(&parent)?.ok_or_else(broken)?);
        }
        Ok(Some(chain))
    }

    /// The directory with the changes: an overlay's lower directory. Nothing in it may be changed.
    pub fn changes(&self, id: &SnapshotId) -> PathBuf {
        self.place(id).join("fs")
    }

    /// The snapshot as a layer, once that is known.
    pub fn layer(&self, id: &SnapshotId) -> Result<Option<Layer>> {
        files::read_json(&self.place(id).join("layer.json"))
    }

    /// Remembers what the snapshot is as a layer.
    pub fn set_layer(&self, id: &SnapshotId, layer: &Layer) -> Result<()> {
        files::publish_json(&self.place(id).join("layer.json"), layer)
    }

    /// Forces everything this store has published or used to disk, so that it outlives a power failure. Worth calling
    /// once at the end of a build; without it, new snapshots last until the machine goes down.
    pub fn settle(&self) -> Result<()> {
        let pending = std::mem::take(&mut *self.unsettled.lock().expect("nothing panics while it holds the set"));
        if pending.is_empty() {
            return Ok(());
        }
        let failed = |source| StoreError::io("force to disk", &self.directory, source);
        let directory = File::open(&self.directory).map_err(failed)?;
        rustix::fs::syncfs(&directory).map_err(|errno| failed(errno.into()))?;
        for id in pending {
            let path = self.place(&id).join("snapshot.json");
            if let Some(snapshot) = files::read_json::<Snapshot>(&path)? {
                files::publish_json(&path, &Snapshot { boot: None, ..snapshot })?;
            }
        }
        Ok(())
    }

    pub(super) fn all(&self) -> Result<Vec<SnapshotId>> {
        Ok(files::names(&self.directory)?.into_iter().map(SnapshotId).collect())
    }

    /// Bytes of content in the snapshot, 0 if it does not say.
    pub(super) fn size(&self, id: &SnapshotId) -> Result<u64> {
        let snapshot: Option<Snapshot> = files::read_json(&self.place(id).join("snapshot.json"))?;
        Ok(snapshot.map_or(0, |snapshot| snapshot.size))
    }

    pub(super) fn remove(&self, id: &SnapshotId) -> Result<()> {
        // Out of sight first: half a snapshot must not be found under its name.
        let doomed = self.sessions.new_path()?;
        let place = self.place(id);
        fs::rename(&place, &doomed).map_err(|source| StoreError::io("remove", &place, source))?;
        files::remove(&doomed).map(drop)
    }

    fn place(&self, id: &SnapshotId) -> PathBuf {
        self.directory.join(&id.0)
    }

    fn note_unsettled(&self, id: SnapshotId) {
        self.unsettled.lock().expect("nothing panics while it holds the set").insert(id);
    }

    fn boot(&self) -> Result<&str> {
        if let Some(boot) = self.boot.get() {
            return Ok(boot);
        }
        let path = Path::new("/proc/sys/kernel/random/boot_id");
        let read = fs::read_to_string(path).map_err(|source| StoreError::io("read", path, source))?;
        Ok(self.boot.get_or_init(|| read.trim().to_owned()))
    }
}
