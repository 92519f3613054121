//! A tree as it is compared: path by path everything that counts, and no times.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::digest::Digest;
use crate::tree::record::read_content;
use crate::tree::{Entry, Kind, Root, Time, TreeError, Walk, Xattrs};

/// Every path of a tree, the root included as the empty one.
pub type Survey = BTreeMap<PathBuf, Seen>;

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What kind of thing, with its content where it has any.
    pub what: What,
    /// Permission bits; those of a link count for nothing.
    pub mode: u32,
    /// Owner and group.
    pub owner: (u32, u32),
    /// Extended attributes.
    pub xattrs: Xattrs,
}

/// The part that depends on the kind of entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A regular file and the digest of its content.
    File(Digest),
    /// A directory.
    Directory,
    /// A symbolic link and what it says.
    Symlink(PathBuf),
    /// A device, a pipe or a socket, in words.
    Special(String),
}

/// The digests of files that several trees share, so that each is read once.
#[derive(Default)]
pub struct Contents {
    known: Mutex<HashMap<Object, Digest>>,
}

/// A file on disk as it is at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Object {
    number: u64,
    size: u64,
    changed: Time,
    modified: Time,
}

/// Looks at all of a tree.
pub fn survey(root: &Root, contents: &Contents) -> Result<Survey, TreeError> {
    let top = Entry::inspect(root.path(), Path::new(""))?;
    let entries: Vec<Entry> = Walk::new(root.path()).with_xattrs().collect::<Result<_, _>>()?;
    let seen = |entry: Entry| {
        let what = match &entry.kind {
            Kind::File => What::File(contents.digest(root, &entry)?),
            Kind::Directory => What::Directory,
            Kind::Symlink { target } => What::Symlink(target.clone()),
            Kind::CharDevice(device) => What::Special(format!("character device {}:{}", device.major, device.minor)),
            Kind::BlockDevice(device) => What::Special(format!("block device {}:{}", device.major, device.minor)),
            Kind::Fifo => What::Special("pipe".to_owned()),
            Kind::Socket => What::Special("socket".to_owned()),
        };
        let mode = if matches!(what, What::Symlink(_)) { 0o777 } else { entry.attributes.mode };
        let owner = (entry.attributes.uid, entry.attributes.gid);
        Ok((entry.path, Seen { what, mode, owner, xattrs: entry.attributes.xattrs }))
    };
    entries.into_par_iter().chain(rayon::iter::once(top)).map(seen).collect()
}

impl Contents {
    /// The digest of a file. Overlays show the files of their layers under the numbers that these have on disk, so one
    /// that two images have in common is recognised.
    fn digest(&self, root: &Root, entry: &Entry) -> Result<Digest, TreeError> {
        let Some(inode) = entry.inode else { return read_content(root, entry) };
        let (number, changed) = (inode.number, inode.changed);
        let object = Object { number, size: entry.size, changed, modified: entry.attributes.mtime };
        if let Some(digest) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&object) {
            return Ok(*digest);
        }
        let digest = read_content(root, entry)?;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(object, digest);
        Ok(digest)
    }
}
