//! One entry of a layer, free of any tar dialect.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A file, directory, link, node or removal in a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where, relative to the root: no leading or trailing `/`, no `.` or `..`; the root itself is empty.
    pub path: Vec<u8>,
    /// What.
    pub kind: Kind,
    /// Permission bits with setuid, setgid and sticky.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Extended attributes.
    pub xattrs: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Entry {
    /// An entry owned by root, of time zero, without attributes.
    pub fn new(path: impl Into<Vec<u8>>, kind: Kind, mode: u32) -> Self {
        Self { path: path.into(), kind, mode, uid: 0, gid: 0, mtime: 0, xattrs: BTreeMap::new() }
    }

    /// The removal of `path`.
    pub fn whiteout(path: impl Into<Vec<u8>>) -> Self {
        Self::new(path, Kind::Whiteout, 0)
    }

    /// How many bytes of content follow the entry in a layer.
    pub fn content_size(&self) -> u64 {
        if let Kind::File { size } = self.kind { size } else { 0 }
    }
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A regular file; its content follows.
    File {
        /// How many bytes it has.
        size: u64,
    },
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink {
        /// What the link says, whatever it is.
        target: Vec<u8>,
    },
    /// Another name for a file earlier in the same layer. (Runtimes that unpack each layer on its own, as Docker does,
    /// find no other.)
    HardLink {
        /// That file's path, in the form of [`Entry::path`].
        target: Vec<u8>,
    },
    /// A character device.
    CharDevice {
        /// Which driver.
        major: u32,
        /// Which device of it.
        minor: u32,
    },
    /// A block device.
    BlockDevice {
        /// Which driver.
        major: u32,
        /// Which device of it.
        minor: u32,
    },
    /// A named pipe.
    Fifo,
    /// Whatever is at the path in the layers below is gone.
    Whiteout,
    /// Whatever is below the directory in the layers below is gone. Read, never written.
    Opaque,
}

/// The order of a walk that visits the names of each directory in byte order, and a directory before what is in it:
/// the order of entries in a layer.
pub fn walk_order(left: &[u8], right: &[u8]) -> Ordering {
    // A slash is lower than any other byte of a name, since no name holds a NUL.
    let rank = |byte: &u8| if *byte == b'/' { 0 } else { *byte };
    left.iter().map(rank).cmp(right.iter().map(rank))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_visits_a_directory_whole_before_its_longer_named_neighbour() {
        let mut paths = vec!["a-b", "a/c", "b", "a", "a/b/c", "a.txt", "a/b"];
        paths.sort_by(|left, right| walk_order(left.as_bytes(), right.as_bytes()));
        assert_eq!(paths, ["a", "a/b", "a/b/c", "a/c", "a-b", "a.txt", "b"]);
    }
}
