//! What the upper directory of an overlay changes in the directories below it.
//!
//! Reads the directories themselves, not a mount. Does not know layers: it gives changes, in order, and others write
//! them. Invariant: applied to the lower directories, the changes give exactly what the mount shows, whiteouts and
//! opaque directories expanded into single deletions; a file that was copied up but is the same is no change.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::entry::{Device, Entry, Kind, join};
use super::error::{Result, TreeError};
use super::xattrs::{self, Marks};

/// One change of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where, relative to the root.
    pub path: PathBuf,
    /// What changed there.
    pub difference: Difference,
}

/// How a path differs from what is below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// There was nothing.
    Added(Entry),
    /// There was something else, or the same with other content or attributes.
    Modified(Entry),
    /// A directory that is the same; it is listed because something in it changed.
    Implied(Entry),
    /// There is nothing any more. What was below a deleted directory is not listed.
    Deleted,
}

impl Change {
    /// The entry that is there now; `None` if it was deleted.
    pub fn entry(&self) -> Option<&Entry> {
        match &self.difference {
            Difference::Added(entry) | Difference::Modified(entry) | Difference::Implied(entry) => Some(entry),
            Difference::Deleted => None,
        }
    }
}

/// What `upper` changes in `lowers` (the topmost first), in walk order: a directory before what is in it. The root
/// itself is never among the changes.
pub fn diff(upper: &Path, lowers: &[PathBuf]) -> Result<Vec<Change>> {
    let mut diff = Diff { upper, changes: Vec::new() };
    let (_, marks) = xattrs::read_with_marks(upper)?;
    diff.directory(Path::new(""), &merged(lowers.iter().cloned())?, marks.opaque)?;
    Ok(diff.changes)
}

struct Diff<'a> {
    upper: &'a Path,
    changes: Vec<Change>,
}

impl Diff<'_> {
    /// Compares the directory at `path` with `below`, the directories it is laid over. If it is `opaque`, nothing of
    /// them shows through.
    fn directory(&mut self, path: &Path, below: &[PathBuf], opaque: bool) -> Result<()> {
        let mut names = names(&join(self.upper, path))?;
        if opaque {
            for lower in below {
                names.extend(self::names(lower)?);
            }
        }
        for name in names {
            self.name(path.join(&name), &name, below, opaque)?;
        }
        Ok(())
    }

    fn name(&mut self, path: PathBuf, name: &OsStr, below: &[PathBuf], opaque: bool) -> Result<()> {
        let lower = Lower::at(below, name)?;
        let Some((entry, marks)) = inspect(self.upper, &path)? else {
            if lower.is_some() {
                self.changes.push(Change { path, difference: Difference::Deleted });
            }
            return Ok(());
        };
        if entry.is_directory() {
            return self.subdirectory(entry, lower, opaque || marks.opaque);
        }
        let difference = match lower {
            None => Difference::Added(entry),
            Some(lower) if is_same(self.upper, &entry, &lower)? => return Ok(()),
            Some(_) => Difference::Modified(entry),
        };
        self.changes.push(Change { path, difference });
        Ok(())
    }

    fn subdirectory(&mut self, entry: Entry, lower: Option<Lower>, opaque: bool) -> Result<()> {
        let path = entry.path.clone();
        let difference = match &lower {
            None => Difference::Added(entry),
            Some(lower) if lower.entry.is_directory() && has_same_attributes(&entry, &lower.entry) => {
                Difference::Implied(entry)
            }
            Some(_) => Difference::Modified(entry),
        };
        let is_implied = matches!(difference, Difference::Implied(_));
        self.changes.push(Change { path: path.clone(), difference });
        let before = self.changes.len();
        let below = lower.map_or(Vec::new(), |lower| lower.directories);
        self.directory(&path, &below, opaque)?;
        if is_implied && self.changes.len() == before {
            self.changes.pop();
        }
        Ok(())
    }
}

/// What the lower directories show under one name.
struct Lower {
    entry: Entry,
    /// Where the entry is on this machine.
    place: PathBuf,
    /// If it is a directory: all the directories that it is merged from, topmost first.
    directories: Vec<PathBuf>,
}

impl Lower {
    fn at(below: &[PathBuf], name: &OsStr) -> Result<Option<Self>> {
        let mut found: Option<Self> = None;
        for lower in below {
            let place = lower.join(name);
            let Some(seen) = look(lower, Path::new(name))? else { continue };
            match (seen, &mut found) {
                // A whiteout, or a file under a directory, hides all that is further down.
                (Seen::Whiteout, _) => break,
                (Seen::Entry(entry, marks), None) => {
                    let is_directory = entry.is_directory();
                    let directories = if is_directory { vec![place.clone()] } else { Vec::new() };
                    found = Some(Self { entry, place, directories });
                    if !is_directory || marks.opaque {
                        break;
                    }
                }
                (Seen::Entry(entry, _), Some(_)) if !entry.is_directory() => break,
                (Seen::Entry(_, marks), Some(found)) => {
                    found.directories.push(place);
                    if marks.opaque {
                        break;
                    }
                }
            }
        }
        Ok(found)
    }
}

/// The directories of `lowers` that show through at the root.
fn merged(lowers: impl Iterator<Item = PathBuf>) -> Result<Vec<PathBuf>> {
    let mut visible = Vec::new();
    for lower in lowers {
        let (_, marks) = xattrs::read_with_marks(&lower)?;
        visible.push(lower);
        if marks.opaque {
            break;
        }
    }
    Ok(visible)
}

enum Seen {
    Entry(Entry, Marks),
    Whiteout,
}

/// What is at `path` in one directory of an overlay; a whiteout counts as nothing.
fn inspect(root: &Path, path: &Path) -> Result<Option<(Entry, Marks)>> {
    Ok(match look(root, path)? {
        Some(Seen::Entry(entry, marks)) => Some((entry, marks)),
        Some(Seen::Whiteout) | None => None,
    })
}

fn look(root: &Path, path: &Path) -> Result<Option<Seen>> {
    let mut entry = match Entry::inspect(root, path) {
        Ok(entry) => entry,
        Err(TreeError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if entry.kind == Kind::CharDevice(Device { major: 0, minor: 0 }) {
        return Ok(Some(Seen::Whiteout));
    }
    let place = root.join(path);
    let (xattrs, marks) = xattrs::read_with_marks(&place)?;
    if marks.whiteout && entry.kind == Kind::File && entry.size == 0 {
        return Ok(Some(Seen::Whiteout));
    }
    if let Some(feature) = marks.unreadable {
        return Err(TreeError::Overlay { path: place, feature });
    }
    entry.attributes.xattrs = xattrs;
    Ok(Some(Seen::Entry(entry, marks)))
}

fn names(directory: &Path) -> Result<BTreeSet<OsString>> {
    let failed = |source| TreeError::io("list", directory, source);
    let children = fs::read_dir(directory).map_err(failed)?;
    children.map(|child| child.map(|child| child.file_name()).map_err(failed)).collect()
}

fn has_same_attributes(upper: &Entry, lower: &Entry) -> bool {
    let (upper, lower) = (&upper.attributes, &lower.attributes);
    (upper.mode, upper.uid, upper.gid) == (lower.mode, lower.uid, lower.gid) && upper.xattrs == lower.xattrs
}

/// Whether a non-directory is the one below, only copied up. Equal times prove nothing: a clock tick is long enough to
/// write two files, and one of them may have been moved over the other. (BuildKit trusts them, and loses that move.)
fn is_same(upper: &Path, entry: &Entry, lower: &Lower) -> Result<bool> {
    let is_alike = entry.kind == lower.entry.kind
        && entry.size == lower.entry.size
        && entry.attributes.mtime == lower.entry.attributes.mtime
        && has_same_attributes(entry, &lower.entry);
    match entry.kind {
        Kind::File if is_alike => has_same_content(&upper.join(&entry.path), &lower.place),
        _ => Ok(is_alike),
    }
}

fn has_same_content(left: &Path, right: &Path) -> Result<bool> {
    let open = |path: &Path| {
        File::open(path)
            .map(|file| BufReader::with_capacity(64 << 10, file))
            .map_err(|e| TreeError::io("open", path, e))
    };
    let (mut left_file, mut right_file) = (open(left)?, open(right)?);
    loop {
        let left_bytes = left_file.fill_buf().map_err(|source| TreeError::io("read", left, source))?;
        let right_bytes = right_file.fill_buf().map_err(|source| TreeError::io("read", right, source))?;
        let common = left_bytes.len().min(right_bytes.len());
        if common == 0 {
            return Ok(left_bytes.len() == right_bytes.len());
        }
        if left_bytes[..common] != right_bytes[..common] {
            return Ok(false);
        }
        left_file.consume(common);
        right_file.consume(common);
    }
}
