//! Opening and creating below a root, with every link resolved as if the root were `/`.
//!
//! Invariant: no path leads out of the root, neither by `..` nor by a link, absolute ones included. The kernel keeps
//! it (`openat2` with `RESOLVE_IN_ROOT`); where that call is missing or forbidden, the path is walked here one
//! component at a time.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{self, CWD, Gid, Mode, OFlags, ResolveFlags, Uid};
use rustix::io::Errno;

use super::apply::not_owned;
use super::entry::{Entry, Kind, join};
use super::error::{Result, TreeError};
use super::follow::{Last, Lost, follow};

/// The most bytes that [`Root::read`] takes: more than any list of accounts has.
const MOST_READ: u64 = 64_000_000;

/// A directory that is the whole world to the operations on it.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    directory: OwnedFd,
}

/// Mode and owner of a directory that has to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewDirectory {
    /// Permission bits; the umask has no say.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Owning group.
    pub gid: u32,
}

impl Default for NewDirectory {
    /// What implied parents get: 0755, owned by root.
    fn default() -> Self {
        Self { mode: 0o755, uid: 0, gid: 0 }
    }
}

/// A directory below a root, found or made.
#[derive(Debug)]
pub(super) struct Opened {
    /// Where it is, free of links.
    pub(super) place: PathBuf,
    /// Open for `*at` calls only.
    pub(super) directory: OwnedFd,
}

/// Whether `openat2` is known not to work here (an old kernel, or a seccomp profile that predates it).
static WITHOUT_OPENAT2: AtomicBool = AtomicBool::new(false);

impl Root {
    /// The directory at `path`, whose own links are followed as usual.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = fs::openat(CWD, &path, flags, Mode::empty())
            .map_err(|errno| TreeError::io("open the directory", &path, errno))?;
        Ok(Self { path, directory })
    }

    /// Where the root is on this machine.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where `place` (a link-free path inside the root) is on this machine.
    pub fn outside(&self, place: &Path) -> PathBuf {
        join(&self.path, place)
    }

    /// The link-free place to which `path` leads. Components that do not exist are kept, so a dangling link leads to
    /// the place its target would have.
    pub fn follow(&self, path: &Path, last: Last) -> Result<PathBuf> {
        let link_at = |place: &Path| match fs::readlinkat(&self.directory, place, Vec::new()) {
            Ok(target) => Ok(Some(PathBuf::from(std::ffi::OsString::from_vec(target.into_bytes())))),
            // Not a link; nothing there; something on the way is no directory.
            Err(Errno::INVAL | Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(errno) => Err(errno.into()),
        };
        follow(path, last, link_at).map_err(|lost| match lost {
            Lost::Loop => TreeError::LinkLoop { path: path.to_owned() },
            Lost::Io(source) => TreeError::io("follow", &self.outside(path), source),
        })
    }

    /// What stands where `path` leads, with its link-free place as `path`; `None` if there is nothing.
    pub fn inspect(&self, path: &Path, last: Last) -> Result<Option<Entry>> {
        let place = self.follow(path, last)?;
        let failed = |source: io::Error| TreeError::io("read the metadata of", &self.outside(&place), source);
        let file = match self.open_place(&place, OFlags::PATH | OFlags::NOFOLLOW) {
            Ok(fd) => File::from(fd),
            Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
            Err(errno) => return Err(failed(errno.into())),
        };
        let metadata = file.metadata().map_err(failed)?;
        let target = match metadata.is_symlink() {
            true => {
                let target = fs::readlinkat(&file, "", Vec::new()).map_err(|errno| failed(errno.into()))?;
                Some(PathBuf::from(std::ffi::OsString::from_vec(target.into_bytes())))
            }
            false => None,
        };
        Ok(Some(Entry::from_metadata(place, &metadata, target)))
    }

    /// Opens the regular file to which `path` leads, for reading; `None` if there is nothing. Anything else is an
    /// error: a pipe would never open, a device never end.
    pub fn open_file(&self, path: &Path) -> Result<Option<File>> {
        let Some(entry) = self.inspect(path, Last::Followed)? else { return Ok(None) };
        let place = entry.path;
        if entry.kind != Kind::File {
            let source = io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
            return Err(TreeError::io("open", &self.outside(&place), source));
        }
        match self.open_place(&place, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK) {
            Ok(fd) => Ok(Some(File::from(fd))),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(errno) => Err(TreeError::io("open", &self.outside(&place), errno)),
        }
    }

    /// The whole content of the small file to which `path` leads; `None` if there is no such file. A file that is too
    /// large for this is an error: an image may hold one of holes that no memory holds.
    pub fn read(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        let Some(file) = self.open_file(path)? else { return Ok(None) };
        let failed = |source| TreeError::io("read", &self.outside(path), source);
        let mut content = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(file, MOST_READ + 1), &mut content).map_err(failed)?;
        match content.len() as u64 {
            0..=MOST_READ => Ok(Some(content)),
            _ => Err(failed(io::Error::other(format!("it is larger than {} MB", MOST_READ / 1_000_000)))),
        }
    }

    /// Makes the directory to which `path` leads, with the parents that are missing, each as `new` says. What exists
    /// is left alone. Gives the link-free place.
    pub fn make_directories(&self, path: &Path, new: NewDirectory) -> Result<PathBuf> {
        Ok(self.made(path, new)?.place)
    }

    /// As [`Root::make_directories`], opened.
    pub(super) fn made(&self, path: &Path, new: NewDirectory) -> Result<Opened> {
        let place = self.follow(path, Last::Followed)?;
        let directory = self.make_place(&place, new)?;
        Ok(Opened { place, directory })
    }

    /// The directory to which `path` leads; `None` if there is nothing, or something else.
    pub(super) fn directory(&self, path: &Path) -> Result<Option<Opened>> {
        let place = self.follow(path, Last::Followed)?;
        match self.open_place(&place, OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW) {
            Ok(directory) => Ok(Some(Opened { place, directory })),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(errno) => Err(TreeError::io("open the directory", &self.outside(&place), errno)),
        }
    }

    fn make_place(&self, place: &Path, new: NewDirectory) -> Result<OwnedFd> {
        let failed = |errno: Errno| match errno {
            Errno::NOTDIR | Errno::LOOP => TreeError::NotADirectory { path: place.to_owned() },
            _ => TreeError::io("make the directory", &self.outside(place), errno),
        };
        match self.open_place(place, OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW) {
            Err(Errno::NOENT) => {}
            opened => return opened.map_err(failed),
        }
        let (Some(parent), Some(name)) = (place.parent(), place.file_name()) else { return Err(failed(Errno::NOENT)) };
        let parent = self.make_place(parent, new)?;
        match fs::mkdirat(&parent, name, Mode::from_raw_mode(0o700)) {
            // Another thread of this build may need the same parent at the same time.
            Err(Errno::EXIST) => return open_directory(parent.as_fd(), name).map_err(failed),
            made => made.map_err(failed)?,
        }
        let directory = open_directory(parent.as_fd(), name).map_err(failed)?;
        fs::fchown(&directory, Some(Uid::from_raw(new.uid)), Some(Gid::from_raw(new.gid))).map_err(|errno| {
            TreeError::io("make the directory", &self.outside(place), not_owned(errno, new.uid, new.gid))
        })?;
        fs::fchmod(&directory, Mode::from_raw_mode(new.mode)).map_err(failed)?;
        Ok(directory)
    }

    /// Opens a link-free place. Should a link have crept in since it was resolved, it still cannot lead outside.
    pub(super) fn open_place(&self, place: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
        let flags = flags | OFlags::CLOEXEC;
        let path = if place.as_os_str().is_empty() { Path::new(".") } else { place };
        if !WITHOUT_OPENAT2.load(Ordering::Relaxed) {
            match open_in_root(self.directory.as_fd(), path, flags) {
                Err(Errno::NOSYS | Errno::PERM) => WITHOUT_OPENAT2.store(true, Ordering::Relaxed),
                opened => return opened,
            }
        }
        open_by_component(self.directory.as_fd(), path, flags)
    }
}

/// Opens a directory for reading, refusing a link in its place.
pub(super) fn open_directory(parent: BorrowedFd<'_>, name: &OsStr) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    fs::openat(parent, name, flags, Mode::empty())
}

fn open_in_root(root: BorrowedFd<'_>, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    loop {
        match fs::openat2(root, path, flags, Mode::empty(), ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS) {
            // A rename elsewhere on the machine raced with a `..`; the kernel asks to try again.
            Err(Errno::AGAIN) => {}
            opened => return opened,
        }
    }
}

fn open_by_component(root: BorrowedFd<'_>, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    let step = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut components = path.components().peekable();
    let mut directory: Option<OwnedFd> = None;
    while let Some(component) = components.next() {
        let parent = directory.as_ref().map_or(root, |directory| directory.as_fd());
        let last = components.peek().is_none();
        let flags = if last { flags | OFlags::NOFOLLOW } else { step };
        let opened = fs::openat(parent, component.as_os_str(), flags, Mode::empty())?;
        if last {
            return Ok(opened);
        }
        directory = Some(opened);
    }
    Err(Errno::NOENT)
}

#[cfg(test)]
mod tests {
    use std::fs as std_fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn root_with_links() -> (tempfile::TempDir, Root) {
        let outer = tempfile::tempdir().expect("a temporary directory");
        std_fs::write(outer.path().join("secret"), "outside").expect("a file");
        let inner = outer.path().join("root");
        std_fs::create_dir_all(inner.join("usr/lib")).expect("directories");
        std_fs::write(inner.join("usr/lib/x"), "inside").expect("a file");
        symlink("usr/lib", inner.join("lib")).expect("a link");
        symlink("/usr", inner.join("abs")).expect("a link");
        symlink("../secret", inner.join("up")).expect("a link");
        symlink("/made/here", inner.join("dangling")).expect("a link");
        let root = Root::open(inner).expect("a root");
        (outer, root)
    }

    #[test]
    fn a_file_of_holes_that_no_memory_holds_is_an_error() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = File::create(directory.path().join("passwd")).expect("a file");
        file.set_len(4 << 40).expect("holes");
        let error = Root::open(directory.path()).expect("a root").read(Path::new("passwd")).expect_err("too large");
        assert!(error.to_string().contains("passwd"), "{error}");
    }

    #[test]
    fn files_are_read_through_links_inside_the_root_alone() {
        let (_outer, root) = root_with_links();
        for path in ["lib/x", "/abs/lib/x", "../../usr/lib/x", "abs/../lib/x"] {
            let content = root.read(Path::new(path)).expect(path);
            assert_eq!(content.as_deref(), Some(&b"inside"[..]), "{path}");
        }
        assert_eq!(root.read(Path::new("up")).expect("no failure"), None);
    }

    #[test]
    fn only_regular_files_are_read() {
        let (_outer, root) = root_with_links();
        assert!(root.read(Path::new("usr/lib")).is_err());
        rustix::fs::mkfifoat(CWD, root.outside(Path::new("pipe")), Mode::from_raw_mode(0o600)).expect("a pipe");
        assert!(root.read(Path::new("pipe")).is_err());
    }

    #[test]
    fn walking_by_component_opens_what_the_kernel_opens() {
        let (_outer, root) = root_with_links();
        let open = |path: &str| open_by_component(root.directory.as_fd(), Path::new(path), OFlags::RDONLY);
        assert!(open("usr/lib/x").is_ok());
        assert!(open(".").is_ok());
        assert_eq!(open("lib/x").expect_err("a link on the way is refused"), Errno::NOTDIR);
        assert_eq!(open("up").expect_err("a link at the end is refused"), Errno::LOOP);
    }

    #[test]
    fn a_dangling_absolute_link_is_made_inside_the_root() {
        let (_outer, root) = root_with_links();
        let owner = std_fs::metadata(root.path()).expect("metadata");
        let new = NewDirectory {
            mode: 0o750,
            uid: std::os::unix::fs::MetadataExt::uid(&owner),
            gid: std::os::unix::fs::MetadataExt::gid(&owner),
        };
        let place = root.make_directories(Path::new("dangling/below"), new).expect("directories");
        assert_eq!(place, Path::new("made/here/below"));
        let made = root.inspect(Path::new("dangling"), Last::Followed).expect("no failure").expect("a directory");
        assert_eq!((made.path.as_path(), made.attributes.mode), (Path::new("made/here"), 0o750));
    }

    #[test]
    fn a_directory_is_not_made_over_a_file() {
        let (_outer, root) = root_with_links();
        let failure = root.make_directories(Path::new("lib/x/y"), NewDirectory::default());
        assert!(matches!(failure, Err(TreeError::NotADirectory { .. })), "{failure:?}");
    }

    #[test]
    fn inspecting_keeps_or_follows_the_last_link() {
        let (_outer, root) = root_with_links();
        let kept = root.inspect(Path::new("lib"), Last::Kept).expect("no failure").expect("a link");
        assert_eq!(kept.kind, super::super::Kind::Symlink { target: "usr/lib".into() });
        let followed = root.inspect(Path::new("lib"), Last::Followed).expect("no failure").expect("a directory");
        assert_eq!(followed.path, Path::new("usr/lib"));
        assert!(root.inspect(Path::new("gone/x"), Last::Kept).expect("no failure").is_none());
    }
}
