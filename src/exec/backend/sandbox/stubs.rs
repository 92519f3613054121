//! Mount points that an image lacks: made before a step runs, taken away again after it.
//!
//! A stub must leave no trace in the layer, neither itself nor a changed time of the directory it stood in. Works on a
//! root in which nothing runs at the moment, and never follows a link out of it.
//!
//! Most roots get them from a floor instead: a directory below all layers that has nothing but mount points. What the
//! layers have counts, and what they lack need not be made on disk for each step.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat, Timespec, Timestamps, chmodat, fstat, futimens, mkdirat,
    openat, openat2, readlinkat, statat, unlinkat,
};
use rustix::io::Errno;

use super::devices::MOUNT_POINTS;

/// As many links as Linux itself follows.
const MOST_LINKS: usize = 40;

/// What a path should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Directory,
    File,
}

/// The stubs of one root.
#[derive(Debug)]
pub(super) struct Stubs {
    root: OwnedFd,
    made: Vec<Stub>,
}

#[derive(Debug)]
struct Stub {
    /// Relative to the root, free of links.
    parent: PathBuf,
    name: OsString,
    kind: Kind,
}

impl Stubs {
    /// No stubs yet, in the tree at `root`.
    pub(super) fn new(root: &Path) -> io::Result<Self> {
        let root = rustix::fs::open(root, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Self { root, made: Vec::new() })
    }

    /// Makes sure that something can be mounted at `path`.
    pub(super) fn ensure(&mut self, path: &str, kind: Kind) -> io::Result<()> {
        for stub in make(&self.root, Path::new(path), kind, Times::Restored)? {
            self.made.push(stub);
        }
        Ok(())
    }

    /// Makes `path` a directory for good.
    pub(super) fn keep_directory(&self, path: &str) -> io::Result<()> {
        make(&self.root, Path::new(path), Kind::Directory, Times::AsTheyCome).map(drop)
    }

    /// Takes away what [`ensure`](Self::ensure) made and the step left empty.
    pub(super) fn remove(self) -> io::Result<()> {
        for stub in self.made.iter().rev() {
            match stub.remove(&self.root) {
                // The step removed or replaced it, or put something into it: then it is the step's own.
                Ok(()) | Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NOTEMPTY | Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

impl Stub {
    fn remove(&self, root: &OwnedFd) -> Result<(), Errno> {
        let inside = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let parent = openat2(root, or_dot(&self.parent), flags, Mode::empty(), inside)?;
        let before = fstat(&parent)?;
        match self.kind {
            Kind::Directory => unlinkat(&parent, &self.name, AtFlags::REMOVEDIR)?,
            Kind::File => {
                let stub = statat(&parent, &self.name, AtFlags::SYMLINK_NOFOLLOW)?;
                if FileType::from_raw_mode(stub.st_mode) != FileType::RegularFile || stub.st_size != 0 {
                    return Ok(());
                }
                unlinkat(&parent, &self.name, AtFlags::empty())?;
            }
        }
        futimens(&parent, &times(&before))
    }
}

/// Makes the directory at `at` a floor.
pub(super) fn lay_floor(at: &Path) -> io::Result<()> {
    let root = Stubs::new(at)?.root;
    for (path, kind) in MOUNT_POINTS {
        for Stub { parent, name, kind } in make(&root, Path::new(path), kind, Times::AsTheyCome)? {
            let mode = if kind == Kind::Directory { 0o755 } else { 0o644 };
            // Whatever umask rplan was started with has taken bits away.
            chmodat(&root, parent.join(name), Mode::from_raw_mode(mode), AtFlags::empty())?;
        }
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Times {
    Restored,
    AsTheyCome,
}

/// Makes what is missing of `path` below `root`, following links as a process inside would, and tells what it made.
fn make(root: &OwnedFd, path: &Path, kind: Kind, keep: Times) -> io::Result<Vec<Stub>> {
    let mut made = Vec::new();
    let mut here = PathBuf::new();
    let mut ahead: VecDeque<OsString> = parts(path).collect();
    let mut links = 0;
    while let Some(name) = ahead.pop_front() {
        if name == ".." {
            here.pop();
            continue;
        }
        let there = here.join(&name);
        let wanted = if ahead.is_empty() { kind } else { Kind::Directory };
        match statat(root, &there, AtFlags::SYMLINK_NOFOLLOW).map(|stat| FileType::from_raw_mode(stat.st_mode)) {
            Ok(FileType::Symlink) => {
                links += 1;
                if links > MOST_LINKS {
                    return Err(Errno::LOOP.into());
                }
                let target = PathBuf::from(OsString::from_vec(readlinkat(root, &there, Vec::new())?.into_bytes()));
                if target.is_absolute() {
                    here.clear();
                }
                let rest = std::mem::take(&mut ahead);
                ahead = parts(&target).chain(rest).collect();
            }
            Ok(FileType::Directory) if wanted == Kind::Directory => here = there,
            Ok(found) if wanted == Kind::File && found != FileType::Directory => {}
            Ok(_) => return Err(if wanted == Kind::File { Errno::ISDIR } else { Errno::NOTDIR }.into()),
            Err(Errno::NOENT) => {
                make_one(root, &here, &name, wanted, keep)?;
                made.push(Stub { parent: here, name, kind: wanted });
                here = there;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(made)
}

fn make_one(root: &OwnedFd, parent: &Path, name: &OsStr, kind: Kind, keep: Times) -> io::Result<()> {
    let directory = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let parent = openat(root, or_dot(parent), directory, Mode::empty())?;
    let before = fstat(&parent)?;
    match kind {
        Kind::Directory => mkdirat(&parent, name, Mode::from_raw_mode(0o755))?,
        Kind::File => {
            let new = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
            openat(&parent, name, new, Mode::from_raw_mode(0o644))?;
        }
    }
    if keep == Times::Restored {
        futimens(&parent, &times(&before))?;
    }
    Ok(())
}

fn parts(path: &Path) -> impl Iterator<Item = OsString> + '_ {
    path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    })
}

fn or_dot(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

fn times(stat: &Stat) -> Timestamps {
    Timestamps {
        last_access: Timespec { tv_sec: stat.st_atime, tv_nsec: stat.st_atime_nsec as _ },
        last_modification: Timespec { tv_sec: stat.st_mtime, tv_nsec: stat.st_mtime_nsec as _ },
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    fn mtime(path: &Path) -> (i64, i64) {
        let metadata = fs::symlink_metadata(path).expect("it exists");
        (metadata.mtime(), metadata.mtime_nsec())
    }

    #[test]
    fn leaves_no_trace() {
        let root = tempfile::tempdir().expect("a directory");
        fs::create_dir(root.path().join("etc")).expect("etc");
        let before = (mtime(root.path()), mtime(&root.path().join("etc")));
        let mut stubs = Stubs::new(root.path()).expect("a root");
        stubs.ensure("/etc/hosts", Kind::File).expect("a file");
        stubs.ensure("/run/secrets/a", Kind::Directory).expect("a directory");
        assert!(root.path().join("etc/hosts").is_file() && root.path().join("run/secrets/a").is_dir());
        stubs.remove().expect("removed");
        assert_eq!(fs::read_dir(root.path()).expect("a list").count(), 1);
        assert_eq!((mtime(root.path()), mtime(&root.path().join("etc"))), before);
    }

    #[test]
    fn a_floor_has_a_place_for_everything() {
        let floor = tempfile::tempdir().expect("a directory");
        lay_floor(floor.path()).expect("a floor");
        let mut stubs = Stubs::new(floor.path()).expect("a root");
        for (path, kind) in MOUNT_POINTS {
            stubs.ensure(path, kind).expect("it is there");
        }
        assert!(stubs.made.is_empty(), "{:?}", stubs.made);
        assert_eq!(fs::metadata(floor.path().join("etc")).expect("etc").mode() & 0o7777, 0o755);
    }

    #[test]
    fn keeps_what_the_step_filled_or_had_before() {
        let root = tempfile::tempdir().expect("a directory");
        fs::create_dir(root.path().join("proc")).expect("proc");
        let mut stubs = Stubs::new(root.path()).expect("a root");
        stubs.ensure("/proc", Kind::Directory).expect("proc is there");
        stubs.ensure("/run/lock", Kind::Directory).expect("a directory");
        fs::write(root.path().join("run/mine"), "").expect("a file");
        stubs.remove().expect("removed");
        assert!(root.path().join("proc").is_dir() && root.path().join("run/mine").exists());
        assert!(!root.path().join("run/lock").exists());
    }

    #[test]
    fn follows_links_inside_and_never_out() {
        let outside = tempfile::tempdir().expect("a directory");
        let root = tempfile::tempdir().expect("a directory");
        fs::create_dir(root.path().join("etc")).expect("etc");
        symlink("../run/resolve/resolv.conf", root.path().join("etc/resolv.conf")).expect("a dangling link");
        symlink("../../../../../..", root.path().join("up")).expect("a link to the root");
        symlink(outside.path(), root.path().join("out")).expect("an absolute link");
        let mut stubs = Stubs::new(root.path()).expect("a root");
        stubs.ensure("/etc/resolv.conf", Kind::File).expect("behind a link");
        stubs.ensure("/up/new", Kind::Directory).expect("behind a link");
        stubs.ensure("/out/new", Kind::Directory).expect("behind a link");
        assert!(root.path().join("run/resolve/resolv.conf").is_file() && root.path().join("new").is_dir());
        assert_eq!(fs::read_dir(outside.path()).expect("a list").count(), 0);
        stubs.remove().expect("removed");
        assert_eq!(fs::read_dir(root.path()).expect("a list").count(), 3);
    }

    #[test]
    fn a_parent_that_became_a_link_is_left_alone() {
        let outside = tempfile::tempdir().expect("a directory");
        let root = tempfile::tempdir().expect("a directory");
        let mut stubs = Stubs::new(root.path()).expect("a root");
        stubs.ensure("/run/lock", Kind::Directory).expect("a directory");
        fs::create_dir(outside.path().join("lock")).expect("a directory outside");
        fs::remove_dir_all(root.path().join("run")).expect("the step removes it");
        symlink(outside.path(), root.path().join("run")).expect("and puts a link there");
        stubs.remove().expect("nothing to remove");
        assert!(outside.path().join("lock").is_dir());
    }

    #[test]
    fn a_file_in_the_way_is_an_error() {
        let root = tempfile::tempdir().expect("a directory");
        fs::write(root.path().join("app"), "").expect("a file");
        let stubs = Stubs::new(root.path()).expect("a root");
        assert!(stubs.keep_directory("/app/data").is_err());
        stubs.keep_directory("/srv/../data").expect("made");
        assert!(root.path().join("srv").is_dir() && root.path().join("data").is_dir());
    }
}
