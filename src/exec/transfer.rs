//! COPY and ADD: what they take, what that is for a cache key, and putting it where it goes.
//!
//! Works on trees that are there (a build context, a mounted stage); does not know how they came to be.

use std::path::Path;

use super::archive::{self, Found};
use super::error::{Error, Result};
use super::unpack::unpack_archive;
use crate::model::ignore::IgnoreFile;
use crate::plan::{Inline, Source};
use crate::text::{Span, Spanned};
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
}

impl<'a> Trees<'a> {
    /// The same without what `exclude` leaves out.
    pub(super) fn excluding(mut self, exclude: &'a (dyn Fn(&Path) -> Verdict + Sync)) -> Self {
        self.paths.tree.exclude = Some(exclude);
        self
    }
}

/// What one source names.
pub(super) struct Selected<'a> {
    from: Readable<'a>,
    hits: Vec<Hit>,
}

/// Finds what `sources` name; with `keeps_parents` as parts of the trees that they are in.
pub(super) fn select<'a>(
    trees: Trees<'a>,
    sources: &[Spanned<Source>],
    keeps_parents: bool,
) -> Result<Vec<Selected<'a>>> {
    let find = |source: &Spanned<Source>| {
        let (from, hits) = match &source.value {
            Source::Path(path) if keeps_parents => (trees.paths, trees.paths.tree.select_with_parents(path)),
            Source::Path(path) => (trees.paths, trees.paths.tree.select(path)),
            Source::Inline(Inline { name, .. }) => (trees.inline, trees.inline.tree.select(name)),
            Source::Url(_) | Source::Git(_) => unreachable!("what is remote stops a build before it begins"),
        };
        Ok(Selected { from, hits: hits.map_err(|error| Error::at(error, source.span))? })
    };
    sources.iter().map(find).collect()
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

/// What arrives, path by path: the material of the content key.
pub(super) fn records(selected: &[Selected<'_>], arrival: &Arrival) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for Selected { from, hits } in selected {
        records.extend(arriving(&from.tree, hits, arrival, from.content)?);
    }
    Ok(records)
}

/// How what was selected gets there.
pub(super) struct Delivery<'a> {
    /// The file system that takes it.
    pub(super) target: &'a Root,
    /// Where to.
    pub(super) destination: &'a str,
    /// With which owner and mode.
    pub(super) arrival: &'a Arrival,
    /// Whether archives are unpacked.
    pub(super) unpacks: bool,
    /// Where the instruction is written.
    pub(super) span: Span,
}

impl Delivery<'_> {
    /// Puts it there.
    pub(super) fn put(&self, selected: &[Selected<'_>]) -> Result<()> {
        for Selected { from, hits } in selected {
            if self.unpacks {
                hits.iter().try_for_each(|hit| self.add(&from.tree, hit))?;
            } else {
                copy(&from.tree, hits, self.target, self.destination, self.arrival)?;
            }
        }
        Ok(())
    }

    fn add(&self, tree: &SourceTree<'_>, hit: &Hit) -> Result<()> {
        match look(tree, hit)? {
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
            Found::Unreadable(compression) => {
                let what = format!("ADD of `{}`, which is compressed with {compression},", hit.name.display());
                Err(Error::NotSupported { what, span: self.span })
            }
        }
    }
}

fn look(tree: &SourceTree<'_>, hit: &Hit) -> Result<Found> {
    if hit.entry.kind != Kind::File {
        return Ok(Found::Plain);
    }
    let missing = || TreeError::NotFound { path: hit.name.clone() };
    let file = tree.root.open_file(&hit.entry.path)?.ok_or_else(missing)?;
    archive::look(file).map_err(Error::io(format!("read {}", hit.name.display())))
}
