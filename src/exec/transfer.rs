//! COPY and ADD: what they take, what that is for a cache key, and putting it where it goes.
//!
//! Works on trees that are there (a build context, a mounted stage); does not know how they came to be.

use std::path::Path;

use super::archive::{self, Found};
use super::error::{Error, Result};
use super::remote::is_remote;
use super::unpack::unpack_archive;
use crate::model::ignore::IgnoreFile;
use crate::oci::layer::Limits;
use crate::plan::{Inline, Source};
use crate::text::Spanned;
use crate::tree::copy::{Arrival, copy};
use crate::tree::follow::Last;
use crate::tree::record::{ContentDigest, Record, arriving};
use crate::tree::select::{Hit, SourceTree};
use crate::tree::{Kind, NewDirectory, Root, TreeError, Verdict};

/// A tree, and how the content of its files is digested.
#[derive(Clone, Copy)]
pub(super) struct Readable<'a> {
    pub(super) tree: SourceTree<'a>,
    pub(super) content: ContentDigest<'a>,
}

/// Where the sources of an instruction are.
#[derive(Clone, Copy)]
pub(super) struct Trees<'a> {
    /// Where paths are looked up.
    pub(super) paths: Readable<'a>,
    /// Where the files are that the Dockerfile writes out.
    pub(super) inline: Readable<'a>,
    /// Where what was fetched is laid out.
    pub(super) remote: Readable<'a>,
    /// At which path there, in the order of the sources.
    pub(super) places: &'a [Option<String>],
}

impl<'a> Trees<'a> {
    /// The same without what `exclude` leaves out.
    pub(super) fn excluding(mut self, exclude: &'a (dyn Fn(&Path) -> Verdict + Sync)) -> Self {
        self.paths.tree.exclude = Some(exclude);
        self.remote.tree.exclude = Some(exclude);
        self
    }
}

/// What one source names.
pub(super) struct Selected<'a> {
    /// Whether it was fetched.
    pub(super) is_remote: bool,
    from: Readable<'a>,
    hits: Vec<Hit>,
}

/// Finds what `sources` name; with `keeps_parents` as parts of the trees that they are in.
pub(super) fn select<'a>(
    trees: Trees<'a>,
    sources: &[Spanned<Source>],
    keeps_parents: bool,
) -> Result<Vec<Selected<'a>>> {
    let find = |(number, source): (usize, &Spanned<Source>)| {
        let is_remote = is_remote(&source.value);
        let (from, hits) = match &source.value {
            Source::Path(path) if keeps_parents => (trees.paths, trees.paths.tree.select_with_parents(path)),
            Source::Path(path) => (trees.paths, trees.paths.tree.select(path)),
            Source::Inline(Inline { name, .. }) => (trees.inline, trees.inline.tree.select(name)),
            Source::Url(_) | Source::Git(_) => {
                let place = trees.places[number].as_deref().expect("what is remote is laid out");
                (trees.remote, trees.remote.tree.find(place).map(|hit| vec![hit]))
            }
        };
        Ok(Selected { is_remote, from, hits: hits.map_err(|error| Error::at(error, source.span))? })
    };
    sources.iter().enumerate().map(find).collect()
}

/// What is left out by `--exclude`, by the path below what a source names.
pub(super) fn exclusion(patterns: &[Spanned<String>]) -> Result<IgnoreFile> {
    // One after the other, so that the one that cannot be read is told.
    for Spanned { value, span } in patterns {
        IgnoreFile::from_patterns([value.as_str()])
            .map_err(|error| Error::Wrong { message: error.to_string(), span: Some(*span) })?;
    }
    IgnoreFile::from_patterns(patterns.iter().map(|pattern| pattern.value.as_str()))
        .map_err(|error| Error::Wrong { message: error.to_string(), span: None })
}

/// What `exclusion` says of a path.
pub(super) fn verdict(exclusion: &IgnoreFile, path: &Path) -> Verdict {
    let path = path.to_string_lossy();
    match exclusion.excludes(&path) {
        false => Verdict::Take,
        true if exclusion.may_include_below(&path) => Verdict::Through,
        true => Verdict::Skip,
    }
}

/// What arrives of each source, path by path: the material of the content key.
pub(super) fn records(selected: &[Selected<'_>], arrival: &Arrival) -> Result<Vec<Vec<Record>>> {
    let of = |Selected { from, hits, .. }: &Selected<'_>| Ok(arriving(&from.tree, hits, arrival, from.content)?);
    selected.iter().map(of).collect()
}

/// Which archives are unpacked.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Unpacks {
    /// Those that lie here.
    pub(super) local: bool,
    /// Those that were fetched.
    pub(super) remote: bool,
}

/// How what was selected gets there.
pub(super) struct Delivery<'a> {
    /// The file system that takes it.
    pub(super) target: &'a Root,
    /// Where to.
    pub(super) destination: &'a str,
    /// With which owner and mode.
    pub(super) arrival: &'a Arrival,
    /// Which archives are unpacked.
    pub(super) unpacks: Unpacks,
    /// How much may come out of one.
    pub(super) limits: Limits,
}

impl Delivery<'_> {
    /// Puts it there.
    pub(super) fn put(&self, selected: &[Selected<'_>]) -> Result<()> {
        for Selected { is_remote, from, hits } in selected {
            let unpacks = if *is_remote { self.unpacks.remote } else { self.unpacks.local };
            if unpacks {
                hits.iter().try_for_each(|hit| self.add(&from.tree, hit))?;
            } else {
                copy(&from.tree, hits, self.target, self.destination, self.arrival)?;
            }
        }
        Ok(())
    }

    fn add(&self, tree: &SourceTree<'_>, hit: &Hit) -> Result<()> {
        match look(tree, hit, self.limits)? {
            Found::Plain => {
                copy(tree, std::slice::from_ref(hit), self.target, self.destination, self.arrival)?;
                Ok(())
            }
            Found::Archive(mut archive) => {
                let (uid, gid) = self.arrival.owner.unwrap_or_default();
                let place = self.target.follow(Path::new(self.destination), Last::Followed)?;
                let at = self.target.make_directories(&place, NewDirectory { mode: 0o755, uid, gid })?;
                unpack_archive(&mut archive, self.target, &at, self.arrival.owner)
            }
        }
    }
}

fn look(tree: &SourceTree<'_>, hit: &Hit, limits: Limits) -> Result<Found> {
    if hit.entry.kind != Kind::File {
        return Ok(Found::Plain);
    }
    let missing = || TreeError::NotFound { path: hit.name.clone() };
    let file = tree.root.open_file(&hit.entry.path)?.ok_or_else(missing)?;
    archive::look(file, limits).map_err(Error::io(format!("read {}", hit.name.display())))
}
