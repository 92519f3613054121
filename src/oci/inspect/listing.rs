//! One entry of a layer as a line of a list.

use serde::Serialize;

use super::super::layer::{Entry, Kind};

/// An entry with everything a list may show, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The path, relative to the root; bytes that are not UTF-8 as `\xNN`. The root itself is empty.
    pub path: String,
    /// What it is.
    pub kind: ListedKind,
    /// How many bytes of content.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Where a link leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListedKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// Another name of a file.
    HardLink,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
    /// The removal of what lies below.
    Whiteout,
    /// The removal of everything below a directory.
    Opaque,
}

impl Listed {
    pub(super) fn of(entry: &Entry) -> Self {
        let target = match &entry.kind {
            Kind::Symlink { target } | Kind::HardLink { target } => Some(text(target)),
            _ => None,
        };
        Self {
            path: text(&entry.path),
            kind: ListedKind::of(&entry.kind),
            size: entry.content_size(),
            mode: entry.mode,
            uid: entry.uid,
            gid: entry.gid,
            mtime: entry.mtime,
            target,
        }
    }
}

impl ListedKind {
    fn of(kind: &Kind) -> Self {
        match kind {
            Kind::File { .. } => Self::File,
            Kind::Directory => Self::Directory,
            Kind::Symlink { .. } => Self::Symlink,
            Kind::HardLink { .. } => Self::HardLink,
            Kind::CharDevice { .. } => Self::CharDevice,
            Kind::BlockDevice { .. } => Self::BlockDevice,
            Kind::Fifo => Self::Fifo,
            Kind::Whiteout => Self::Whiteout,
            Kind::Opaque => Self::Opaque,
        }
    }
}

/// Bytes as text, so that different bytes stay different.
pub(super) fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}
