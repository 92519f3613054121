//! Making times reproducible: nothing in a tree is newer than a given moment.
//!
//! Does not know where the moment comes from. Older times stay as they are.

use std::path::Path;

use rustix::fs::{AtFlags, CWD, utimensat};

use super::apply::times;
use super::entry::{Time, join};
use super::error::{Result, TreeError};
use super::walk::Walk;

/// Sets every time below `root`, and that of `root` itself, that is newer than `newest` to `newest`.
pub fn clamp_times(root: &Path, newest: Time) -> Result<()> {
    for entry in std::iter::once(super::entry::Entry::inspect(root, Path::new(""))).chain(Walk::new(root)) {
        let entry = entry?;
        if entry.attributes.mtime > newest {
            let place = join(root, &entry.path);
            utimensat(CWD, &place, &times(newest), AtFlags::SYMLINK_NOFOLLOW)
                .map_err(|errno| TreeError::io("set the time of", &place, errno))?;
        }
    }
    Ok(())
}
