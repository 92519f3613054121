//! COPY and ADD: what they take, what that is for a cache key, and putting it where it goes.
//!
//! Works on trees that are there (a build context, a mounted stage); does not know how they came to be.

use std::path::Path;

use super::archive::{self, Found};
use super::error::{Error, Result};
use super::unpack::unpack_archive;
use crate::plan::{Inline, Source};
use crate::text::{Span, Spanned};
use crate::tree::copy::{Arrival, copy};
use crate::tree::follow::Last;
use crate::tree::record::{ContentDigest, Record, arriving};
use crate::tree::select::{Hit, SourceTree};
use crate::tree::{Kind, NewDirectory, Root, TreeError};

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

/// What one source names.
pub(super) struct Selected<'a> {
    from: Readable<'a>,
    hits: Vec<Hit>,
}

/// Finds what `sources` name.
pub(super) fn select<'a>(trees: Trees<'a>, sources: &[Spanned<Source>]) -> Result<Vec<Selected<'a>>> {
    let find = |source: &Spanned<Source>| {
        let (from, path) = match &source.value {
            Source::Path(path) => (trees.paths, path),
            Source::Inline(Inline { name, .. }) => (trees.inline, name),
            Source::Url(_) | Source::Git(_) => unreachable!("what is remote stops a build before it begins"),
        };
        let hits = from.tree.select(path).map_err(|error| Error::at(error, source.span))?;
        Ok(Selected { from, hits })
    };
    sources.iter().map(find).collect()
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
