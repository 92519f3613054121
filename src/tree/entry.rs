//! What one entry of a file tree is: its kind, its attributes, its place on disk.
//!
//! Knows nothing of images, layers or steps. Invariant: `path` is relative to the root it was found under and holds
//! neither `.` nor `..`; the root itself has the empty path.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::error::{Result, TreeError};

/// One entry of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is, relative to the root; empty for the root itself.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// Bytes of content; 0 for anything but a regular file.
    pub size: u64,
    /// Mode, owner, time and extended attributes.
    pub attributes: Attributes,
    /// Which object on disk it is; `None` where the platform has no such notion.
    pub inode: Option<Inode>,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link and the text it holds.
    Symlink {
        /// Where it points, as written.
        target: PathBuf,
    },
    /// A character device.
    CharDevice(Device),
    /// A block device.
    BlockDevice(Device),
    /// A named pipe.
    Fifo,
    /// A unix socket.
    Socket,
}

/// The numbers of a device node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// Which driver.
    pub major: u32,
    /// Which of its devices.
    pub minor: u32,
}

/// What every entry carries, whatever its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Permission bits with setuid, setgid and sticky: at most `0o7777`.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Owning group.
    pub gid: u32,
    /// Last change of the content.
    pub mtime: Time,
    /// Extended attributes, only those that mean the same on another machine; empty unless they were asked for.
    pub xattrs: Xattrs,
}

/// Extended attributes, name to value.
pub type Xattrs = BTreeMap<OsString, Vec<u8>>;

/// A point in time as file systems keep it; may lie before 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    /// Whole seconds since 1970, rounded down.
    pub seconds: i64,
    /// The rest, below one second.
    pub nanoseconds: u32,
}

/// Which object on disk an entry is. Two names with equal device and number are hard links of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inode {
    /// The file system.
    pub device: u64,
    /// The object in it.
    pub number: u64,
    /// How many names it has.
    pub links: u64,
    /// When content or attributes last changed; unlike `mtime` nobody can set it.
    pub changed: Time,
}

impl Entry {
    /// What stands at `path` below `root`. The last component is not followed; the ones before it are, so callers
    /// that must stay inside the root pass a path free of links.
    pub fn inspect(root: &Path, path: &Path) -> Result<Self> {
        let place = join(root, path);
        let failed = |source| TreeError::io("read the metadata of", &place, source);
        let metadata = fs::symlink_metadata(&place).map_err(failed)?;
        let target = match metadata.is_symlink() {
            true => Some(fs::read_link(&place).map_err(failed)?),
            false => None,
        };
        Ok(Self::from_metadata(path.to_owned(), &metadata, target))
    }

    /// The permission bits as git keeps them, which knows of files only whether they can be run.
    pub fn plain_mode(&self) -> u32 {
        match self.kind {
            Kind::Directory => 0o755,
            Kind::File if self.attributes.mode & 0o100 != 0 => 0o755,
            Kind::Symlink { .. } => self.attributes.mode,
            _ => 0o644,
        }
    }

    /// The entry that `metadata` describes; `target` is the text of a symbolic link.
    pub(super) fn from_metadata(path: PathBuf, metadata: &Metadata, target: Option<PathBuf>) -> Self {
        let kind = match target {
            Some(target) => Kind::Symlink { target },
            None => platform::kind(metadata),
        };
        let size = if kind == Kind::File { metadata.len() } else { 0 };
        Self { path, kind, size, attributes: platform::attributes(metadata), inode: platform::inode(metadata) }
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.kind == Kind::Directory
    }

    /// Device and inode number, when the entry is a non-directory with more than one name.
    pub fn hard_link_identity(&self) -> Option<(u64, u64)> {
        let inode = self.inode.filter(|inode| inode.links > 1 && !self.is_directory())?;
        Some((inode.device, inode.number))
    }
}

impl Time {
    /// The same moment without its fraction of a second: truncated, never rounded.
    pub fn whole_seconds(self) -> Self {
        Self { nanoseconds: 0, ..self }
    }
}

impl From<SystemTime> for Time {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self { seconds: after.as_secs() as i64, nanoseconds: after.subsec_nanos() },
            Err(error) => {
                let before = error.duration();
                let seconds = -(before.as_secs() as i64);
                match before.subsec_nanos() {
                    0 => Self { seconds, nanoseconds: 0 },
                    rest => Self { seconds: seconds - 1, nanoseconds: 1_000_000_000 - rest },
                }
            }
        }
    }
}

/// `root/path`, and `root` itself for the empty path (a plain join would add a slash).
pub(super) fn join(root: &Path, path: &Path) -> PathBuf {
    if path.as_os_str().is_empty() { root.to_owned() } else { root.join(path) }
}

#[cfg(unix)]
mod platform {
    use std::fs::Metadata;
    use std::os::unix::fs::{FileTypeExt, MetadataExt};

    use super::{Attributes, Device, Inode, Kind, Time, Xattrs};

    pub(super) fn kind(metadata: &Metadata) -> Kind {
        let kind = metadata.file_type();
        if kind.is_dir() {
            Kind::Directory
        } else if kind.is_char_device() {
            Kind::CharDevice(device(metadata.rdev()))
        } else if kind.is_block_device() {
            Kind::BlockDevice(device(metadata.rdev()))
        } else if kind.is_fifo() {
            Kind::Fifo
        } else if kind.is_socket() {
            Kind::Socket
        } else {
            Kind::File
        }
    }

    pub(super) fn attributes(metadata: &Metadata) -> Attributes {
        Attributes {
            mode: metadata.mode() & 0o7777,
            uid: metadata.uid(),
            gid: metadata.gid(),
            mtime: Time { seconds: metadata.mtime(), nanoseconds: metadata.mtime_nsec() as u32 },
            xattrs: Xattrs::new(),
        }
    }

    pub(super) fn inode(metadata: &Metadata) -> Option<Inode> {
        Some(Inode {
            device: metadata.dev(),
            number: metadata.ino(),
            links: metadata.nlink(),
            changed: Time { seconds: metadata.ctime(), nanoseconds: metadata.ctime_nsec() as u32 },
        })
    }

    #[cfg(target_os = "linux")]
    fn device(number: u64) -> Device {
        Device {
            major: (((number >> 8) & 0xfff) | ((number >> 32) & 0xffff_f000)) as u32,
            minor: ((number & 0xff) | ((number >> 12) & 0xffff_ff00)) as u32,
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn device(number: u64) -> Device {
        Device { major: ((number >> 24) & 0xff) as u32, minor: (number & 0xff_ffff) as u32 }
    }
}

#[cfg(not(unix))]
mod platform {
    use std::fs::Metadata;

    use super::{Attributes, Inode, Kind, Time, Xattrs};

    pub(super) fn kind(metadata: &Metadata) -> Kind {
        if metadata.is_dir() { Kind::Directory } else { Kind::File }
    }

    // Without permission bits everything is made executable, as Docker does when it builds from such a machine.
    pub(super) fn attributes(metadata: &Metadata) -> Attributes {
        let mtime = metadata.modified().map(Time::from).unwrap_or_default();
        Attributes { mode: 0o755, uid: 0, gid: 0, mtime, xattrs: Xattrs::new() }
    }

    pub(super) fn inode(_: &Metadata) -> Option<Inode> {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_before_1970_round_down() {
        let time = Time::from(UNIX_EPOCH - Duration::from_millis(1_250));
        assert_eq!(time, Time { seconds: -2, nanoseconds: 750_000_000 });
        assert_eq!(Time::from(UNIX_EPOCH - Duration::from_secs(3)), Time { seconds: -3, nanoseconds: 0 });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_numbers_of_a_device_are_read() {
        let null = Entry::inspect(Path::new("/dev"), Path::new("null")).expect("/dev/null can be read");
        assert_eq!(null.kind, Kind::CharDevice(Device { major: 1, minor: 3 }));
    }
}
