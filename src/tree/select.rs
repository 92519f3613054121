//! Which entries of a tree the sources of a COPY name.
//!
//! Knows paths and wildcards, not where the entries go. Invariant: hits come in byte order, and what the tree's judge
//! leaves out does not exist.

use std::path::{Path, PathBuf};

use crate::glob::{Glob, has_wildcard};

use super::entry::{Entry, Kind};
use super::error::{Result, TreeError};
use super::follow::{Last, clean};
use super::gather::gather_with_xattrs;
use super::resolve::Root;
use super::walk::{Verdict, Walk};

/// A tree that is copied from: a build context, or the root file system of a stage or image.
#[derive(Clone, Copy)]
pub struct SourceTree<'a> {
    /// Where it is.
    pub root: &'a Root,
    /// Whether entries keep their owner (a stage or image), or come as root's (a build context).
    pub keeps_owners: bool,
    /// Whether entries come with the modes that git knows instead of their own.
    pub has_plain_modes: bool,
    /// What is left out (the ignore file of a context); `None` if nothing is.
    pub judge: Option<&'a (dyn Fn(&Entry) -> Verdict + Sync)>,
    /// What is left out besides, by the path below what a source names (`--exclude`); `None` if nothing is.
    pub exclude: Option<&'a (dyn Fn(&Path) -> Verdict + Sync)>,
}

/// One entry that a source names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The path by which it was found: its last name is the one that counts at the destination.
    pub name: PathBuf,
    /// What that path leads to, links followed; its own path is free of links.
    pub entry: Entry,
    /// Of a directory, what is meant of it.
    pub part: Part,
}

/// Which part of a directory is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    All,
    /// What is at this path, with the directories on the way to it.
    At(PathBuf),
    /// What matches, with the directories on the way to it.
    Matching(Glob),
}

impl Part {
    /// Whether what is at `path`, below the directory, belongs to it.
    fn verdict(&self, path: &Path) -> Verdict {
        match self {
            Self::All => Verdict::Take,
            Self::At(place) if path.starts_with(place) => Verdict::Take,
            Self::At(place) if place.starts_with(path) => Verdict::Through,
            Self::At(_) => Verdict::Skip,
            Self::Matching(glob) => {
                let matches = |path: &Path| glob.matches(&path.to_string_lossy());
                let may_match_below = glob.may_match_below(&path.to_string_lossy());
                match path.ancestors().filter(|path| !path.as_os_str().is_empty()).any(matches) {
                    true => Verdict::Take,
                    false if may_match_below => Verdict::Through,
                    false => Verdict::Skip,
                }
            }
        }
    }
}

impl<'a> SourceTree<'a> {
    /// A whole root file system.
    pub fn of_stage(root: &'a Root) -> Self {
        Self { root, keeps_owners: true, has_plain_modes: false, judge: None, exclude: None }
    }

    /// A build context, from which `judge` leaves out what is ignored.
    pub fn of_context(root: &'a Root, judge: &'a (dyn Fn(&Entry) -> Verdict + Sync)) -> Self {
        Self { root, keeps_owners: false, has_plain_modes: false, judge: Some(judge), exclude: None }
    }

    /// What `source` names, as written in a COPY after expansion. A name written in full must exist; a wildcard may
    /// match nothing. A matched directory is not searched further.
    pub fn select(&self, source: &str) -> Result<Vec<Hit>> {
        let path = clean(Path::new(source));
        let is_literal = |component: &&std::ffi::OsStr| !has_wildcard(&component.to_string_lossy());
        let literal: PathBuf = path.iter().take_while(is_literal).collect();
        if literal == path {
            return self.find(source).map(|hit| vec![hit]);
        }
        let pattern = path.strip_prefix(&literal).expect("its own beginning").to_string_lossy();
        let glob = Glob::path(&pattern).map_err(|_| TreeError::BadPattern { pattern: source.to_owned() })?;
        let mut hits = Vec::new();
        for path in self.matches(&literal, &glob)? {
            hits.extend(self.hit(path)?);
        }
        // A file that is named by a wildcard can be excluded by its name; one that is written out is meant.
        let name = |hit: &Hit| hit.name.file_name().map(PathBuf::from).unwrap_or_default();
        let stays = |hit: &Hit| self.exclude.is_none_or(|exclude| exclude(&name(hit)) == Verdict::Take);
        hits.retain(|hit| hit.entry.is_directory() || stays(hit));
        Ok(hits)
    }

    /// What `source` names where its directories are to be kept (`--parents`): parts of the root, or of the directory
    /// before the first `/./`. Here `**` stands for any number of directories.
    pub fn select_with_parents(&self, source: &str) -> Result<Vec<Hit>> {
        let (pivot, rest) = source.split_once("/./").unwrap_or(("", source));
        let rest = clean(Path::new(rest));
        let text = rest.to_string_lossy();
        let part = match (rest.as_os_str().is_empty(), has_wildcard(&text)) {
            (true, _) => Part::All,
            (false, false) => Part::At(rest.clone()),
            (false, true) => {
                let bad = |_| TreeError::BadPattern { pattern: source.to_owned() };
                Part::Matching(Glob::ignore(&text).map_err(bad)?)
            }
        };
        let mut hits = self.select(pivot)?;
        hits.retain(|hit| hit.entry.is_directory());
        for hit in &mut hits {
            if let Part::At(rest) = &part
                && self.hit(hit.entry.path.join(rest))?.is_none()
            {
                return Err(TreeError::NotFound { path: source.into() });
            }
            hit.part = part.clone();
        }
        Ok(hits)
    }

    /// What the path `source` leads to, whatever characters are in it.
    pub fn find(&self, source: &str) -> Result<Hit> {
        let hit = self.hit(clean(Path::new(source)))?;
        hit.ok_or_else(|| TreeError::NotFound { path: source.into() })
    }

    /// The entries below the directory of `hit`, in order, with their paths relative to the root of the tree.
    pub fn below(&self, hit: &Hit) -> Result<Vec<Entry>> {
        let start = &hit.entry.path;
        let judge = |entry: &Entry| {
            let path = entry.path.strip_prefix(start).expect("what is gathered lies below its start");
            let judged = self.judge.map_or(Verdict::Take, |judge| judge(entry));
            let excluded = self.exclude.map_or(Verdict::Take, |exclude| exclude(path));
            judged.max(excluded).max(hit.part.verdict(path))
        };
        match self.keeps_owners {
            // A stage is mounted for this thread alone: no other can look at it.
            true => Walk::below(self.root.path(), start).with_xattrs().judged_by(judge).collect(),
            false => gather_with_xattrs(self.root.path(), start, &judge).into_iter().collect(),
        }
    }

    /// The paths that begin with `literal` and whose rest matches.
    fn matches(&self, literal: &Path, glob: &Glob) -> Result<Vec<PathBuf>> {
        let Some(start) = self.root.inspect(literal, Last::Followed)?.filter(Entry::is_directory) else {
            return Ok(Vec::new());
        };
        let mut matches = Vec::new();
        let search = Walk::below(self.root.path(), &start.path).judged_by(|entry| {
            let rest = entry.path.strip_prefix(&start.path).expect("a walk stays below its start");
            let text = rest.to_string_lossy();
            if glob.matches(&text) {
                matches.push(literal.join(rest));
                Verdict::Skip
            } else if glob.may_match_below(&text) && self.judge.is_none_or(|judge| judge(entry) != Verdict::Skip) {
                Verdict::Through
            } else {
                Verdict::Skip
            }
        });
        search.collect::<Result<Vec<Entry>>>()?;
        Ok(matches)
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
        Ok(Some(Hit { name: path, entry, part: Part::All }))
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
