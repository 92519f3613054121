//! Extended attributes: the portable ones, and the marks that overlays leave.
//!
//! Portable is what means the same on another machine: file capabilities, `user.` and `trusted.` attributes. Labels
//! of a security module and ACL encodings belong to the machine, the overlay's marks to the mount; neither gets into
//! an [`Entry`](super::Entry). A file system without attributes has none.

use std::ffi::OsStr;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{XattrFlags, fsetxattr};
use rustix::io::Errno;

use super::entry::Xattrs;
use super::error::{Result, TreeError};

/// What an overlay has noted on a file of its upper directory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// Nothing of the directories below shows through.
    pub(super) opaque: bool,
    /// The (empty) file stands for a deletion: how an overlay inside an overlay writes it.
    pub(super) whiteout: bool,
    /// The content lies elsewhere, and only the mount knows where: the feature that did it.
    pub(super) unreadable: Option<&'static str>,
}

/// The portable attributes of what stands at `place`, which is not followed.
pub(super) fn read(place: &Path) -> Result<Xattrs> {
    read_with_marks(place).map(|(xattrs, _)| xattrs)
}

/// The same with the overlay's marks.
pub(super) fn read_with_marks(place: &Path) -> Result<(Xattrs, Marks)> {
    let failed = |source| TreeError::io("read the extended attributes of", place, source);
    let (mut xattrs, mut marks) = (Xattrs::new(), Marks::default());
    let names = match xattr::list(place) {
        Ok(names) => names,
        Err(error) if error.raw_os_error() == Some(Errno::OPNOTSUPP.raw_os_error()) => return Ok((xattrs, marks)),
        Err(error) => return Err(failed(error)),
    };
    for name in names {
        match overlay_mark(&name) {
            Some(b"opaque") => marks.opaque = xattr::get(place, &name).map_err(failed)?.as_deref() == Some(b"y"),
            Some(b"whiteout") => marks.whiteout = true,
            Some(b"redirect") => marks.unreadable = Some("redirect_dir"),
            Some(b"metacopy") => marks.unreadable = Some("metacopy"),
            Some(_) => {}
            None if is_portable(&name) => {
                if let Some(value) = xattr::get(place, &name).map_err(failed)? {
                    xattrs.insert(name, value);
                }
            }
            None => {}
        }
    }
    Ok((xattrs, marks))
}

/// Sets `xattrs` on an open file or directory. What the file system or the kernel's policy refuses is left out, as
/// BuildKit does.
pub(super) fn write(file: impl AsFd, xattrs: &Xattrs) -> io::Result<()> {
    for (name, value) in xattrs.iter().filter(|(name, _)| is_portable(name)) {
        match fsetxattr(file.as_fd(), name.as_os_str(), value, XattrFlags::empty()) {
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::PERM | Errno::ACCESS) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

fn overlay_mark(name: &OsStr) -> Option<&[u8]> {
    let name = name.as_bytes();
    // With the mount option `userxattr`, the marks are in the other name space.
    name.strip_prefix(b"trusted.overlay.").or_else(|| name.strip_prefix(b"user.overlay."))
}

fn is_portable(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    let belongs_to_the_machine = bytes.starts_with(b"security.") || bytes.starts_with(b"system.");
    bytes == b"security.capability" || !belongs_to_the_machine && overlay_mark(name).is_none()
}
