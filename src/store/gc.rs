//! Removing what nothing keeps: mark from tags and records, sweep the rest.
//!
//! Does not decide what is worth keeping; its callers forget records and tags first. Invariant: it works only while
//! nobody else has the store open, so nothing that is being built can be swept.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use crate::digest::Digest;

use super::blobs::Blobs;
use super::error::{Result, StoreError};
use super::records::{Kind, Record, Records};
use super::session::Sessions;
use super::snapshots::{SnapshotId, Snapshots};
use super::tags::Tags;
use super::{check_version, files, lock, read_version, session};

/// The one who removes things from a store; has it for itself.
#[derive(Debug)]
pub struct Collector {
    root: PathBuf,
    blobs: Blobs,
    snapshots: Snapshots,
    records: Records,
    tags: Tags,
}

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Snapshots.
    pub snapshots: u64,
    /// Blobs.
    pub blobs: u64,
    /// Records that stood for something that is gone.
    pub records: u64,
    /// Bytes of content in all of them.
    pub bytes: u64,
}

/// What a store holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Snapshots.
    pub snapshots: u64,
    /// Bytes of content in them.
    pub snapshot_bytes: u64,
    /// Blobs.
    pub blobs: u64,
    /// Bytes in them.
    pub blob_bytes: u64,
}

#[derive(Default)]
struct Marked {
    snapshots: BTreeSet<SnapshotId>,
    blobs: BTreeSet<Digest>,
}

impl Collector {
    /// Takes the store at `root` for itself; `None` while somebody uses it, and if there is none.
    pub fn seize(root: impl Into<PathBuf>) -> Result<Option<Self>> {
        let root = root.into();
        let Some(version) = read_version(&root)? else { return Ok(None) };
        check_version(&root, &version)?;
        let Some(alone) = lock::seize(&root)? else { return Ok(None) };
        let sessions = Arc::new(Sessions::new(root.join("tmp"), alone));
        Ok(Some(Self {
            blobs: Blobs::new(root.join("blobs/sha256"), Arc::clone(&sessions)),
            snapshots: Snapshots::new(root.join("snapshots"), sessions),
            records: Records::new(root.join("records")),
            tags: Tags::new(root.join("tags")),
            root,
        }))
    }

    /// Forgets the records of a kind that nobody has used since `limit`; says how many.
    pub fn forget_unused_since(&self, kind: Kind, limit: SystemTime) -> Result<u64> {
        let mut forgotten = 0;
        for (key, used, _) in self.records.all(kind)? {
            if used < limit {
                forgotten += u64::from(self.records.forget(kind, &key)?);
            }
        }
        Ok(forgotten)
    }

    /// Removes every snapshot and blob that no tag and no record keeps, and every record whose snapshot is gone.
    pub fn sweep(&self) -> Result<Swept> {
        let mut swept = Swept::default();
        let marked = self.mark(&mut swept)?;
        for id in self.snapshots.all()?.into_iter().filter(|id| !marked.snapshots.contains(id)) {
            swept.bytes += self.snapshots.size(&id)?;
            self.snapshots.remove(&id)?;
            swept.snapshots += 1;
        }
        let directory = self.root.join("blobs/sha256");
        for name in files::names(&directory)? {
            let kept = format!("sha256:{name}").parse().is_ok_and(|digest| marked.blobs.contains(&digest));
            if !kept {
                let path = directory.join(name);
                swept.bytes += fs::metadata(&path).map(|metadata| metadata.len()).unwrap_or_default();
                swept.blobs += u64::from(files::remove(&path)?);
            }
        }
        self.remove_leftovers()?;
        Ok(swept)
    }

    /// What the store holds.
    pub fn usage(&self) -> Result<Usage> {
        let mut usage = Usage::default();
        for id in self.snapshots.all()? {
            usage.snapshots += 1;
            usage.snapshot_bytes += self.snapshots.size(&id)?;
        }
        for name in files::names(&self.root.join("blobs/sha256"))? {
            usage.blobs += 1;
            if let Ok(digest) = format!("sha256:{name}").parse() {
                usage.blob_bytes += self.blobs.size(&digest)?.unwrap_or_default();
            }
        }
        Ok(usage)
    }

    /// Removes what killed processes left: nobody but the collector is at work now, so nothing of it is in use.
    fn remove_leftovers(&self) -> Result<()> {
        session::remove_abandoned(&self.root.join("tmp"))?;
        let keys = self.root.join("keys");
        for name in files::names(&keys)? {
            files::remove(&keys.join(name))?;
        }
        files::remove_temporary(&self.root)?;
        files::remove_temporary(&self.root.join("tags"))?;
        for id in self.snapshots.all()? {
            files::remove_temporary(&self.root.join("snapshots").join(id.to_string()))?;
        }
        self.records.shards()?.iter().try_for_each(|shard| files::remove_temporary(shard))
    }

    fn mark(&self, swept: &mut Swept) -> Result<Marked> {
        let mut marked = Marked::default();
        for tag in self.tags.all()? {
            marked.blobs.extend([tag.manifest, tag.config]);
            marked.blobs.extend(tag.layers);
            if let Some(snapshot) = tag.snapshot {
                self.mark_snapshot(&snapshot, &mut marked)?;
            }
        }
        for kind in Kind::ALL {
            for (key, _, Record { snapshot, blobs, .. }) in self.records.all(kind)? {
                let is_whole = match &snapshot {
                    Some(snapshot) => self.mark_snapshot(snapshot, &mut marked)?,
                    None => true,
                };
                if is_whole {
                    marked.blobs.extend(blobs);
                } else {
                    swept.records += u64::from(self.records.forget(kind, &key)?);
                }
            }
        }
        Ok(marked)
    }

    /// Marks a snapshot with its parents and its packed layers; says whether all of it is there.
    fn mark_snapshot(&self, id: &SnapshotId, marked: &mut Marked) -> Result<bool> {
        let chain = match self.snapshots.chain(id) {
            Ok(Some(chain)) => chain,
            Ok(None) | Err(StoreError::BrokenChain { .. }) => return Ok(false),
            Err(error) => return Err(error),
        };
        for snapshot in chain {
            if let Some(layer) = self.snapshots.layer(&snapshot.id)? {
                marked.blobs.extend(layer.packed.iter().map(|packed| packed.blob));
            }
            marked.snapshots.insert(snapshot.id);
        }
        Ok(true)
    }
}
