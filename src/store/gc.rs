//! Removing what nothing keeps: give up keepers by rule, mark what the others hold, sweep the rest.
//!
//! Invariant: it works only while nobody else has the store open, so nothing that is being built can be swept.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::digest::Digest;

use super::error::Result;
use super::keepers::{Name, Thing};
use super::prune::Rules;
use super::{Store, check_owner, check_version, files, lock, read_version, session};

/// The one who removes things from a store; has it for itself.
#[derive(Debug)]
pub struct Collector {
    store: Store,
}

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Snapshots.
    pub snapshots: u64,
    /// Blobs.
    pub blobs: u64,
    /// Records: given up, or of something that is gone.
    pub records: u64,
    /// Cache mounts.
    pub caches: u64,
    /// Roots of steps that failed.
    pub kept: u64,
    /// Bytes of content in all of them.
    pub bytes: u64,
}

impl Collector {
    /// Takes the store at `root` for itself; `None` while somebody uses it, and if there is none.
    pub fn seize(root: impl Into<PathBuf>) -> Result<Option<Self>> {
        let root = root.into();
        let Some(version) = read_version(&root)? else { return Ok(None) };
        check_owner(&root)?;
        check_version(&root, &version)?;
        let Some(alone) = lock::seize(&root)? else { return Ok(None) };
        Ok(Some(Self { store: Store::held_by_lock(root, alone) }))
    }

    /// The same, once nobody uses it; `None` if there is none.
    pub fn await_turn(root: impl Into<PathBuf>) -> Result<Option<Self>> {
        let root = root.into();
        let Some(version) = read_version(&root)? else { return Ok(None) };
        check_owner(&root)?;
        check_version(&root, &version)?;
        let alone = lock::await_turn(&root)?;
        Ok(Some(Self { store: Store::held_by_lock(root, alone) }))
    }

    /// Gives up what `rules` say and removes what nothing keeps then.
    pub fn prune(&self, rules: &Rules) -> Result<Swept> {
        let chosen = rules.choose(&self.store.keepers()?, &self.store.things()?);
        let mut forgotten = 0;
        let mut swept = Swept::default();
        for name in chosen {
            match name {
                Name::Record(kind, key) => forgotten += u64::from(self.store.records.forget(kind, &key)?),
                Name::Cache(directory, _) => {
                    swept.bytes += self.store.caches.size(&directory);
                    self.store.caches.remove(&directory)?;
                    swept.caches += 1;
                }
                Name::Tag(_) => unreachable!("images are never chosen"),
            }
        }
        if forgotten > 0 {
            self.store.note_prune()?;
        }
        let rest = self.sweep()?;
        Ok(Swept { records: forgotten + rest.records, bytes: swept.bytes + rest.bytes, caches: swept.caches, ..rest })
    }

    /// Removes every snapshot and blob that no tag and no record keeps, and every record whose snapshot is gone.
    pub fn sweep(&self) -> Result<Swept> {
        let Store { snapshots, blobs, records, .. } = &self.store;
        let mut swept = Swept::default();
        let mut held: BTreeSet<Thing> = BTreeSet::new();
        let mut told: BTreeSet<Digest> = BTreeSet::new();
        for keeper in self.store.keepers()? {
            match keeper.name {
                Name::Record(kind, key) if !keeper.is_whole => swept.records += u64::from(records.forget(kind, &key)?),
                _ => {
                    held.extend(keeper.holds);
                    told.extend(keeper.notes);
                }
            }
        }
        for (thing, size) in self.store.things()? {
            if held.contains(&thing) {
                continue;
            }
            match thing {
                Thing::Snapshot(id) => {
                    snapshots.remove(&id)?;
                    swept.snapshots += 1;
                }
                Thing::Blob(digest) => swept.blobs += u64::from(blobs.remove(&digest)?),
                Thing::KeptRoot(name) => {
                    self.store.kept.remove(&name)?;
                    swept.kept += 1;
                }
                Thing::Cache(_) => unreachable!("a cache mount keeps itself"),
            }
            swept.bytes += size;
        }
        self.store.notes.retain(|note| told.contains(note))?;
        self.remove_leftovers()?;
        Ok(swept)
    }

    /// Removes what killed processes left: nobody but the collector is at work now, so nothing of it is in use.
    fn remove_leftovers(&self) -> Result<()> {
        let root = self.store.root();
        session::remove_abandoned(&root.join("tmp"))?;
        let keys = root.join("keys");
        for name in files::names(&keys)? {
            files::remove(&keys.join(name))?;
        }
        self.store.blobs.remove_strangers()?;
        files::remove_temporary(root)?;
        files::remove_temporary(&root.join("tags"))?;
        for id in self.store.snapshots.all()? {
            files::remove_temporary(&root.join("snapshots").join(id.to_string()))?;
        }
        for cache in self.store.caches.all()? {
            files::remove_temporary(&root.join("caches").join(cache.directory))?;
        }
        self.store.records.shards()?.iter().try_for_each(|shard| files::remove_temporary(shard))
    }
}
