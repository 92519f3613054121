//! From a tree to tar entries: the changes of a snapshot as a layer, or a whole file system as an archive.
//!
//! Knows both forms and nothing of steps. What is written is a function of the tree, the clamp and the compression.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rayon::ThreadPool;

use super::error::Result;
use crate::oci;
use crate::oci::layer::{Compression, Entry, EntryWriter, Kind, LayerWriter, WrittenLayer};
use crate::tree;
use crate::tree::diff::Change;
use crate::tree::{Root, TreeError, Walk};

/// Writes `changes`, found in the directory `upper`, as a layer to `out`. No time in it is later than `newest`. `moved`
/// hears now and then how many bytes of content are through.
pub(super) fn pack_layer<W: Write>(
    changes: &[Change],
    upper: &Path,
    newest: Option<i64>,
    compression: Compression,
    pool: &ThreadPool,
    moved: &dyn Fn(u64),
    out: W,
) -> Result<(WrittenLayer, W)> {
    let root = Root::open(upper)?;
    let mut writer = LayerWriter::new(out, compression, pool);
    let mut packer = Packer::new(&root, newest);
    let mut done = 0;
    for change in changes {
        packer.pack(&change.path, change.entry(), &mut |entry, content| {
            writer.append(entry, &mut Counted { content, done: &mut done, moved })
        })?;
    }
    Ok(writer.finish()?)
}

/// How many bytes go by without a word.
const STRIDE: u64 = 4 << 20;

/// Content that is counted as it is read.
struct Counted<'a> {
    content: &'a mut dyn Read,
    /// Over all contents.
    done: &'a mut u64,
    moved: &'a dyn Fn(u64),
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.content.read(buffer)?;
        let before = *self.done / STRIDE;
        *self.done += size as u64;
        if *self.done / STRIDE > before {
            (self.moved)(*self.done);
        }
        Ok(size)
    }
}

/// Writes everything below `root` as a tar archive to `out`.
pub(super) fn pack_tree<W: Write>(root: &Root, newest: Option<i64>, out: W) -> Result<W> {
    let mut writer = EntryWriter::new(out);
    let mut packer = Packer::new(root, newest);
    for found in Walk::new(root.path()).with_xattrs() {
        let found = found?;
        packer.pack(&found.path, Some(&found), &mut |entry, content| writer.append(entry, content))?;
    }
    Ok(writer.finish()?)
}

type Append<'a> = &'a mut dyn FnMut(&Entry, &mut dyn Read) -> oci::Result<()>;

struct Packer<'a> {
    root: &'a Root,
    newest: Option<i64>,
    /// The first name of each file that has several.
    names: HashMap<(u64, u64), PathBuf>,
}

impl<'a> Packer<'a> {
    fn new(root: &'a Root, newest: Option<i64>) -> Self {
        Self { root, newest, names: HashMap::new() }
    }

    /// Appends what was found at `path`; nothing found is a removal.
    fn pack(&mut self, path: &Path, found: Option<&tree::Entry>, append: Append<'_>) -> Result<()> {
        let name = path.as_os_str().as_bytes();
        let Some(found) = found else {
            return Ok(append(&Entry::whiteout(name), &mut io::empty())?);
        };
        let first = found.hard_link_identity().map(|file| &*self.names.entry(file).or_insert_with(|| path.to_owned()));
        let kind = match first.filter(|first| *first != path) {
            Some(first) => Kind::HardLink { target: first.as_os_str().as_bytes().to_vec() },
            None => match kind(found) {
                Some(kind) => kind,
                None => return Ok(()),
            },
        };
        let is_file = matches!(kind, Kind::File { .. });
        let entry = self.entry(name, kind, &found.attributes);
        if !is_file {
            return Ok(append(&entry, &mut io::empty())?);
        }
        let missing = || TreeError::NotFound { path: path.to_owned() };
        let mut content = self.root.open_file(&found.path)?.ok_or_else(missing)?;
        Ok(append(&entry, &mut content)?)
    }

    fn entry(&self, name: &[u8], kind: Kind, attributes: &tree::Attributes) -> Entry {
        let seconds = attributes.mtime.seconds;
        // Whatever else a file carries is for this machine; capabilities are part of what a program may do.
        let capabilities = attributes.xattrs.iter().filter(|(name, _)| *name == "security.capability");
        Entry {
            uid: attributes.uid,
            gid: attributes.gid,
            mtime: self.newest.map_or(seconds, |newest| seconds.min(newest)),
            xattrs: capabilities.map(|(name, value)| (name.as_bytes().to_vec(), value.clone())).collect(),
            ..Entry::new(name, kind, attributes.mode)
        }
    }
}

/// What the entry is in an archive; a socket is nothing there.
fn kind(found: &tree::Entry) -> Option<Kind> {
    Some(match &found.kind {
        tree::Kind::File => Kind::File { size: found.size },
        tree::Kind::Directory => Kind::Directory,
        tree::Kind::Symlink { target } => Kind::Symlink { target: target.as_os_str().as_bytes().to_vec() },
        tree::Kind::CharDevice(device) => Kind::CharDevice { major: device.major, minor: device.minor },
        tree::Kind::BlockDevice(device) => Kind::BlockDevice { major: device.major, minor: device.minor },
        tree::Kind::Fifo => Kind::Fifo,
        tree::Kind::Socket => return None,
    })
}
