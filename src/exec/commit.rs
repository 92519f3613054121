//! From an upper directory to a snapshot.
//!
//! Where the same parent was changed in the same way before, times aside, the snapshot of then is kept and the new one
//! thrown away: what follows stays cached, and the layer keeps its digest.

use std::path::PathBuf;

use super::chain::Chain;
use super::error::Result;
use crate::digest::{Digest, Hasher};
use crate::store::{Kind, NewSnapshot, Record, Scratch, Store};
use crate::tree::diff::diff;
use crate::tree::record;
use crate::tree::times::clamp_times;
use crate::tree::{Root, Time};

/// What came of a commit.
#[derive(Debug)]
pub(super) struct Committed {
    /// The chain with what was changed on top.
    pub(super) chain: Chain,
    /// Whether it is a snapshot that was there before.
    pub(super) same_layer: bool,
}

/// Keeps what `scratch` changed in `lowers` as a snapshot on top of `below`. No time is later than `newest`.
pub(super) fn commit(
    store: &Store,
    scratch: Scratch,
    below: &Chain,
    lowers: &[PathBuf],
    newest: Option<i64>,
) -> Result<Committed> {
    let upper = scratch.upper();
    if let Some(seconds) = newest {
        clamp_times(&upper, Time { seconds, nanoseconds: 0 })?;
    }
    let changes = diff(&upper, lowers)?;
    let root = Root::open(&upper)?;
    let records = record::changed(&changes, &|entry| record::read_content(&root, entry))?;
    let size = changes.iter().filter_map(|change| change.entry()).map(|entry| entry.size).sum();
    let parent = below.top().map(|snapshot| snapshot.id.clone());
    let new = NewSnapshot { parent, changes: record::digest(&records), size };

    let key = key(&new);
    let _alone = store.keys.lock(&key)?;
    if let Some(chain) = find(store, &key, below)? {
        return Ok(Committed { chain, same_layer: true });
    }
    let snapshot = store.snapshots.commit(scratch, new)?;
    let record = Record { snapshot: Some(snapshot.id.clone()), ..Record::default() };
    store.records.put(Kind::Chain, &key, &record)?;
    Ok(Committed { chain: below.with(snapshot), same_layer: false })
}

/// The chain recorded under `key`, if it is still whole. Mostly it lies on `below`, of which that is known.
pub(super) fn find(store: &Store, key: &Digest, below: &Chain) -> Result<Option<Chain>> {
    match store.records.get(Kind::Chain, key)?.and_then(|record| record.snapshot) {
        Some(top) => Chain::find_on(store, &top, below),
        None => Ok(None),
    }
}

/// Stands for "these changes on that parent".
fn key(new: &NewSnapshot) -> Digest {
    let mut hasher = Hasher::new();
    hasher.field("changes");
    hasher.field(new.parent.as_ref().map(ToString::to_string).unwrap_or_default());
    hasher.field(new.changes.as_bytes());
    hasher.finish()
}
