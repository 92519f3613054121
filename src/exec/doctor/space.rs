//! Where the store is: its file system and what room there is.

use std::path::Path;

use rustix::fs::{Access, FsWord, access, statfs, statvfs};

use super::Check;

const NAME: &str = "store";
/// Below this a base image may not fit.
const LITTLE: u64 = 1 << 30;

/// Magic numbers of the file systems that people have, as statfs(2) lists them.
const FILE_SYSTEMS: [(FsWord, &str); 10] = [
    (0xEF53, "ext4"),
    (0x5846_5342, "xfs"),
    (0x9123_683E, "btrfs"),
    (0x0102_1994, "tmpfs"),
    (0x794C_7630, "overlayfs"),
    (0x2FC1_2FC1, "zfs"),
    (0x6969, "nfs"),
    (0xF2F5_2010, "f2fs"),
    (0x6573_5546, "fuse"),
    (0x0102_1997, "9p"),
];

/// Where the store is, or the nearest directory above the place where it would be.
pub(super) fn place(store: &Path) -> Option<&Path> {
    store.ancestors().find(|place| place.exists()).filter(|place| place.is_dir())
}

/// Looks at the place of the store, without making one.
pub(super) fn check(store: &Path) -> Check {
    let place = place(store).filter(|place| access(*place, Access::WRITE_OK).is_ok());
    let Some(place) = place else {
        return Check::fails(
            NAME,
            format!("{} cannot be written", store.display()),
            "set `store` in the settings, or XDG_DATA_HOME, to a place that can be",
        );
    };
    let (Ok(kind), Ok(room)) = (statfs(place), statvfs(place)) else {
        return Check::fails(NAME, format!("{} cannot be looked at", store.display()), "look at its permissions");
    };
    let kind = FILE_SYSTEMS.iter().find(|(magic, _)| *magic == kind.f_type).map_or("unknown", |(_, name)| name);
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    let found = format!("{} on {kind}, {} MB free", store.display(), free / 1_000_000);
    match free < LITTLE {
        true => Check::lacks(NAME, found, "make room: `rplan cache prune`, or `store` in the settings"),
        false => Check::works(NAME, found),
    }
}
