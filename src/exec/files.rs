//! Looking at the file system that a build left, as it will be in a container.

use super::chain::Chain;
use super::error::{Error, Result};
use super::origin::with_chain;
use crate::store::{SnapshotId, Store};
use crate::tree::Root;

/// Lets `use_it` look at the file system whose topmost snapshot is `top`; none is the empty tree. Nothing can be changed
/// in it.
pub fn with_files<T: Send>(
    store: &Store,
    top: Option<&SnapshotId>,
    use_it: impl FnOnce(&Root) -> Result<T> + Send,
) -> Result<T> {
    let chain = match top {
        Some(top) => Chain::find(store, top)?.ok_or_else(|| {
            let message = "the files of the image are no longer in rplan's store".to_owned();
            Error::Wrong { message, span: None }
        })?,
        None => Chain::default(),
    };
    with_files_of(store, &chain, use_it)
}

/// The same for a chain that is there. The mount belongs to a thread of its own, so that the caller's mounts stay as
/// they are.
pub(super) fn with_files_of<T: Send>(
    store: &Store,
    chain: &Chain,
    use_it: impl FnOnce(&Root) -> Result<T> + Send,
) -> Result<T> {
    let room = store.snapshots.begin()?;
    let at = room.mount_point();
    std::thread::scope(|scope| {
        let mounting = scope.spawn(|| with_chain(store, chain, &at, use_it));
        mounting.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
