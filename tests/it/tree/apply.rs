//! Applying entries as layers and archives bring them.

use std::fs;
use std::path::Path;

use rplan::tree::apply::Clash;
use rplan::tree::{Applier, Attributes, Device, New, Time, TreeError};
use tempfile::TempDir;

use super::{directory, file, inode, link, listing, mtime, root};
use crate::support::system::system_tests_run;

fn attributes(mode: u32, uid: u32, seconds: i64) -> Attributes {
    Attributes { mode, uid, gid: uid, mtime: Time { seconds, nanoseconds: 0 }, ..Attributes::default() }
}

/// Runs `steps` on an empty root; nothing without the rights to give files away.
fn applied(prepare: impl FnOnce(&Path), steps: impl FnOnce(&mut Applier<'_>)) -> Option<TempDir> {
    if !system_tests_run("root, to give files away") {
        return None;
    }
    let target = TempDir::new().expect("a directory");
    prepare(target.path());
    let root = root(target.path());
    let mut applier = Applier::new(&root, Clash::Replace);
    steps(&mut applier);
    applier.finish().expect("times");
    Some(target)
}

fn put(applier: &mut Applier<'_>, path: &str, new: New<'_>, attributes: &Attributes) {
    applier.put(Path::new(path), new, attributes).expect(path);
}

fn put_file(applier: &mut Applier<'_>, path: &str, mut text: &[u8]) {
    put(applier, path, New::File(&mut text), &attributes(0o644, 0, 5));
}

#[test]
fn every_kind_of_entry_arrives_with_its_attributes() {
    let applied = applied(
        |_| {},
        |applier| {
            put(applier, "dir", New::Directory, &attributes(0o1777, 3, 100));
            put_file(applier, "dir/file", b"text");
            put(applier, "setuid", New::File(&mut &b""[..]), &attributes(0o4755, 9, 200));
            put(applier, "link", New::Symlink(Path::new("dir/file")), &attributes(0o777, 4, 300));
            put(applier, "again", New::HardLink(Path::new("dir/file")), &attributes(0o644, 0, 5));
            put(applier, "null", New::CharDevice(Device { major: 1, minor: 3 }), &attributes(0o666, 0, 400));
            put(applier, "loop", New::BlockDevice(Device { major: 7, minor: 260 }), &attributes(0o660, 6, 500));
            put(applier, "pipe", New::Fifo, &attributes(0o600, 0, 600));
        },
    );
    let Some(target) = applied else { return };
    assert_eq!(
        listing(target.path()),
        [
            "again 644 0:0 \"text\"",
            "dir/ 1777 3:3",
            "dir/file 644 0:0 \"text\"",
            "link -> dir/file",
            "loop 660 6:6 BlockDevice(Device { major: 7, minor: 260 })",
            "null 666 0:0 CharDevice(Device { major: 1, minor: 3 })",
            "pipe 600 0:0 Fifo",
            "setuid 4755 9:9 \"\"",
        ]
    );
    assert_eq!(inode(target.path(), "again"), inode(target.path(), "dir/file"));
    let times = ["dir", "dir/file", "setuid", "link", "null", "loop", "pipe"].map(|path| mtime(target.path(), path));
    assert_eq!(times, [100, 5, 200, 300, 400, 500, 600]);
}

#[test]
fn file_capabilities_survive_the_change_of_owner() {
    // cap_net_raw, effective and permitted, in the second version of the kernel's format.
    let mut capability = vec![1, 0, 0, 2, 0, 0x20, 0, 0];
    capability.resize(20, 0);
    let mut ping = attributes(0o755, 12, 5);
    ping.xattrs.insert("security.capability".into(), capability.clone());
    let applied = applied(|_| {}, |applier| put(applier, "ping", New::File(&mut &b"x"[..]), &ping));
    let Some(target) = applied else { return };
    let found = xattr::get(target.path().join("ping"), "security.capability").expect("attributes");
    assert_eq!(found, Some(capability));
}

#[test]
fn entries_replace_whatever_is_there() {
    let applied = applied(
        |root| {
            file(root, "dir/with/content", "old");
            file(root, "file", "old");
            link(root, "link", "dir");
        },
        |applier| {
            put_file(applier, "dir", b"now a file");
            put(applier, "file", New::Directory, &attributes(0o755, 0, 5));
            put_file(applier, "file/below", b"new");
            put(applier, "link", New::Directory, &attributes(0o755, 0, 5));
            put_file(applier, "link/below", b"new");
        },
    );
    let Some(target) = applied else { return };
    assert_eq!(
        listing(target.path()),
        [
            "dir 644 0:0 \"now a file\"",
            "file/ 755 0:0",
            "file/below 644 0:0 \"new\"",
            "link/ 755 0:0",
            "link/below 644 0:0 \"new\"",
        ]
    );
}

#[test]
fn parents_are_made_where_missing_and_followed_where_they_are_links() {
    let applied = applied(
        |root| {
            directory(root, "usr/lib");
            link(root, "lib", "/usr/lib");
        },
        |applier| {
            put_file(applier, "a/b/c", b"implied");
            put_file(applier, "/lib/x", b"through an absolute link");
            put(applier, "lib/y", New::HardLink(Path::new("lib/x")), &attributes(0o644, 0, 5));
        },
    );
    let Some(target) = applied else { return };
    assert_eq!(
        listing(target.path()),
        [
            "a/ 755 0:0",
            "a/b/ 755 0:0",
            "a/b/c 644 0:0 \"implied\"",
            "lib -> /usr/lib",
            "usr/ 755 0:0",
            "usr/lib/ 755 0:0",
            "usr/lib/x 644 0:0 \"through an absolute link\"",
            "usr/lib/y 644 0:0 \"through an absolute link\"",
        ]
    );
}

#[test]
fn a_path_does_not_lead_through_a_link_that_was_replaced() {
    let applied = applied(
        |root| {
            directory(root, "real");
            link(root, "way", "real");
        },
        |applier| {
            put_file(applier, "way/first", b"1");
            put_file(applier, "way/first", b"2");
            put(applier, "way", New::Directory, &attributes(0o755, 0, 5));
            put_file(applier, "way/second", b"3");
        },
    );
    let Some(target) = applied else { return };
    assert_eq!(
        listing(target.path()),
        ["real/ 755 0:0", "real/first 644 0:0 \"2\"", "way/ 755 0:0", "way/second 644 0:0 \"3\""]
    );
}

#[test]
fn removing_takes_everything_below_and_does_not_mind_what_is_absent() {
    let applied = applied(
        |root| {
            file(root, "dir/deep/file", "x");
            link(root, "link", "dir");
        },
        |applier| {
            assert!(!applier.remove(Path::new("absent/too")).expect("no failure"));
            assert!(applier.remove(Path::new("link")).expect("no failure"));
            assert!(applier.remove(Path::new("dir/deep")).expect("no failure"));
        },
    );
    let Some(target) = applied else { return };
    assert_eq!(listing(target.path()), ["dir/ 755 0:0"]);
}

#[test]
fn an_opaque_directory_keeps_only_what_was_put() {
    let applied = applied(
        |root| {
            file(root, "dir/old", "old");
            file(root, "dir/sub/old", "old");
            file(root, "dir/lost/old", "old");
            file(root, "other", "old");
        },
        |applier| {
            put_file(applier, "dir/new", b"new");
            put_file(applier, "dir/sub/new", b"new");
            applier.make_opaque(Path::new("dir")).expect("no failure");
            applier.make_opaque(Path::new("absent")).expect("no failure");
            put_file(applier, "dir/later", b"new");
        },
    );
    let Some(target) = applied else { return };
    assert_eq!(
        listing(target.path()),
        [
            "dir/ 755 0:0",
            "dir/later 644 0:0 \"new\"",
            "dir/new 644 0:0 \"new\"",
            "dir/sub/ 755 0:0",
            "dir/sub/new 644 0:0 \"new\"",
            "other 644 0:0 \"old\"",
        ]
    );
}

#[test]
fn the_root_takes_attributes_but_no_other_shape() {
    let applied = applied(
        |_| {},
        |applier| {
            put(applier, "./", New::Directory, &attributes(0o750, 2, 77));
            let failure = applier.put(Path::new("/.."), New::Fifo, &attributes(0o600, 0, 5));
            assert!(matches!(failure, Err(TreeError::NoName { .. })));
            let failure = applier.put(Path::new("x"), New::HardLink(Path::new("gone/y")), &attributes(0o600, 0, 5));
            assert!(matches!(failure, Err(TreeError::NotFound { .. })));
        },
    );
    let Some(target) = applied else { return };
    assert_eq!(mtime(target.path(), ""), 77);
    let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(target.path()).expect("metadata"));
    assert_eq!(mode & 0o7777, 0o750);
}
