//! What was fetched of a repository, kept: a commit that is here is fetched once, whatever part of it is wanted.
//!
//! A mirror is a bare repository in a directory of the store that lives from build to build, as cache mounts do; it is
//! counted and pruned like those, and nobody loses anything when it is gone.

use std::path::Path;
use std::thread;

use super::super::error::{Error, Result};
use super::super::perform::LOOK_AGAIN;
use super::Fetcher;
use super::git::{Git, shown};
use super::reference::GitReference;
use crate::digest::{Digest, Hasher};
use crate::store::{Cache, Sharing};
use crate::text::Span;

/// How the caches that are mirrors are called.
const CALLED: &str = "git mirror of ";

/// Whether the cache of this name is a mirror.
pub(in crate::exec) fn is_mirror(id: &str) -> bool {
    id.starts_with(CALLED)
}

/// The mirror of a repository, taken for as long as this lives.
pub(super) struct Mirror {
    cache: Cache,
}

impl Mirror {
    /// Takes the mirror of the repository, which has the commit `id` then.
    pub(super) fn with(fetcher: &Fetcher<'_>, reference: &GitReference, id: &str, span: Span) -> Result<Self> {
        let mirror = Self { cache: take(fetcher, reference, span)? };
        let git = Git { fetcher, reference, directory: Some(mirror.path()), span };
        let commit = format!("{id}^{{commit}}");
        if git.run(&["cat-file", "-e", &commit]).is_ok() {
            return Ok(mirror);
        }
        // Not every server gives out a commit by its id, or a part of the history.
        if git.run(&["fetch", "--quiet", "--depth=1", "--no-tags", "--", &reference.repository, id]).is_err() {
            let all = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
            git.run(&[&["fetch", "--quiet", "--force", "--", &reference.repository][..], &all].concat())?;
        }
        Ok(mirror)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.cache.path()
    }
}

fn take(fetcher: &Fetcher<'_>, reference: &GitReference, span: Span) -> Result<Cache> {
    let begin = |directory: &Path| -> Result<()> {
        let git = Git { fetcher, reference, directory: Some(directory), span };
        git.run(&["init", "--quiet", "--bare", "--template="])?;
        // Commits are asked for by their ids.
        git.run(&["config", "uploadpack.allowAnySHA1InWant", "true"])?;
        Ok(())
    };
    let id = format!("{CALLED}{}", shown(&reference.repository));
    loop {
        if let Some(cache) = fetcher.store.caches.take(&key(reference), &id, Sharing::Locked, begin)? {
            return Ok(cache);
        }
        if fetcher.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        thread::sleep(LOOK_AGAIN);
    }
}

fn key(reference: &GitReference) -> Digest {
    let mut hasher = Hasher::new();
    hasher.field("git mirror");
    hasher.field(&reference.repository);
    hasher.finish()
}
