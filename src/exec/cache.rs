//! The cache protocol: under which keys a step's result is kept, when it is used again, and that it is made once.
//!
//! A result is kept under its content key, made of exactly what the step takes. A step that takes files from another
//! stage has a second, coarser key, made of that whole stage: where it hits, no file has to be looked at. Of several
//! threads and processes that need one result, one makes it and the others wait.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::chain::Chain;
use super::error::Result;
use crate::digest::Digest;
use crate::plan::files::{self, FileList};
use crate::plan::record::{FileKind, FileRecord};
use crate::store::{Kind, Record, Store};
use crate::tree::record::{self, What};

/// What is remembered of a step that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Memory {
    /// Its content key.
    pub(super) key: Digest,
    /// How long it took.
    took_ms: u64,
    /// When it was over, in seconds since 1970.
    pub(super) made_at: i64,
    /// The list of the files that it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) files: Option<Digest>,
}

impl Memory {
    /// What is to be remembered of a step.
    pub(super) fn new(key: Digest, took: Duration, made_at: i64, files: Option<Digest>) -> Self {
        Self { key, took_ms: crate::event::millis(took), made_at, files }
    }

    /// How long the step took.
    pub(super) fn took(&self) -> Duration {
        Duration::from_millis(self.took_ms)
    }
}

/// A result that was kept.
#[derive(Debug)]
pub(super) struct Hit {
    /// What the step left.
    pub(super) chain: Chain,
    /// What is remembered of it.
    pub(super) memory: Memory,
}

/// The result under `key`, if all of it is still there. Mostly it lies on `below`, of which that is known.
pub(super) fn recall(store: &Store, key: &Digest, below: &Chain) -> Result<Option<Hit>> {
    let Some(record) = store.records.get(Kind::Step, key)? else { return Ok(None) };
    let Some(top) = record.snapshot else { return Ok(None) };
    // A record that another version wrote is as good as none.
    let Ok(memory) = serde_json::from_value(record.detail) else { return Ok(None) };
    Ok(Chain::find_on(store, &top, below)?.map(|chain| Hit { chain, memory }))
}

/// Keeps the result of a step under its keys.
pub(super) fn remember(store: &Store, keys: &[Digest], chain: &Chain, memory: &Memory) -> Result<()> {
    let detail = serde_json::to_value(memory).expect("a memory has only string keys");
    let snapshot = chain.top().map(|top| top.id.clone());
    let record = Record { snapshot, blobs: Vec::new(), notes: memory.files.into_iter().collect(), detail };
    for key in keys {
        store.records.put(Kind::Step, key, &record)?;
    }
    Ok(())
}

/// Keeps the list of the files that a step took; of no files there is none.
pub(super) fn keep_files(store: &Store, files: &FileList) -> Result<Option<Digest>> {
    match files.is_empty() {
        true => Ok(None),
        false => Ok(Some(store.notes.keep(&files::encode(files))?)),
    }
}

/// The list of files with this digest; none where it is gone, or damaged.
pub fn files_of(store: &Store, list: &Digest) -> Option<FileList> {
    files::decode(&store.notes.read(list).ok()??)
}

/// The files that a step took, as a plan remembers them.
pub(super) fn files(records: &[record::Record]) -> FileList {
    let file = |record: &record::Record| {
        let what = match &record.what {
            What::File { size, content } => FileKind::File { size: *size, content: *content },
            What::Directory => FileKind::Directory,
            What::Symlink { target } => FileKind::Symlink { target: target.clone() },
            What::Special { node } => FileKind::Special { node: node.clone() },
            What::Deleted => return None,
        };
        let mode = (!matches!(what, FileKind::Symlink { .. })).then_some(record.mode);
        let file = FileRecord { what, mode, owner: (record.uid, record.gid), digest: Some(record.digest) };
        Some((record.path.clone(), file))
    };
    records.iter().filter_map(file).collect()
}
