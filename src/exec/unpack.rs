//! From a layer, or another tar archive, to a tree.
//!
//! Knows both forms and nothing of steps. The tree is whatever is at the root: a mount that lies over the layers below
//! turns removals into what they are there.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::error::{Error, Result};
use super::rootless::is_in_user_namespace;
use crate::oci::layer::{Entry, EntryReader, Kind, LayerReader};
use crate::tree::apply::Clash;
use crate::tree::{Applier, Attributes, Device, New, Root, Time, TreeError};

/// Applies a layer to `root`, to its last entry; what follows is for the caller to check. Says how many bytes of
/// content that was.
pub(super) fn unpack_layer<R: Read>(reader: &mut LayerReader<R>, root: &Root) -> Result<u64> {
    let mut applier = Applier::new(root, Clash::Replace);
    let mut size = 0;
    while let Some(entry) = reader.next_entry()? {
        size += entry.content_size();
        match put(&mut applier, &path(&entry.path), &entry, &attributes(&entry), reader) {
            // No step could open it, and the layer itself travels as it is.
            Err(error) if is_device(&entry.kind) && is_refused(&error) => {
                tracing::warn!(path = %path(&entry.path).display(), "a device node is left out of a base image");
            }
            done => done?,
        }
    }
    applier.finish()?;
    Ok(size)
}

fn is_device(kind: &Kind) -> bool {
    matches!(kind, Kind::CharDevice { .. } | Kind::BlockDevice { .. })
}

/// Whether it is something that a user namespace does not allow.
fn is_refused(error: &Error) -> bool {
    let refused = |source: &std::io::Error| source.kind() == std::io::ErrorKind::PermissionDenied;
    is_in_user_namespace() && matches!(error, Error::Tree(TreeError::Io { source, .. }) if refused(source))
}

/// Unpacks an archive below the directory `at` of `root`, everything owned by `owner` where one is given.
pub(super) fn unpack_archive<R: Read>(
    reader: &mut EntryReader<R>,
    root: &Root,
    at: &Path,
    owner: Option<(u32, u32)>,
) -> Result<()> {
    let mut applier = Applier::new(root, Clash::Replace);
    while let Some(mut entry) = reader.next_entry()? {
        if let Kind::HardLink { target } = &mut entry.kind {
            *target = at.join(path(target)).into_os_string().into_vec();
        }
        let mut attributes = attributes(&entry);
        if let Some((uid, gid)) = owner {
            (attributes.uid, attributes.gid) = (uid, gid);
        }
        // The archive's own root says nothing about a directory that is there already.
        if !entry.path.is_empty() {
            put(&mut applier, &at.join(path(&entry.path)), &entry, &attributes, reader)?;
        }
    }
    Ok(applier.finish()?)
}

fn put(
    applier: &mut Applier<'_>,
    path: &Path,
    entry: &Entry,
    attributes: &Attributes,
    content: &mut dyn Read,
) -> Result<()> {
    let device = |major: &u32, minor: &u32| Device { major: *major, minor: *minor };
    let new = match &entry.kind {
        Kind::File { .. } => New::File(content),
        Kind::Directory => New::Directory,
        Kind::Symlink { target } => New::Symlink(Path::new(OsStr::from_bytes(target))),
        Kind::HardLink { target } => New::HardLink(Path::new(OsStr::from_bytes(target))),
        Kind::CharDevice { major, minor } => New::CharDevice(device(major, minor)),
        Kind::BlockDevice { major, minor } => New::BlockDevice(device(major, minor)),
        Kind::Fifo => New::Fifo,
        Kind::Whiteout => return Ok(applier.remove(path).map(drop)?),
        Kind::Opaque => return Ok(applier.make_opaque(path)?),
    };
    Ok(applier.put(path, new, attributes)?)
}

fn attributes(entry: &Entry) -> Attributes {
    let xattrs = entry.xattrs.iter().map(|(name, value)| (OsString::from_vec(name.clone()), value.clone()));
    Attributes {
        mode: entry.mode,
        uid: entry.uid,
        gid: entry.gid,
        mtime: Time { seconds: entry.mtime, nanoseconds: 0 },
        xattrs: xattrs.collect(),
    }
}

fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}
