//! Walking a directory in a fixed order, on any platform.
//!
//! Does not know why an entry is left out: the caller judges. Invariant: names inside a directory come in byte order
//! and a directory comes before what is in it, so the same tree always gives the same sequence. Links are never
//! followed.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use super::entry::{Entry, join};
use super::error::{Result, TreeError};

/// What to do with an entry.
///
/// Of several that are given on one entry the last in this order counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Take it, and look inside if it is a directory.
    Take,
    /// Leave it out, but look inside: it is taken after all as soon as something below it is.
    Through,
    /// Leave it out with everything below.
    Skip,
}

type Judge<'a> = Box<dyn FnMut(&Entry) -> Verdict + 'a>;

/// The entries below a directory, in order; the directory itself is not among them.
pub struct Walk<'a> {
    root: PathBuf,
    judge: Judge<'a>,
    xattrs: bool,
    /// Names still to visit, one list per open directory, the next name last.
    open: Vec<Vec<PathBuf>>,
    /// Directories judged [`Verdict::Through`] on the way to the current place, outermost first.
    through: Vec<Entry>,
    ready: VecDeque<Result<Entry>>,
}

impl<'a> Walk<'a> {
    /// Everything below `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self::below(root, Path::new(""))
    }

    /// Everything below `root/start`, with paths relative to `root`.
    pub fn below(root: impl Into<PathBuf>, start: &Path) -> Self {
        let mut walk = Self {
            root: root.into(),
            judge: Box::new(|_| Verdict::Take),
            xattrs: false,
            open: Vec::new(),
            through: Vec::new(),
            ready: VecDeque::new(),
        };
        walk.enter(start);
        walk
    }

    /// Leaves out what `judge` says.
    pub fn judged_by(mut self, judge: impl FnMut(&Entry) -> Verdict + 'a) -> Self {
        self.judge = Box::new(judge);
        self
    }

    /// Reads extended attributes too.
    pub fn with_xattrs(mut self) -> Self {
        self.xattrs = true;
        self
    }

    fn enter(&mut self, directory: &Path) {
        match names(&self.root, directory) {
            Ok(names) => self.open.push(names),
            Err(error) => self.ready.push_back(Err(error)),
        }
    }

    fn visit(&mut self, path: PathBuf) -> Result<()> {
        self.through.retain(|directory| path.starts_with(&directory.path));
        #[cfg_attr(not(all(feature = "exec", target_os = "linux")), expect(unused_mut))]
        let mut entry = Entry::inspect(&self.root, &path)?;
        #[cfg(all(feature = "exec", target_os = "linux"))]
        if self.xattrs {
            entry.attributes.xattrs = super::xattrs::read(&join(&self.root, &path))?;
        }
        let (verdict, is_directory) = ((self.judge)(&entry), entry.is_directory());
        match verdict {
            Verdict::Skip => return Ok(()),
            Verdict::Through if is_directory => self.through.push(entry),
            Verdict::Through => return Ok(()),
            Verdict::Take => {
                self.ready.extend(self.through.drain(..).map(Ok));
                self.ready.push_back(Ok(entry));
            }
        }
        if is_directory {
            self.enter(&path);
        }
        Ok(())
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            match self.open.last_mut()?.pop() {
                None => drop(self.open.pop()),
                Some(path) => {
                    if let Err(error) = self.visit(path) {
                        return Some(Err(error));
                    }
                }
            }
        }
    }
}

/// The paths of what `directory` holds, in reverse order.
fn names(root: &Path, directory: &Path) -> Result<Vec<PathBuf>> {
    let place = join(root, directory);
    let failed = |source| TreeError::io("list", &place, source);
    let mut paths = Vec::new();
    for child in fs::read_dir(&place).map_err(failed)? {
        paths.push(directory.join(child.map_err(failed)?.file_name()));
    }
    paths.sort_unstable_by(|left, right| right.cmp(left));
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a temporary directory");
        for file in files {
            let place = root.path().join(file);
            fs::create_dir_all(place.parent().expect("a parent")).expect("parents");
            fs::write(place, file).expect("a file");
        }
        root
    }

    fn paths(walk: Walk<'_>) -> Vec<String> {
        walk.map(|entry| entry.expect("an entry").path.display().to_string().replace('\\', "/")).collect()
    }

    #[test]
    fn a_directory_comes_before_its_content_and_names_in_byte_order() {
        let root = tree(&["a/z", "a/b/c", "a-b", "B", "é"]);
        assert_eq!(paths(Walk::new(root.path())), ["B", "a", "a/b", "a/b/c", "a/z", "a-b", "é"]);
    }

    #[test]
    fn a_directory_passed_through_appears_only_with_something_below_it() {
        let root = tree(&["kept/out/in", "gone/out", "skipped/in"]);
        let walk = Walk::new(root.path()).judged_by(|entry| {
            if entry.path == Path::new("skipped") {
                Verdict::Skip
            } else if entry.path.ends_with("in") {
                Verdict::Take
            } else {
                Verdict::Through
            }
        });
        assert_eq!(paths(walk), ["kept", "kept/out", "kept/out/in"]);
    }

    #[test]
    fn a_walk_below_a_directory_keeps_paths_relative_to_the_root() {
        let root = tree(&["a/b/c", "a/d", "e"]);
        assert_eq!(paths(Walk::below(root.path(), Path::new("a"))), ["a/b", "a/b/c", "a/d"]);
    }

    #[test]
    fn a_missing_directory_is_one_error() {
        let root = tree(&[]);
        let found: Vec<_> = Walk::below(root.path(), Path::new("gone")).collect();
        assert!(matches!(found[..], [Err(TreeError::Io { action: "list", .. })]));
    }
}
