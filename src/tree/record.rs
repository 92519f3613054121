//! What a tree is, path by path, without its times: the material of cache keys and of early cut-off.
//!
//! Does not know what a key is made of besides. Invariant: equal digests mean that the trees cannot be told apart by
//! type, mode, owner, link, device, portable attributes or content; times never count.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::digest::{Digest, Hasher};

use super::copy::{Arrival, open_source};
use super::diff::{Change, Difference};
use super::entry::{Attributes, Entry, Kind};
use super::error::{Result, TreeError};
use super::resolve::Root;
use super::select::{Hit, SourceTree};

/// One path and what is there, readable enough to explain a difference to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Where, for people: bytes that are no text are replaced.
    pub path: String,
    /// What.
    pub what: What,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Owning group.
    pub gid: u32,
    /// Everything that counts about this path, its exact name included.
    pub digest: Digest,
}

/// The part of a record that depends on the kind of entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum What {
    /// A regular file.
    File {
        /// Its length.
        size: u64,
        /// Its content.
        content: Digest,
    },
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink {
        /// Where it points, for people.
        target: String,
    },
    /// A device, pipe or socket; devices with their numbers.
    Special {
        /// `char 1:3`, `block 8:0`, `fifo`, `socket`.
        node: String,
    },
    /// Nothing: the path was deleted.
    Deleted,
}

/// How the content of a regular file is digested: by reading it, or from a cache that knows it.
pub type ContentDigest<'a> = &'a (dyn Fn(&Entry) -> Result<Digest> + Sync);

/// What arrives at the destination of a COPY: one record for each entry below a directory, one for each other hit.
/// Paths are those of the source tree; what counts for the digest is the name at the destination.
pub fn arriving(
    tree: &SourceTree<'_>,
    hits: &[Hit],
    arrival: &Arrival,
    content: ContentDigest<'_>,
) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for hit in hits {
        let (entries, start) = if hit.entry.is_directory() {
            (tree.below(hit)?, hit.entry.path.as_path())
        } else {
            (vec![hit.entry.clone()], Path::new(""))
        };
        let of_hit = entries.par_iter().map(|entry| {
            let name = match hit.entry.is_directory() {
                true => entry.path.strip_prefix(start).expect("what is below a directory begins with its path"),
                false => hit.name.file_name().map_or(Path::new(""), Path::new),
            };
            record(name, entry, &arrival.attributes(tree, entry), content)
        });
        records.extend(of_hit.collect::<Result<Vec<Record>>>()?);
    }
    Ok(records)
}

/// What a diff brings, times aside. Parents that are only there because something below them changed do not count.
pub fn changed(changes: &[Change], content: ContentDigest<'_>) -> Result<Vec<Record>> {
    let counted: Vec<&Change> =
        changes.iter().filter(|change| !matches!(change.difference, Difference::Implied(_))).collect();
    counted
        .par_iter()
        .map(|change| match &change.difference {
            Difference::Added(entry) | Difference::Modified(entry) | Difference::Implied(entry) => {
                record(&change.path, entry, &entry.attributes, content)
            }
            Difference::Deleted => Ok(deleted(&change.path)),
        })
        .collect()
}

/// The digest of all records in their order.
pub fn digest(records: &[Record]) -> Digest {
    let mut hasher = Hasher::new();
    records.iter().for_each(|record| hasher.update(record.digest.as_bytes()));
    hasher.finish()
}

/// Digests the content of `entry` by reading it from `root`.
pub fn read_content(root: &Root, entry: &Entry) -> Result<Digest> {
    let file = open_source(root, entry)?;
    let (digest, _) =
        Digest::of_reader(file).map_err(|source| TreeError::io("read", &root.outside(&entry.path), source))?;
    Ok(digest)
}

fn record(name: &Path, entry: &Entry, attributes: &Attributes, content: ContentDigest<'_>) -> Result<Record> {
    let mut hasher = Hasher::new();
    hasher.field(name.as_os_str().as_bytes());
    let what = match &entry.kind {
        Kind::File => {
            let content = content(entry)?;
            hasher.field("file");
            hasher.field(content.as_bytes());
            What::File { size: entry.size, content }
        }
        Kind::Directory => {
            hasher.field("directory");
            What::Directory
        }
        Kind::Symlink { target } => {
            hasher.field("symlink");
            hasher.field(target.as_os_str().as_bytes());
            What::Symlink { target: target.display().to_string() }
        }
        Kind::CharDevice(device) => special(&mut hasher, format!("char {}:{}", device.major, device.minor)),
        Kind::BlockDevice(device) => special(&mut hasher, format!("block {}:{}", device.major, device.minor)),
        Kind::Fifo => special(&mut hasher, "fifo".to_owned()),
        Kind::Socket => special(&mut hasher, "socket".to_owned()),
    };
    // The mode of a link is not kept by anything and differs between file systems.
    let mode = if matches!(entry.kind, Kind::Symlink { .. }) { 0o777 } else { attributes.mode };
    let mut numbers = String::new();
    write!(numbers, "{mode:o} {} {}", attributes.uid, attributes.gid).expect("writing to a string cannot fail");
    hasher.field(numbers);
    for (name, value) in &attributes.xattrs {
        hasher.field(name.as_bytes());
        hasher.field(value);
    }
    Ok(Record {
        path: entry.path.to_string_lossy().into_owned(),
        what,
        mode,
        uid: attributes.uid,
        gid: attributes.gid,
        digest: hasher.finish(),
    })
}

fn special(hasher: &mut Hasher, node: String) -> What {
    hasher.field("special");
    hasher.field(&node);
    What::Special { node }
}

fn deleted(path: &Path) -> Record {
    let mut hasher = Hasher::new();
    hasher.field(path.as_os_str().as_bytes());
    hasher.field("deleted");
    let path = path.display().to_string();
    Record { path, what: What::Deleted, mode: 0, uid: 0, gid: 0, digest: hasher.finish() }
}
