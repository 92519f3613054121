//! What a file system is made of: snapshots on top of each other.
//!
//! Knows nothing of what made them. Two chains with equal identity show the same tree, times aside, wherever and
//! whenever they were made.

use std::path::PathBuf;

use super::error::Result;
use crate::digest::{Digest, Hasher};
use crate::store::{Snapshot, SnapshotId, Store, StoreError};

/// Snapshots, the topmost first; none is the empty tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Chain {
    snapshots: Vec<Snapshot>,
}

impl Chain {
    /// The chain that ends in `top`, if all of it is still there.
    pub(super) fn find(store: &Store, top: &SnapshotId) -> Result<Option<Self>> {
        match store.snapshots.chain(top) {
            Ok(snapshots) => Ok(snapshots.map(|snapshots| Self { snapshots })),
            // What is broken is made again.
            Err(StoreError::BrokenChain { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The same where `top` most likely lies on `below`, which is there.
    pub(super) fn find_on(store: &Store, top: &SnapshotId, below: &Self) -> Result<Option<Self>> {
        match store.snapshots.get(top)? {
            Some(found) if found.parent.as_ref() == below.top().map(|snapshot| &snapshot.id) => {
                Ok(Some(below.with(found)))
            }
            _ => Self::find(store, top),
        }
    }

    /// This chain with `snapshot`, which lies on it, on top.
    pub(super) fn with(&self, snapshot: Snapshot) -> Self {
        let mut snapshots = Vec::with_capacity(self.snapshots.len() + 1);
        snapshots.push(snapshot);
        snapshots.extend_from_slice(&self.snapshots);
        Self { snapshots }
    }

    /// The topmost snapshot.
    pub(super) fn top(&self) -> Option<&Snapshot> {
        self.snapshots.first()
    }

    /// The chain up to each of its snapshots, the lowest first: one for each layer of an image.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = Self> {
        (0..self.snapshots.len()).rev().map(|top| Self { snapshots: self.snapshots[top..].to_vec() })
    }

    /// Bytes of content in all of it.
    pub(super) fn size(&self) -> u64 {
        self.snapshots.iter().map(|snapshot| snapshot.size).sum()
    }

    fn bottom_first(&self) -> impl Iterator<Item = &Snapshot> {
        self.snapshots.iter().rev()
    }

    /// The directories to mount, the topmost first.
    pub(super) fn lowers(&self, store: &Store) -> Vec<PathBuf> {
        self.snapshots.iter().map(|snapshot| store.snapshots.changes(&snapshot.id)).collect()
    }

    /// What the tree is, times aside, by what each snapshot changes.
    pub(super) fn identity(&self) -> Digest {
        let mut hasher = Hasher::new();
        self.bottom_first().for_each(|snapshot| hasher.update(snapshot.changes.as_bytes()));
        hasher.finish()
    }
}
