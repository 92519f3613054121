//! What is remembered under a key: which snapshot a step gave, what the last build of a file was.
//!
//! Does not know what the details mean; it knows only what a record keeps alive. A look-up is one file read. A record
//! is read and rewritten whole, so of two writers the later one wins.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

use super::error::Result;
use super::files;
use super::snapshots::SnapshotId;

/// How long a record may have been read without that being noted: noting costs a write.
const USE_IS_NOTED_AFTER: Duration = Duration::from_secs(3600);

/// What a key is the key of; each kind has its own name space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A step: its content key gives the snapshot.
    Step,
    /// Something written in a Dockerfile, whatever its inputs were: what it last ran with, to say why it runs again.
    LastRun,
    /// A context with a file and a target: its last build.
    Build,
    /// Layers of a base image: the chain id gives the snapshot.
    Chain,
    /// A reference to an image: what it stood for when it was last looked up.
    Image,
    /// A registry and a blob: the repositories there that have it.
    Whereabouts,
    /// The address of something fetched: what it was, and how to ask whether it still is.
    Source,
    /// A step or a cache mount: a blob from another machine that nothing has needed yet.
    Import,
    /// A command on a base: how long it took when it ran.
    Took,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Step,
        Self::LastRun,
        Self::Build,
        Self::Chain,
        Self::Image,
        Self::Whereabouts,
        Self::Source,
        Self::Import,
        Self::Took,
    ];

    fn directory(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::LastRun => "last-run",
            Self::Build => "build",
            Self::Chain => "chain",
            Self::Image => "image",
            Self::Whereabouts => "whereabouts",
            Self::Source => "source",
            Self::Import => "import",
            Self::Took => "took",
        }
    }
}

/// One record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The snapshot it stands for; kept, with all it stands on, as long as the record is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotId>,
    /// Blobs that are kept as long as the record is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blobs: Vec<Digest>,
    /// Notes that are kept as long as the record is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Digest>,
    /// Whatever else its writer wants to find again.
    #[serde(default)]
    pub detail: serde_json::Value,
}

/// The records of a store.
#[derive(Debug)]
pub struct Records {
    directory: PathBuf,
}

impl Records {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// The record under `key`. That it was used is noted for later pruning, to the hour.
    pub fn get(&self, kind: Kind, key: &Digest) -> Result<Option<Record>> {
        let path = self.path(kind, key);
        let record = files::read_json(&path)?;
        if record.is_some() {
            note_use(&path);
        }
        Ok(record)
    }

    /// Remembers `record` under `key`.
    pub fn put(&self, kind: Kind, key: &Digest, record: &Record) -> Result<()> {
        files::publish_json(&self.path(kind, key), record)
    }

    /// Forgets what is under `key`; says whether there was anything.
    pub fn forget(&self, kind: Kind, key: &Digest) -> Result<bool> {
        files::remove(&self.path(kind, key))
    }

    /// Every record of a kind: its key, when it was last used, and what it says; in the order of keys. Files that
    /// cannot be understood are left out.
    pub fn all(&self, kind: Kind) -> Result<Vec<(Digest, SystemTime, Record)>> {
        let mut records = Vec::new();
        for path in self.paths(kind)? {
            let key = path.file_stem().and_then(|stem| format!("sha256:{}", stem.to_string_lossy()).parse().ok());
            let used = fs::metadata(&path).and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            if let (Some(key), Some(record)) = (key, files::read_json(&path)?) {
                records.push((key, used, record));
            }
        }
        Ok(records)
    }

    /// Bytes that a record takes, 0 if it is gone.
    pub(super) fn size(&self, kind: Kind, key: &Digest) -> u64 {
        fs::metadata(self.path(kind, key)).map_or(0, |metadata| metadata.len())
    }

    fn paths(&self, kind: Kind) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for shard in self.shards_of(kind)? {
            paths.extend(files::names(&shard)?.into_iter().map(|name| shard.join(name)));
        }
        Ok(paths)
    }

    /// The directories that hold records.
    pub(super) fn shards(&self) -> Result<Vec<PathBuf>> {
        let shards: Result<Vec<Vec<PathBuf>>> = Kind::ALL.into_iter().map(|kind| self.shards_of(kind)).collect();
        Ok(shards?.concat())
    }

    fn shards_of(&self, kind: Kind) -> Result<Vec<PathBuf>> {
        let directory = self.directory.join(kind.directory());
        Ok(files::names(&directory)?.into_iter().map(|name| directory.join(name)).collect())
    }

    fn path(&self, kind: Kind, key: &Digest) -> PathBuf {
        let hex = key.hex();
        self.directory.join(kind.directory()).join(&hex[..2]).join(format!("{hex}.json"))
    }
}

fn note_use(path: &std::path::Path) {
    let now = SystemTime::now();
    let noted = File::open(path).and_then(|file| {
        let before = file.metadata()?.modified()?;
        match now.duration_since(before) {
            Ok(since) if since > USE_IS_NOTED_AFTER => file.set_modified(now),
            _ => Ok(()),
        }
    });
    if let Err(error) = noted {
        tracing::debug!(path = %path.display(), %error, "the use of a record is not noted");
    }
}
