//! File trees: what COPY, layers and overlays do to a directory on disk. Nearly all of it needs root, for owners.

mod apply;
mod copy;
mod diff;
mod escape;
mod overlay;
mod record;
mod replay;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use rplan::tree::{Kind, Root, Walk};

/// What a tree is to a test: one line per entry, `path kind mode uid:gid rest`.
pub fn listing(root: &Path) -> Vec<String> {
    Walk::new(root)
        .map(|entry| {
            let entry = entry.expect("an entry");
            let attributes = &entry.attributes;
            let path = entry.path.display();
            let owner = format!("{}:{}", attributes.uid, attributes.gid);
            let mode = attributes.mode;
            match &entry.kind {
                Kind::File => {
                    let text = fs::read_to_string(root.join(&entry.path)).expect("text");
                    format!("{path} {mode:o} {owner} {text:?}")
                }
                Kind::Directory => format!("{path}/ {mode:o} {owner}"),
                Kind::Symlink { target } => format!("{path} -> {}", target.display()),
                other => format!("{path} {mode:o} {owner} {other:?}"),
            }
        })
        .collect()
}

/// Writes a file with its parents. Everything is 0644 in 0755 directories, whatever the umask.
pub fn file(root: &Path, path: &str, text: &str) {
    let place = root.join(path);
    directory(root, Path::new(path).parent().and_then(Path::to_str).expect("a parent"));
    fs::write(&place, text).expect("a file");
    mode(root, path, 0o644);
}

/// Makes a directory with its parents.
pub fn directory(root: &Path, path: &str) {
    let mut place = root.to_owned();
    for name in Path::new(path).iter() {
        place.push(name);
        if fs::create_dir(&place).is_ok() {
            fs::set_permissions(&place, fs::Permissions::from_mode(0o755)).expect("a mode");
        }
    }
}

pub fn mode(root: &Path, path: &str, mode: u32) {
    fs::set_permissions(root.join(path), fs::Permissions::from_mode(mode)).expect("a mode");
}

pub fn owner(root: &Path, path: &str, uid: u32, gid: u32) {
    chown(root.join(path), Some(uid), Some(gid)).expect("an owner");
}

pub fn link(root: &Path, path: &str, target: &str) {
    std::os::unix::fs::symlink(target, root.join(path)).expect("a link");
}

pub fn inode(root: &Path, path: &str) -> u64 {
    fs::symlink_metadata(root.join(path)).expect("metadata").ino()
}

pub fn mtime(root: &Path, path: &str) -> i64 {
    fs::symlink_metadata(root.join(path)).expect("metadata").mtime()
}

pub fn touch(root: &Path, path: &str, seconds: u64) {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    fs::File::open(root.join(path)).and_then(|file| file.set_modified(time)).expect("a time");
}

pub fn root(path: &Path) -> Root {
    Root::open(path).expect("a root")
}
