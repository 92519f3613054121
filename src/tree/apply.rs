//! Putting entries into a root, one at a time: what unpacking a layer or an archive and copying a tree have in common.
//!
//! Does not know where entries come from. Invariant: an entry is complete (content, owner, mode, attributes, time)
//! before the next begins, except the times of directories, which [`Applier::finish`] sets once nothing more is put
//! into them.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, FileType, Gid, Mode, OFlags, Timespec, Timestamps, Uid};
use rustix::io::Errno;

use super::entry::{Attributes, Device, Time};
use super::error::{Result, TreeError};
use super::follow::clean;
use super::resolve::{NewDirectory, Opened, Root, open_directory};
use super::xattrs;

/// What is to be put somewhere.
pub enum New<'a> {
    /// A directory. One that exists keeps what is in it and takes the attributes.
    Directory,
    /// A regular file with this content.
    File(&'a mut dyn Read),
    /// A regular file with the content of an open one; shares its blocks where the file system can.
    CopyOf(&'a File),
    /// A symbolic link.
    Symlink(&'a Path),
    /// One more name of a file that is in the root already; has the attributes of that file.
    HardLink(&'a Path),
    /// A character device.
    CharDevice(Device),
    /// A block device.
    BlockDevice(Device),
    /// A named pipe.
    Fifo,
}

/// What happens where a directory meets something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clash {
    /// The new entry takes the place of the old one: layers and archives.
    Replace,
    /// It is an error: COPY.
    Refuse,
}

/// Puts entries into a root.
pub struct Applier<'r> {
    root: &'r Root,
    clash: Clash,
    /// The directory of the last entry, by the path that led there: neighbours mostly share it.
    parent: Option<(PathBuf, Opened)>,
    /// Everything put so far, by its link-free place.
    written: BTreeSet<PathBuf>,
    directories: Vec<(PathBuf, Time)>,
    buffer: Vec<u8>,
}

impl<'r> Applier<'r> {
    /// Puts entries into `root`.
    pub fn new(root: &'r Root, clash: Clash) -> Self {
        Self { root, clash, parent: None, written: BTreeSet::new(), directories: Vec::new(), buffer: Vec::new() }
    }

    /// Puts `new` at `path`, replacing what is there. Parents are followed inside the root; missing ones are made, 0755
    /// and owned by root. The empty path stands for the root, whose attributes a directory entry sets.
    pub fn put(&mut self, path: &Path, new: New<'_>, attributes: &Attributes) -> Result<()> {
        let path = clean(path);
        let Some(name) = path.file_name() else {
            return match new {
                New::Directory => self.put_root(attributes),
                _ => Err(TreeError::NoName { path }),
            };
        };
        let parent = self.enter(path.parent().unwrap_or(Path::new("")))?;
        let target = match new {
            New::HardLink(target) => Some(self.link_target(target)?),
            _ => None,
        };
        let place = parent.place.join(name);
        let replaced = match target {
            Some((directory, target)) => {
                let link = || fs::linkat(&directory, &target, &parent.directory, name, AtFlags::empty());
                self.create(&parent, name, link)?.1
            }
            None => self.put_new(&parent, name, new, attributes)?,
        };
        // A path that led through what was replaced may lead elsewhere now.
        self.parent = (!replaced).then_some((path.parent().unwrap_or(Path::new("")).to_owned(), parent));
        self.written.insert(place);
        Ok(())
    }

    /// Removes what is at `path`, with everything below; says whether there was anything.
    pub fn remove(&mut self, path: &Path) -> Result<bool> {
        let path = clean(path);
        let Some(name) = path.file_name() else { return Err(TreeError::NoName { path }) };
        self.parent = None;
        let Some(parent) = self.root.directory(path.parent().unwrap_or(Path::new("")))? else { return Ok(false) };
        match remove_tree(parent.directory.as_fd(), name) {
            Err(Errno::NOENT) => Ok(false),
            removed => removed.map(|()| true).map_err(|errno| self.failed("remove", &parent.place.join(name), errno)),
        }
    }

    /// Removes everything in the directory at `path` that this applier did not put there.
    pub fn make_opaque(&mut self, path: &Path) -> Result<()> {
        self.parent = None;
        let Some(directory) = self.root.directory(&clean(path))? else { return Ok(()) };
        self.keep_written(&directory)
    }

    /// Sets the times of the directories that were put. Nothing may be put afterwards.
    pub fn finish(self) -> Result<()> {
        for (place, time) in &self.directories {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
            let set = self.root.open_place(place, flags).and_then(|fd| fs::futimens(&fd, &times(*time)));
            match set {
                // A later entry replaced or removed it.
                Ok(()) | Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
                Err(errno) => return Err(self.failed("set the time of", place, errno)),
            }
        }
        Ok(())
    }

    fn put_root(&mut self, attributes: &Attributes) -> Result<()> {
        let place = Path::new("");
        let failed = |errno: Errno| self.failed("set the attributes of", place, errno);
        let directory = self.root.open_place(place, OFlags::RDONLY | OFlags::DIRECTORY).map_err(failed)?;
        dress(directory.as_fd(), attributes)
            .map_err(|source| self.failed_io("set the attributes of", place, source))?;
        self.directories.push((place.to_owned(), attributes.mtime));
        Ok(())
    }

    /// Creates anything but a hard link; says whether something was replaced.
    fn put_new(&mut self, parent: &Opened, name: &OsStr, new: New<'_>, attributes: &Attributes) -> Result<bool> {
        let place = parent.place.join(name);
        let at = parent.directory.as_fd();
        let node = |kind, Device { major, minor }: Device| {
            move || fs::mknodat(at, name, kind, Mode::from_raw_mode(0o600), fs::makedev(major, minor))
        };
        let nowhere = Device { major: 0, minor: 0 };
        let replaced = match new {
            New::Directory => return self.put_directory(parent, name, attributes),
            New::File(content) => {
                let (mut file, replaced) = self.create(parent, name, || create_file(at, name))?;
                let written = pour(content, &mut file, &mut self.buffer).and_then(|()| complete(&file, attributes));
                written.map_err(|source| self.failed_io("write", &place, source))?;
                return Ok(replaced);
            }
            New::CopyOf(source) => {
                let (mut file, replaced) = self.create(parent, name, || create_file(at, name))?;
                let written = copy_content(source, &mut file).and_then(|()| complete(&file, attributes));
                written.map_err(|source| self.failed_io("write", &place, source))?;
                return Ok(replaced);
            }
            New::HardLink(_) => unreachable!("hard links are made by `put`, which has looked up their target"),
            New::Symlink(target) => self.create(parent, name, || fs::symlinkat(target, at, name))?.1,
            New::CharDevice(device) => self.create(parent, name, node(FileType::CharacterDevice, device))?.1,
            New::BlockDevice(device) => self.create(parent, name, node(FileType::BlockDevice, device))?.1,
            New::Fifo => self.create(parent, name, node(FileType::Fifo, nowhere))?.1,
        };
        let is_link = matches!(new, New::Symlink(_));
        dress_by_name(at, name, is_link, attributes)
            .map_err(|source| self.failed_io("set the attributes of", &place, source))?;
        Ok(replaced)
    }

    fn put_directory(&mut self, parent: &Opened, name: &OsStr, attributes: &Attributes) -> Result<bool> {
        let place = parent.place.join(name);
        let at = parent.directory.as_fd();
        let make = || fs::mkdirat(at, name, Mode::from_raw_mode(0o700));
        let replaced = match make() {
            Ok(()) => false,
            Err(Errno::EXIST) if is_directory(at, name) => false,
            Err(Errno::EXIST) if self.clash == Clash::Refuse => return Err(TreeError::NotADirectory { path: place }),
            Err(Errno::EXIST) => {
                fs::unlinkat(at, name, AtFlags::empty())
                    .and_then(|()| make())
                    .map_err(|errno| self.failed("replace", &place, errno))?;
                true
            }
            Err(errno) => return Err(self.failed("make the directory", &place, errno)),
        };
        open_directory(at, name)
            .map_err(io::Error::from)
            .and_then(|directory| dress(directory.as_fd(), attributes))
            .map_err(|source| self.failed_io("set the attributes of", &place, source))?;
        self.directories.push((place, attributes.mtime));
        Ok(replaced)
    }

    /// Calls `make`, after making way if the name is taken; says too whether something was replaced.
    fn create<T>(&self, parent: &Opened, name: &OsStr, make: impl Fn() -> rustix::io::Result<T>) -> Result<(T, bool)> {
        let place = || parent.place.join(name);
        match make() {
            Ok(made) => Ok((made, false)),
            Err(Errno::EXIST) => {
                self.make_way(parent, name)?;
                let made = make().map_err(|errno| self.failed("create", &place(), errno))?;
                Ok((made, true))
            }
            Err(errno) => Err(self.failed("create", &place(), errno)),
        }
    }

    fn make_way(&self, parent: &Opened, name: &OsStr) -> Result<()> {
        let at = parent.directory.as_fd();
        if self.clash == Clash::Refuse && is_directory(at, name) {
            return Err(TreeError::IsADirectory { path: parent.place.join(name) });
        }
        remove_tree(at, name).map_err(|errno| self.failed("replace", &parent.place.join(name), errno))
    }

    fn enter(&mut self, path: &Path) -> Result<Opened> {
        match self.parent.take() {
            Some((same, opened)) if same == path => Ok(opened),
            _ => self.root.made(path, NewDirectory::default()),
        }
    }

    /// The directory and name of the file that a hard link names; a link in its last place is itself the file.
    fn link_target(&self, target: &Path) -> Result<(std::os::fd::OwnedFd, std::ffi::OsString)> {
        let target = clean(target);
        let missing = || TreeError::NotFound { path: target.clone() };
        let name = target.file_name().ok_or_else(missing)?.to_owned();
        let parent = self.root.directory(target.parent().unwrap_or(Path::new("")))?.ok_or_else(missing)?;
        Ok((parent.directory, name))
    }

    fn keep_written(&self, directory: &Opened) -> Result<()> {
        let failed = |errno: Errno| self.failed("empty", &directory.place, errno);
        for name in names(directory.directory.as_fd()).map_err(failed)? {
            let name = OsStr::from_bytes(&name);
            let place = directory.place.join(name);
            let something_written = self.written.range(place.clone()..).next().is_some_and(|at| at.starts_with(&place));
            if !something_written {
                remove_tree(directory.directory.as_fd(), name).map_err(failed)?;
            } else if let Ok(child) = open_directory(directory.directory.as_fd(), name) {
                self.keep_written(&Opened { place, directory: child })?;
            }
        }
        Ok(())
    }

    fn failed(&self, action: &'static str, place: &Path, errno: Errno) -> TreeError {
        self.failed_io(action, place, errno.into())
    }

    fn failed_io(&self, action: &'static str, place: &Path, source: io::Error) -> TreeError {
        TreeError::io(action, &self.root.outside(place), source)
    }
}

fn create_file(parent: BorrowedFd<'_>, name: &OsStr) -> rustix::io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    fs::openat(parent, name, flags, Mode::from_raw_mode(0o600)).map(File::from)
}

fn complete(file: &File, attributes: &Attributes) -> io::Result<()> {
    dress(file.as_fd(), attributes)?;
    Ok(fs::futimens(file, &times(attributes.mtime))?)
}

/// Owner, mode and extended attributes of an open file or directory. The owner comes first: changing it clears
/// setuid bits and file capabilities.
fn dress(file: BorrowedFd<'_>, attributes: &Attributes) -> io::Result<()> {
    fs::fchown(file, Some(Uid::from_raw(attributes.uid)), Some(Gid::from_raw(attributes.gid)))
        .map_err(|errno| not_owned(errno, attributes.uid, attributes.gid))?;
    fs::fchmod(file, Mode::from_raw_mode(attributes.mode))?;
    xattrs::write(file, &attributes.xattrs)
}

/// The same for what must not be opened, and its time.
fn dress_by_name(parent: BorrowedFd<'_>, name: &OsStr, is_link: bool, attributes: &Attributes) -> io::Result<()> {
    let (uid, gid) = (Uid::from_raw(attributes.uid), Gid::from_raw(attributes.gid));
    fs::chownat(parent, name, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)
        .map_err(|errno| not_owned(errno, attributes.uid, attributes.gid))?;
    if !is_link {
        fs::chmodat(parent, name, Mode::from_raw_mode(attributes.mode), AtFlags::empty())?;
    }
    Ok(fs::utimensat(parent, name, &times(attributes.mtime), AtFlags::SYMLINK_NOFOLLOW)?)
}

/// Why an owner could not be given, in words where the cause is known.
pub(super) fn not_owned(errno: Errno, uid: u32, gid: u32) -> io::Error {
    match errno {
        // What the kernel says for an id that a user namespace does not have.
        Errno::INVAL => io::Error::other(format!(
            "it belongs to {uid}:{gid}, an id that whoever builds does not have: /etc/subuid and /etc/subgid lend ids"
        )),
        errno => errno.into(),
    }
}

pub(super) fn times(mtime: Time) -> Timestamps {
    let time = Timespec { tv_sec: mtime.seconds, tv_nsec: mtime.nanoseconds.into() };
    Timestamps { last_access: time, last_modification: time }
}

fn is_directory(parent: BorrowedFd<'_>, name: &OsStr) -> bool {
    fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
}

fn names(directory: BorrowedFd<'_>) -> rustix::io::Result<Vec<Vec<u8>>> {
    // Reading needs a descriptor of its own: the one at hand may be for `*at` calls only.
    let readable = open_directory(directory, OsStr::new("."))?;
    let mut names = Vec::new();
    for child in fs::Dir::new(readable)? {
        let child = child?;
        let name = child.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

fn remove_tree(parent: BorrowedFd<'_>, name: &OsStr) -> rustix::io::Result<()> {
    match fs::unlinkat(parent, name, AtFlags::empty()) {
        // POSIX says PERM where Linux says ISDIR.
        Err(Errno::ISDIR | Errno::PERM) => {}
        done => return done,
    }
    let directory = open_directory(parent, name)?;
    for child in names(directory.as_fd())? {
        remove_tree(directory.as_fd(), OsStr::from_bytes(&child))?;
    }
    fs::unlinkat(parent, name, AtFlags::REMOVEDIR)
}

fn pour(content: &mut dyn Read, file: &mut File, buffer: &mut Vec<u8>) -> io::Result<()> {
    const CHUNK: usize = 128 << 10;
    buffer.resize(CHUNK, 0);
    loop {
        match content.read(buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => file.write_all(&buffer[..read])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Copies the content of `source`, holes kept as holes: a sparse file may claim far more bytes than the disk has.
fn copy_content(mut source: &File, target: &mut File) -> io::Result<()> {
    use std::io::{Seek, SeekFrom};
    use std::os::unix::fs::MetadataExt;

    let metadata = source.metadata()?;
    let size = metadata.len();
    let is_sparse = metadata.blocks() * 512 < size;
    if !is_sparse {
        return io::copy(&mut source, target).map(drop);
    }
    target.set_len(size)?;
    let mut at = 0;
    loop {
        let data = match fs::seek(source, fs::SeekFrom::Data(at)) {
            Ok(data) => data,
            // Nothing but a hole up to the end.
            Err(Errno::NXIO) => return Ok(()),
            Err(errno) => return Err(errno.into()),
        };
        let end = fs::seek(source, fs::SeekFrom::Hole(data))?;
        source.seek(SeekFrom::Start(data))?;
        target.seek(SeekFrom::Start(data))?;
        io::copy(&mut source.take(end - data), target)?;
        at = end;
    }
}
