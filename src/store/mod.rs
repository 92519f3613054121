//! What rplan keeps between builds: plain files in one directory, safe for several processes and under `kill -9`.
//!
//! Owns blobs, snapshots, records, tags, the locks around them and their removal. Does not know what a step, an image
//! or a Dockerfile is: records carry what others give them. Invariant: whatever is visible under its final name is
//! complete; half-made things live under `tmp`, in a directory that only its living process may touch.
//!
//! ```text
//! version                            the layout of this directory
//! in-use                             locked shared by every user, exclusively by the collector
//! blobs/sha256/<hex>                 content-addressed files
//! snapshots/<id>/{fs,snapshot.json}  the changes of one step or layer, as an overlay's upper directory
//! snapshots/<id>/layer.json          the same packed as a layer, once that is known
//! records/<kind>/<xx>/<hex>.json     what is remembered under a key
//! tags/<hash of the name>.json       names of images
//! caches/<hex>/{fs,cache.json,lock}  directories that live from build to build: cache mounts
//! kept/<id>                          the root of a step that failed, until the next collection
//! notes/<hex>                        what explains a record and is too long for it
//! keys/<hex>                         locks: one process does the work of a key
//! prunes.json                        when results were given up
//! tmp/<session>/                     what a living process is making
//! ```

mod blobs;
mod caches;
mod error;
mod files;
mod gc;
mod keepers;
mod kept;
mod lock;
mod notes;
mod prune;
mod prunes;
mod records;
mod session;
mod snapshots;
mod tags;
mod usage;

use std::fs::{self, DirBuilder, File, Permissions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use blobs::{BlobWriter, Blobs};
pub use caches::{Cache, Caches, KnownCache, Sharing};
pub use error::{Result, StoreError};
pub use gc::{Collector, Swept};
pub use kept::KeptRoots;
pub use lock::{KeyLock, Keys};
pub use notes::Notes;
pub use prune::{Rules, Scope};
pub use records::{Kind, Record, Records};
pub use snapshots::{Layer, NewSnapshot, PackedLayer, Scratch, Snapshot, SnapshotId, Snapshots};
pub use tags::{Tag, Tags};
pub use usage::{Held, Shelf};

use session::Sessions;

pub use crate::tree::Blame;

/// The layout that this rplan reads and writes.
const VERSION: &str = "rplan store 1\n";

/// An open store, to be shared between threads. As long as it is open, and as long as something begun in it is not
/// finished, the collector stays away.
#[derive(Debug)]
pub struct Store {
    /// Content-addressed files.
    pub blobs: Blobs,
    /// The changes of steps and layers.
    pub snapshots: Snapshots,
    /// What is remembered under keys.
    pub records: Records,
    /// What explains records and is too long for them.
    pub notes: Notes,
    /// Names of images.
    pub tags: Tags,
    /// Cache mounts.
    pub caches: Caches,
    /// Roots of steps that failed.
    pub kept: KeptRoots,
    /// Locks on keys.
    pub keys: Keys,
    root: PathBuf,
}

impl Store {
    /// The store at `root`, made if there is none.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self> {
        let root = root.into();
        match read_version(&root)? {
            Some(version) => check_version(&root, &version)?,
            None => begin(&root)?,
        }
        check_owner(&root)?;
        make_private(&root)?;
        for directory in ["blobs/sha256", "snapshots", "records", "notes", "tags", "caches", "keys", "tmp"] {
            let path = root.join(directory);
            fs::create_dir_all(&path).map_err(|source| StoreError::io("make the directory", &path, source))?;
        }
        Self::enter(root)
    }

    /// The store at `root` if there is one: for commands that only look.
    pub fn open_existing(root: impl Into<PathBuf>) -> Result<Option<Self>> {
        let root = root.into();
        let Some(version) = read_version(&root)? else { return Ok(None) };
        check_owner(&root)?;
        check_version(&root, &version)?;
        Self::enter(root).map(Some)
    }

    fn enter(root: PathBuf) -> Result<Self> {
        let lock = lock::enter(&root)?;
        Ok(Self::held_by_lock(root, lock))
    }

    /// The store at `root`, for whoever holds `lock` on all of it.
    fn held_by_lock(root: PathBuf, lock: File) -> Self {
        let sessions = Arc::new(Sessions::new(root.join("tmp"), lock));
        Self {
            blobs: Blobs::new(root.join("blobs/sha256"), Arc::clone(&sessions)),
            snapshots: Snapshots::new(root.join("snapshots"), Arc::clone(&sessions)),
            caches: Caches::new(root.join("caches"), Arc::clone(&sessions)),
            kept: KeptRoots::new(root.join("kept"), sessions),
            records: Records::new(root.join("records")),
            notes: Notes::new(root.join("notes")),
            tags: Tags::new(root.join("tags")),
            keys: Keys::new(root.join("keys")),
            root,
        }
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

/// Begins a store in a new or empty directory.
fn begin(root: &Path) -> Result<()> {
    let failed = |source| StoreError::io("make the directory", root, source);
    DirBuilder::new().recursive(true).mode(0o700).create(root).map_err(failed)?;
    check_owner(root)?;
    // Another process may be beginning it too, so the version is looked at again before anybody is turned away.
    if !files::names(root)?.is_empty() && read_version(root)?.is_none() {
        return Err(StoreError::NotAStore { root: root.to_owned() });
    }
    files::publish(&root.join("version"), VERSION.as_bytes())
}

/// Refuses a directory of somebody else: who can write into a store decides what is in the images that are built.
fn check_owner(root: &Path) -> Result<()> {
    let failed = |source| StoreError::io("look at", root, source);
    let (owner, user) = (fs::metadata(root).map_err(failed)?.uid(), rustix::process::geteuid().as_raw());
    match owner == user {
        true => Ok(()),
        false => Err(StoreError::NotYours { root: root.to_owned(), owner, user }),
    }
}

/// Closes the directory to all but its user: layers hold files of any owner, setuid ones among them.
fn make_private(root: &Path) -> Result<()> {
    let failed = |source| StoreError::io("close to others", root, source);
    let mode = fs::metadata(root).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(root, Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

fn read_version(root: &Path) -> Result<Option<String>> {
    let bytes = files::read(&root.join("version"))?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

fn check_version(root: &Path, found: &str) -> Result<()> {
    match found == VERSION {
        true => Ok(()),
        false => {
            Err(StoreError::Version { root: root.to_owned(), found: found.trim().to_owned(), expected: VERSION.trim() })
        }
    }
}
