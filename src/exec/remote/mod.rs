//! What is fetched for ADD, or as a context: files from web servers, and git repositories.
//!
//! First a source is *pinned*: its server says which file or commit it is now. That alone decides whether an earlier
//! result can be used again, so nothing is transferred for a source that has not changed. Only then it is laid out as a
//! tree, from which it is copied like any other. Knows no steps. As with BuildKit, a source that cannot be asked is an
//! error even where it was fetched before, unless `--checksum` (or a whole commit id) says which one it must be.

mod git;
mod mirror;
mod reference;
mod secrets;
mod web;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::backend::Cancel;
use super::error::{Error, Result};
use super::request::Settings;
use crate::digest::{Digest, Hasher};
use crate::model::Remote;
use crate::plan::record::{FileKind, FileRecord};
use crate::plan::{Add, Source};
use crate::store::Store;
use crate::text::{Span, Spanned};
use git::Commit;
pub(super) use mirror::is_mirror;
use reference::GitReference;
use web::WebFile;

/// What fetching needs.
#[derive(Clone, Copy)]
pub(super) struct Fetcher<'a> {
    pub(super) store: &'a Store,
    pub(super) settings: &'a Settings,
    pub(super) cancel: &'a Cancel,
}

/// A source of which is known what it is now.
pub(super) enum Pinned {
    /// A file.
    File(WebFile),
    /// A commit of a repository.
    Commit(Commit),
}

/// Whether `source` is fetched.
pub(super) fn is_remote(source: &Source) -> bool {
    matches!(source, Source::Url(_) | Source::Git(_))
}

impl Fetcher<'_> {
    /// Asks for each remote source of `add` what it is now; in the order of all sources, none for those that lie here.
    pub(super) fn pin(&self, add: &Add) -> Result<Vec<Option<Pinned>>> {
        add.transfer.sources.iter().map(|source| self.pin_one(add, source)).collect()
    }

    /// Asks what is at the address of a context now.
    pub(super) fn pin_context(&self, address: &str, keeps_git_dir: bool, span: Span) -> Result<Pinned> {
        let wrong = |message: String| Error::Wrong { message, span: Some(span) };
        match Remote::of_context(address) {
            Some(Remote::Git) => {
                // As the makers of Docker once wrote the addresses of repositories there.
                let short = address.starts_with("github.com/").then(|| format!("https://{address}"));
                let mut reference = GitReference::parse(short.as_deref().unwrap_or(address)).map_err(wrong)?;
                reference.keeps_git_dir |= keeps_git_dir;
                Ok(Pinned::Commit(git::pin(self, reference, span)?))
            }
            Some(Remote::Url) => Ok(Pinned::File(web::pin(self, address, None, span)?)),
            None => Err(wrong(format!("`{address}` is no address"))),
        }
    }

    fn pin_one(&self, add: &Add, Spanned { value, span }: &Spanned<Source>) -> Result<Option<Pinned>> {
        Ok(match value {
            Source::Path(_) | Source::Inline(_) => None,
            Source::Url(url) => Some(Pinned::File(web::pin(self, url, add.checksum.as_ref(), *span)?)),
            Source::Git(text) => {
                let wrong = |message: String| Error::Wrong { message, span: Some(*span) };
                let mut reference = GitReference::parse(text).map_err(wrong)?;
                if let Some(checksum) = &add.checksum {
                    reference.demand(&checksum.value).map_err(wrong)?;
                }
                if let Some(keep) = &add.keep_git_dir {
                    reference.keeps_git_dir = keep.value;
                }
                Some(Pinned::Commit(git::pin(self, reference, *span)?))
            }
        })
    }
}

impl Pinned {
    /// Everything that the result depends on.
    fn identity(&self) -> Digest {
        let mut hasher = Hasher::new();
        match self {
            Self::File(file) => file.identify(&mut hasher),
            Self::Commit(commit) => commit.identify(&mut hasher),
        }
        hasher.finish()
    }

    /// How it is remembered, so that a change can be told.
    fn record(&self) -> (String, FileRecord) {
        let (shown, what) = match self {
            Self::File(file) => (file.shown(), FileKind::File { size: file.size, content: file.content }),
            Self::Commit(commit) => (commit.shown(), FileKind::Special { node: format!("commit {}", commit.id) }),
        };
        (shown, FileRecord { what, mode: None, owner: (0, 0), digest: Some(self.identity()) })
    }

    /// Where it is, in the directory where it is laid out.
    fn place(&self) -> &str {
        match self {
            Self::File(file) => &file.name,
            Self::Commit(commit) => commit.subdirectory(),
        }
    }
}

/// The key of all sources, where everything is known of them without looking at a tree.
pub(super) fn identity(sources: &[Spanned<Source>], pinned: &[Option<Pinned>]) -> Option<Digest> {
    let mut hasher = Hasher::new();
    for (source, pinned) in sources.iter().zip(pinned) {
        match (pinned, &source.value) {
            (Some(pinned), _) => hasher.field(pinned.identity().as_bytes()),
            // What is written in the Dockerfile is part of the operation.
            (None, Source::Inline(_)) => {}
            (None, _) => return None,
        }
    }
    pinned.iter().any(Option::is_some).then(|| hasher.finish())
}

/// How the remote sources are remembered.
pub(super) fn described(pinned: &[Option<Pinned>]) -> BTreeMap<String, FileRecord> {
    pinned.iter().flatten().map(Pinned::record).collect()
}

/// Lays every remote source out below `room`; gives their paths there, in the order of all sources.
pub(super) fn lay_out(
    fetcher: &Fetcher<'_>,
    sources: &[Spanned<Source>],
    pinned: &[Option<Pinned>],
    room: &Path,
) -> Result<Vec<Option<String>>> {
    let one = |(number, (source, pinned)): (usize, (&Spanned<Source>, &Option<Pinned>))| {
        let Some(pinned) = pinned else { return Ok(None) };
        let directory = room.join(number.to_string());
        fs::create_dir(&directory).map_err(Error::io(format!("make {}", directory.display())))?;
        lay_out_one(fetcher, pinned, &directory, source.span)?;
        Ok(Some(format!("{number}/{}", pinned.place())))
    };
    sources.iter().zip(pinned).enumerate().map(one).collect()
}

fn lay_out_one(fetcher: &Fetcher<'_>, pinned: &Pinned, directory: &Path, span: Span) -> Result<()> {
    match pinned {
        Pinned::File(file) => file.lay_out(fetcher.store, directory),
        Pinned::Commit(commit) => commit.lay_out(fetcher, directory, span),
    }
}
