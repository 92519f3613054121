//! Which entries of a tree the sources of a COPY name.
//!
//! Knows paths and wildcards, not where the entries go. Invariant: hits come in byte order, and what the tree's judge
//! leaves out does not exist.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::entry::{Entry, Kind};
use super::error::{Result, TreeError};
use super::follow::{Last, clean};
use super::resolve::Root;
use super::walk::{Verdict, Walk};
use super::wildcard;

/// A tree that is copied from: a build context, or the root file system of a stage or image.
#[derive(Clone, Copy)]
pub struct SourceTree<'a> {
    /// Where it is.
    pub root: &'a Root,
    /// Whether entries keep their owner (a stage or image), or come as root's (a build context).
    pub keeps_owners: bool,
    /// What is left out (the ignore file of a context); `None` if nothing is.
    pub judge: Option<&'a (dyn Fn(&Entry) -> Verdict + Sync)>,
}

/// One entry that a source names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The path by which it was found: its last name is the one that counts at the destination.
    pub name: PathBuf,
    /// What that path leads to, links followed; its own path is free of links.
    pub entry: Entry,
}

impl<'a> SourceTree<'a> {
    /// A whole root file system.
    pub fn of_stage(root: &'a Root) -> Self {
        Self { root, keeps_owners: true, judge: None }
    }

    /// A build context, from which `judge` leaves out what is ignored.
    pub fn of_context(root: &'a Root, judge: &'a (dyn Fn(&Entry) -> Verdict + Sync)) -> Self {
        Self { root, keeps_owners: false, judge: Some(judge) }
    }

    /// What `source` names, as written in a COPY after expansion. A name written in full must exist; a wildcard may
    /// match nothing. A matched directory is not searched further.
    pub fn select(&self, source: &str) -> Result<Vec<Hit>> {
        let path = clean(Path::new(source));
        let is_wildcard = |component: &std::ffi::OsStr| wildcard::is_wildcard(component.as_bytes());
        let mut components = path.iter();
        let literal: PathBuf = components.by_ref().take_while(|component| !is_wildcard(component)).collect();
        if literal == path {
            let hit = self.hit(literal)?;
            return hit.map(|hit| vec![hit]).ok_or_else(|| TreeError::NotFound { path: source.into() });
        }
        let patterns: Vec<&[u8]> =
            path.iter().skip(literal.iter().count()).map(|component| component.as_bytes()).collect();
        for pattern in &patterns {
            wildcard::matches(pattern, b"").map_err(|_| TreeError::BadPattern { pattern: source.to_owned() })?;
        }
        let mut hits = Vec::new();
        self.search(&literal, &patterns, &mut hits)?;
        Ok(hits)
    }

    /// The entries below the directory of `hit`, in order, with their paths relative to the root of the tree.
    pub fn below(&self, hit: &Hit) -> Walk<'a> {
        let walk = Walk::below(self.root.path(), &hit.entry.path).with_xattrs();
        match self.judge {
            Some(judge) => walk.judged_by(judge),
            None => walk,
        }
    }

    fn search(&self, directory: &Path, patterns: &[&[u8]], hits: &mut Vec<Hit>) -> Result<()> {
        let Some((pattern, deeper)) = patterns.split_first() else { return Ok(()) };
        let Some(found) = self.root.inspect(directory, Last::Followed)?.filter(Entry::is_directory) else {
            return Ok(());
        };
        let place = self.root.outside(&found.path);
        let failed = |source| TreeError::io("list", &place, source);
        let mut names = Vec::new();
        for child in fs::read_dir(&place).map_err(failed)? {
            let name = child.map_err(failed)?.file_name();
            // Every pattern has been tried before, so none is malformed.
            if wildcard::matches(pattern, name.as_bytes()).unwrap_or(false) {
                names.push(name);
            }
        }
        names.sort_unstable();
        for name in names {
            let path = directory.join(name);
            if deeper.is_empty() {
                hits.extend(self.hit(path)?);
            } else if self.root.inspect(&path, Last::Kept)?.is_some_and(|entry| entry.is_directory()) {
                self.search(&path, deeper, hits)?;
            }
        }
        Ok(())
    }

    /// What stands at `path`, if it exists for this tree. A link that leads nowhere is an error: it was named.
    fn hit(&self, path: PathBuf) -> Result<Option<Hit>> {
        let Some(found) = self.root.inspect(&path, Last::Kept)? else { return Ok(None) };
        if !self.exists(&found)? {
            return Ok(None);
        }
        let mut entry = match found.kind {
            Kind::Symlink { .. } => self
                .root
                .inspect(&found.path, Last::Followed)?
                .ok_or_else(|| TreeError::NotFound { path: path.clone() })?,
            _ => found,
        };
        if !self.exists(&entry)? {
            return Err(TreeError::NotFound { path });
        }
        entry.attributes.xattrs = super::xattrs::read(&self.root.outside(&entry.path))?;
        Ok(Some(Hit { name: path, entry }))
    }

    /// Whether the judge lets the entry exist: a directory passed through does if something below it is taken.
    fn exists(&self, entry: &Entry) -> Result<bool> {
        let Some(judge) = self.judge.filter(|_| !entry.path.as_os_str().is_empty()) else { return Ok(true) };
        match judge(entry) {
            Verdict::Take => Ok(true),
            Verdict::Skip => Ok(false),
            Verdict::Through if entry.is_directory() => Walk::below(self.root.path(), &entry.path)
                .judged_by(judge)
                .next()
                .transpose()
                .map(|next| next.is_some()),
            Verdict::Through => Ok(false),
        }
    }
}
