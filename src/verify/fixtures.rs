//! Trees for the tests of this room.

use std::path::PathBuf;

use super::survey::{Seen, Survey, What};
use crate::digest::Digest;
use crate::tree::Xattrs;

fn seen(what: What, mode: u32) -> Seen {
    Seen { what, mode, owner: (0, 0), xattrs: Xattrs::new() }
}

pub(super) fn file(content: &str) -> Seen {
    seen(What::File(Digest::of(content.as_bytes())), 0o644)
}

pub(super) fn directory() -> Seen {
    seen(What::Directory, 0o755)
}

pub(super) fn link(target: &str) -> Seen {
    seen(What::Symlink(target.into()), 0o777)
}

pub(super) fn tree<const N: usize>(entries: [(&str, Seen); N]) -> Survey {
    entries.into_iter().map(|(path, seen)| (PathBuf::from(path), seen)).collect()
}
