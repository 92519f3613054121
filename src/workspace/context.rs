//! A build context directory, filtered by its ignore file.
//!
//! Knows which files there are and what is in them; not what a COPY makes of them. Invariant: what the ignore file
//! excludes cannot be read through a context, and neither can anything outside its directory. The directory is walked
//! when somebody first asks for all of it, and files are digested when somebody asks for one.

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use crate::digest::Digest;
use crate::model::ignore::{IgnoreError, IgnoreFile};
use crate::model::{BuildContext, ContextEntry, EntryKind};
use crate::text::SourceFile;
use crate::tree::follow::{Last, Lost, follow};
use crate::tree::gather::gather;
use crate::tree::{Blame, Entry, Kind, TreeError, Verdict};

use super::stat_cache::StatCache;

/// A build context on disk.
pub struct Context {
    root: PathBuf,
    ignore: Option<(SourceFile, IgnoreFile)>,
    cache: StatCache,
    walked: OnceLock<Walked>,
    keeps_owners: bool,
    has_plain_modes: bool,
}

struct Walked {
    entries: Vec<ContextEntry>,
    unreadable: Vec<TreeError>,
}

/// Why a directory cannot be a build context.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    /// There is no such directory.
    #[error("the build context {} is not a directory", path.display())]
    NotADirectory {
        /// What was given.
        path: PathBuf,
    },
    /// It, or its ignore file, cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// What.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A line of the ignore file is wrong.
    #[error("{}: {error}", file.name())]
    Ignore {
        /// The ignore file.
        file: SourceFile,
        /// Where and what.
        error: IgnoreError,
    },
}

impl ContextError {
    /// Who can mend it.
    pub fn blame(&self) -> Blame {
        match self {
            Self::NotADirectory { .. } | Self::Ignore { .. } => Blame::Input,
            Self::Unreadable { .. } => Blame::Environment,
        }
    }
}

impl Context {
    /// The context in the directory `root`. The ignore file that belongs to `dockerfile` alone wins over that of the
    /// directory; a named context has no Dockerfile. Digests are remembered in `cache`.
    pub fn open(root: &Path, dockerfile: Option<&Path>, cache: StatCache) -> Result<Self, ContextError> {
        check_directory(root)?;
        Self::open_under(root, find_ignore_file(root, dockerfile)?, cache)
    }

    /// The same under these ignore rules, whatever ignore file the directory holds.
    fn open_under(root: &Path, ignore: Option<SourceFile>, cache: StatCache) -> Result<Self, ContextError> {
        check_directory(root)?;
        let ignore = match ignore {
            Some(file) => match IgnoreFile::parse(&file) {
                Ok(ignore) => Some((file, ignore)),
                Err(error) => return Err(ContextError::Ignore { file, error }),
            },
            None => None,
        };
        Ok(Self { ignore, ..Self::of_archive(root, cache) }.with_root_as_owner())
    }

    /// The context that was unpacked from an archive into the directory `root`: nothing in it is ignored, and everything
    /// belongs to whom the archive says.
    pub fn of_archive(root: &Path, cache: StatCache) -> Self {
        let root = root.to_owned();
        Self { root, ignore: None, cache, walked: OnceLock::new(), keeps_owners: true, has_plain_modes: false }
    }

    /// The same with everything owned by root, as builders take what lies on somebody's disk.
    pub fn with_root_as_owner(self) -> Self {
        Self { keeps_owners: false, ..self }
    }

    /// The same with the modes that git knows, whatever umask it was checked out under.
    pub fn with_plain_modes(self) -> Self {
        Self { has_plain_modes: true, ..self }
    }

    /// What lies in the directory `root`, taken as this context is but for these ignore rules.
    pub fn taken_alike(&self, root: &Path, ignore: Option<SourceFile>) -> Result<Self, ContextError> {
        let context = Self::open_under(root, ignore, StatCache::in_memory())?;
        Ok(Self { has_plain_modes: self.has_plain_modes, ..context })
    }

    /// Whether its files arrive with the owners that they have; otherwise as root's.
    pub fn keeps_owners(&self) -> bool {
        self.keeps_owners
    }

    /// Whether modes are those that git knows.
    pub fn has_plain_modes(&self) -> bool {
        self.has_plain_modes
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The ignore file in force.
    pub fn ignore_file(&self) -> Option<&SourceFile> {
        self.ignore.as_ref().map(|(file, _)| file)
    }

    /// A file of what is remembered between builds that was damaged: it counts as empty, and files are read again.
    pub fn damaged_file(&self) -> Option<&Path> {
        self.cache.damaged_file()
    }

    /// What could not be read on the walk through the context. It is missing from the entries.
    pub fn unreadable(&self) -> &[TreeError] {
        &self.walked().unreadable
    }

    /// What the ignore rules say of an entry below [`Context::root`]: excluded directories are entered only where
    /// something in them may be included again.
    pub fn verdict(&self, entry: &Entry) -> Verdict {
        let Some((_, ignore)) = &self.ignore else { return Verdict::Take };
        let path = slashed(&entry.path);
        if !ignore.excludes(&path) {
            Verdict::Take
        } else if entry.is_directory() && ignore.may_include_below(&path) {
            Verdict::Through
        } else {
            Verdict::Skip
        }
    }

    /// The digest of the content of a regular file below [`Context::root`], read only if it is not known.
    pub fn digest_of(&self, entry: &Entry) -> io::Result<Digest> {
        self.cache.digest(entry, || File::open(self.root.join(&entry.path)))
    }

    fn walked(&self) -> &Walked {
        self.walked.get_or_init(|| {
            let mut walked = Walked { entries: Vec::new(), unreadable: Vec::new() };
            for entry in gather(&self.root, Path::new(""), &|entry| self.verdict(entry)) {
                match entry {
                    Ok(entry) => walked.entries.push(self.context_entry(entry)),
                    Err(error) => walked.unreadable.push(error),
                }
            }
            walked.entries.sort_unstable_by(|left, right| left.path.cmp(&right.path));
            walked
        })
    }

    /// The regular file to which `path` leads, links followed inside the context; only what is included can be found.
    fn find(&self, path: &str) -> io::Result<Entry> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, format!("`{path}` is not in the build context"));
        let place = self.place(path, Last::Followed)?;
        if self.excludes(path) || self.excludes(&slashed(&place)) {
            return Err(missing());
        }
        let entry = Entry::inspect(&self.root, &place).map_err(|error| match error {
            TreeError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => missing(),
            TreeError::Io { source, .. } => source,
            other => io::Error::other(other),
        })?;
        match entry.kind {
            Kind::File => Ok(entry),
            // Opening a pipe would wait for somebody to write to it.
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, format!("`{path}` is not a regular file"))),
        }
    }

    fn context_entry(&self, entry: Entry) -> ContextEntry {
        let kind = match &entry.kind {
            Kind::File => EntryKind::File,
            Kind::Directory => EntryKind::Directory,
            Kind::Symlink { target } => EntryKind::Symlink(target_text(target)),
            Kind::CharDevice(_) | Kind::BlockDevice(_) | Kind::Fifo | Kind::Socket => EntryKind::Other,
        };
        let mode = if self.has_plain_modes { entry.plain_mode() } else { entry.attributes.mode };
        let size = entry.size;
        // A path that is a text with slashes already is taken as it is.
        let path = match cfg!(unix) {
            true => entry.path.into_os_string().into_string().unwrap_or_else(|path| slashed(Path::new(&path))),
            false => slashed(&entry.path),
        };
        ContextEntry { path, kind, mode, size }
    }

    fn place(&self, path: &str, last: Last) -> io::Result<PathBuf> {
        let link_at = |place: &Path| match fs::read_link(self.root.join(place)) {
            Ok(target) => Ok(Some(target)),
            // Not a link, or nothing there.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(error),
            Err(_) => Ok(None),
        };
        follow(Path::new(path), last, link_at).map_err(|lost| match lost {
            Lost::Io(error) => error,
            Lost::Loop => io::Error::other(format!("`{path}` goes through too many symbolic links")),
        })
    }
}

impl BuildContext for Context {
    fn entries(&self) -> &[ContextEntry] {
        &self.walked().entries
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        fs::read(self.root.join(self.find(path)?.path))
    }

    fn digest(&self, path: &str) -> io::Result<Digest> {
        self.digest_of(&self.find(path)?)
    }

    fn is_excluded(&self, path: &str) -> bool {
        let exists =
            || self.place(path, Last::Kept).is_ok_and(|place| self.root.join(place).symlink_metadata().is_ok());
        self.excludes(path) && exists()
    }

    fn excludes(&self, path: &str) -> bool {
        self.ignore.as_ref().is_some_and(|(_, ignore)| ignore.excludes(path))
    }

    fn has_ignore_file(&self) -> bool {
        self.ignore.is_some()
    }
}

fn check_directory(root: &Path) -> Result<(), ContextError> {
    match fs::metadata(root) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(ContextError::NotADirectory { path: root.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(ContextError::NotADirectory { path: root.to_owned() })
        }
        Err(source) => Err(ContextError::Unreadable { path: root.to_owned(), source }),
    }
}

/// Where a Dockerfile has the ignore file that is for it alone.
pub fn own_ignore_file(dockerfile: &Path) -> PathBuf {
    let mut name = dockerfile.as_os_str().to_owned();
    name.push(".dockerignore");
    PathBuf::from(name)
}

/// The ignore file that counts: `NAME.dockerignore` beside the Dockerfile, else `.dockerignore` in the context.
fn find_ignore_file(root: &Path, dockerfile: Option<&Path>) -> Result<Option<SourceFile>, ContextError> {
    for path in dockerfile.map(own_ignore_file).into_iter().chain([root.join(".dockerignore")]) {
        match read_file(&path) {
            Ok(bytes) => return Ok(Some(SourceFile::new(path.display().to_string(), bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(ContextError::Unreadable { path, source }),
        }
    }
    Ok(None)
}

/// The bytes of a file. Opening a pipe would wait for somebody to write to it.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    match fs::metadata(path)?.is_file() {
        true => fs::read(path),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file")),
    }
}

/// A path below the root as Dockerfiles write it; bytes that are no text are replaced.
fn slashed(path: &Path) -> String {
    let names = path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    names.collect::<Vec<_>>().join("/")
}

fn target_text(target: &Path) -> String {
    let text = target.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}
