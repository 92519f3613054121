//! Putting a linked copy on another file system: the same changes, on a parent of their own.
//!
//! The result of `COPY --link` does not depend on what is below, so it is found in the cache whatever that is.

use super::chain::Chain;
use super::commit::commit;
use super::error::Result;
use crate::store::Store;
use crate::tree::Root;
use crate::tree::copy::{Arrival, copy};
use crate::tree::select::SourceTree;

/// The top of `chain` on top of `below`.
pub(super) fn on(store: &Store, chain: Chain, below: &Chain) -> Result<Chain> {
    let top = chain.top().expect("a copy leaves a snapshot");
    if top.parent.as_ref() == below.top().map(|snapshot| &snapshot.id) {
        return Ok(chain);
    }
    let source = Root::open(store.snapshots.changes(&top.id))?;
    let scratch = store.snapshots.begin()?;
    let target = Root::open(scratch.upper())?;
    let tree = SourceTree::of_stage(&source);
    copy(&tree, &tree.select(".")?, &target, "/", &Arrival::default())?;
    Ok(commit(store, scratch, below, &[], None)?.chain)
}
