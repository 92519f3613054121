//! What keeps what: tags and records with the snapshots and blobs that they stand for, and cache mounts, which stand
//! for themselves.
//!
//! Decides nothing. Invariant: whatever no keeper holds can be removed without anybody missing it.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use crate::digest::Digest;

use super::Store;
use super::error::{Result, StoreError};
use super::records::{Kind, Record};
use super::snapshots::SnapshotId;

/// Content that takes room.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    Snapshot(SnapshotId),
    Blob(Digest),
    /// A cache mount, by its directory.
    Cache(String),
    /// The root of a step that failed, by its name.
    KeptRoot(String),
}

/// What keeps it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    Tag(String),
    Record(Kind, Digest),
    /// A cache mount keeps itself; by its directory, and what people call it.
    Cache(String, String),
}

/// A keeper with all that it holds.
#[derive(Debug, Clone)]
pub(super) struct Keeper {
    pub(super) name: Name,
    /// When it was last used.
    pub(super) used: SystemTime,
    pub(super) holds: Vec<Thing>,
    /// The notes that tell of it.
    pub(super) notes: Vec<Digest>,
    /// Whether all that it stands for is there.
    pub(super) is_whole: bool,
}

impl Store {
    /// Every keeper: tags, records, cache mounts.
    pub(super) fn keepers(&self) -> Result<Vec<Keeper>> {
        let mut keepers = Vec::new();
        for tag in self.tags.all()? {
            let (mut holds, is_whole) = self.held_by(tag.snapshot.as_ref())?;
            holds.extend([tag.manifest, tag.config].into_iter().chain(tag.layers).map(Thing::Blob));
            let used = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(tag.tagged_at).unwrap_or_default());
            keepers.push(Keeper { name: Name::Tag(tag.name), used, holds, notes: Vec::new(), is_whole });
        }
        for kind in Kind::ALL {
            for (key, used, Record { snapshot, blobs, notes, .. }) in self.records.all(kind)? {
                let (mut holds, is_whole) = self.held_by(snapshot.as_ref())?;
                holds.extend(blobs.into_iter().map(Thing::Blob));
                keepers.push(Keeper { name: Name::Record(kind, key), used, holds, notes, is_whole });
            }
        }
        for cache in self.caches.all()? {
            let holds = vec![Thing::Cache(cache.directory.clone())];
            keepers.push(Keeper {
                name: Name::Cache(cache.directory, cache.id),
                used: cache.used,
                holds,
                notes: Vec::new(),
                is_whole: true,
            });
        }
        Ok(keepers)
    }

    /// A snapshot with its parents and its packed layers, and whether all of it is there.
    fn held_by(&self, snapshot: Option<&SnapshotId>) -> Result<(Vec<Thing>, bool)> {
        let Some(id) = snapshot else { return Ok((Vec::new(), true)) };
        let chain = match self.snapshots.chain(id) {
            Ok(Some(chain)) => chain,
            Ok(None) | Err(StoreError::BrokenChain { .. }) => return Ok((Vec::new(), false)),
            Err(error) => return Err(error),
        };
        let mut holds = Vec::new();
        for snapshot in chain {
            if let Some(layer) = self.snapshots.layer(&snapshot.id)? {
                holds.extend(layer.packed.iter().map(|packed| Thing::Blob(packed.blob)));
            }
            holds.push(Thing::Snapshot(snapshot.id));
        }
        Ok((holds, true))
    }

    /// Everything that takes room, and how much.
    pub(super) fn things(&self) -> Result<BTreeMap<Thing, u64>> {
        let mut things = BTreeMap::new();
        for id in self.snapshots.all()? {
            let size = self.snapshots.size(&id)?;
            things.insert(Thing::Snapshot(id), size);
        }
        for digest in self.blobs.all()? {
            things.insert(Thing::Blob(digest), self.blobs.size(&digest)?.unwrap_or_default());
        }
        for cache in self.caches.all()? {
            let size = self.caches.size(&cache.directory);
            things.insert(Thing::Cache(cache.directory), size);
        }
        for name in self.kept.all()? {
            let size = self.kept.size(&name);
            things.insert(Thing::KeptRoot(name), size);
        }
        Ok(things)
    }
}
