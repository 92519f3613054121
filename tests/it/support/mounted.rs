//! Mounts that other builders leave behind when they are ended in the middle of something.

use std::fs;
use std::path::Path;

use rustix::mount::{UnmountFlags, unmount};

/// Unmounts everything below `directory`, so that it can be removed.
pub fn unmount_below(directory: &Path) {
    let below = format!("{}/", directory.display());
    let table = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let places = table.lines().filter_map(|line| line.split(' ').nth(1)).filter(|place| place.starts_with(&below));
    // What was mounted last lies on top.
    for place in places.collect::<Vec<_>>().into_iter().rev() {
        let _ = unmount(place, UnmountFlags::DETACH);
    }
}

#[test]
fn what_is_mounted_below_a_directory_is_unmounted_and_nothing_else() {
    if !super::system::system_tests_run("root") {
        return;
    }
    let room = tempfile::tempdir().expect("a directory");
    let (inner, beside) = (room.path().join("a/b"), tempfile::tempdir().expect("a directory"));
    fs::create_dir_all(&inner).expect("directories");
    for place in [room.path().join("a"), beside.path().to_owned()] {
        rustix::mount::mount("none", &place, "tmpfs", rustix::mount::MountFlags::empty(), None).expect("a mount");
    }
    let is_mounted = |place: &Path| {
        let table = fs::read_to_string("/proc/self/mounts").expect("the table");
        table.lines().any(|line| line.split(' ').nth(1) == place.to_str())
    };
    unmount_below(room.path());
    assert!(!is_mounted(&room.path().join("a")) && is_mounted(beside.path()));
    unmount(beside.path(), UnmountFlags::DETACH).expect("it is mounted");
}
