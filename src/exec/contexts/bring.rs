//! Contexts that lie elsewhere: a repository, an archive on a web server, an archive that somebody sends.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::super::archive::{self, Archive, Found};
use super::super::backend::Cancel;
use super::super::chain::Chain;
use super::super::commit::{commit, find};
use super::super::error::{Error, Result};
use super::super::remote::{Fetcher, Pinned};
use super::super::request::Settings;
use super::super::unpack::unpack_archive;
use crate::digest::{Digest, Hasher};
use crate::store::{Kind, Record, Store};
use crate::text::Span;
use crate::tree::Root;
use crate::tree::follow::Last;

/// A Dockerfile is not longer.
const LONGEST_FILE: u64 = 10 << 20;

/// What bringing a context takes.
#[derive(Clone, Copy)]
pub struct Fetching<'a> {
    /// Where it is laid out.
    pub store: &'a Store,
    /// Secrets and agents to log in with, and how much may come out of an archive.
    pub settings: &'a Settings,
    /// Whether a repository comes with its `.git`: the build argument BUILDKIT_CONTEXT_KEEP_GIT_DIR.
    pub keeps_git_dir: bool,
    /// Calls it off.
    pub cancel: &'a Cancel,
}

/// What was brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BroughtContext {
    /// Files, in a directory of the store in which nothing may be changed.
    Tree {
        /// Where.
        root: PathBuf,
        /// Whether the owners are those that an archive says, instead of root.
        keeps_owners: bool,
    },
    /// One file that is no archive: a Dockerfile.
    File(Vec<u8>),
}

/// Fetches what is at `address`, which is written at `span`. What has not changed is not transferred again.
pub fn fetch_context(fetching: &Fetching<'_>, address: &str, span: Span) -> Result<BroughtContext> {
    let Fetching { store, settings, keeps_git_dir, cancel } = *fetching;
    let fetcher = Fetcher { store, settings, cancel };
    match fetcher.pin_context(address, keeps_git_dir, span)? {
        Pinned::Commit(commit) => {
            let mut key = Hasher::new();
            key.field("context");
            commit.identify_tree(&mut key);
            let root = keep(store, cancel, &key.finish(), |upper| commit.lay_out(&fetcher, upper, span))?;
            Ok(BroughtContext::Tree { root: below(&root, commit.subdirectory(), address, span)?, keeps_owners: false })
        }
        Pinned::File(file) => {
            let gone = || io::Error::other("it was removed from the store meanwhile");
            let failed = || Error::io(format!("read {address}"));
            let content = store.blobs.open(&file.content)?.ok_or_else(gone).map_err(failed())?;
            from_file(store, settings, cancel, content, &file.content).map_err(|error| told(error, address))
        }
    }
}

/// Reads a context from `input`: an archive, or a Dockerfile alone.
pub fn read_context(fetching: &Fetching<'_>, input: &mut dyn Read) -> Result<BroughtContext> {
    let Fetching { store, settings, cancel, .. } = *fetching;
    let failed = || Error::io("keep the context that is being sent");
    let room = store.snapshots.begin()?;
    let path = room.work().join("context");
    let mut file = File::options().read(true).write(true).create_new(true).open(&path).map_err(failed())?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 1 << 17];
    loop {
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                hasher.update(&buffer[..count]);
                file.write_all(&buffer[..count]).map_err(failed())?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::io("read the context")(error)),
        }
    }
    file.rewind().map_err(failed())?;
    from_file(store, settings, cancel, file, &hasher.finish()).map_err(|error| told(error, "the context"))
}

/// What `file` is, of which the digest is `content`.
fn from_file(
    store: &Store,
    settings: &Settings,
    cancel: &Cancel,
    file: File,
    content: &Digest,
) -> Result<BroughtContext> {
    let failed = || Error::io("read the context");
    let again = file.try_clone().map_err(failed())?;
    match archive::look(file, settings.limits).map_err(failed())? {
        Found::Archive(mut archive) => {
            let mut key = Hasher::new();
            key.field("context");
            key.field(content.as_bytes());
            let root = keep(store, cancel, &key.finish(), |upper| unpack(&mut archive, upper))?;
            Ok(BroughtContext::Tree { root, keeps_owners: true })
        }
        Found::Plain => {
            let (mut again, mut bytes) = (again, Vec::new());
            let read = again.rewind().and_then(|()| again.take(LONGEST_FILE + 1).read_to_end(&mut bytes));
            read.map_err(failed())?;
            if bytes.len() as u64 > LONGEST_FILE {
                let message = "it is no archive, and longer than any Dockerfile".to_owned();
                return Err(Error::Wrong { message, span: None });
            }
            Ok(BroughtContext::File(bytes))
        }
    }
}

fn unpack(archive: &mut Archive, upper: &Path) -> Result<()> {
    unpack_archive(archive, &Root::open(upper)?, Path::new(""), None)
}

/// The tree under `key`: kept from before, or laid out by `fill`.
fn keep(store: &Store, cancel: &Cancel, key: &Digest, fill: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let root = |chain: &Chain| {
        let top = chain.top().expect("a context is kept as a snapshot, however little is in it");
        store.snapshots.changes(&top.id)
    };
    let _alone = super::super::perform::lock(store, cancel, key)?;
    if let Some(chain) = find(store, key, &Chain::default())? {
        return Ok(root(&chain));
    }
    let scratch = store.snapshots.begin()?;
    fill(&scratch.upper())?;
    let chain = commit(store, scratch, &Chain::default(), &[], None)?.chain;
    let snapshot = chain.top().map(|top| top.id.clone());
    store.records.put(Kind::Chain, key, &Record { snapshot, ..Record::default() })?;
    Ok(root(&chain))
}

/// A directory in what was brought; links on the way to it stay inside.
fn below(root: &Path, subdirectory: &str, address: &str, span: Span) -> Result<PathBuf> {
    if subdirectory.is_empty() {
        return Ok(root.to_owned());
    }
    let opened = Root::open(root)?;
    match opened.inspect(Path::new(subdirectory), Last::Followed)? {
        Some(entry) if entry.is_directory() => Ok(opened.outside(&entry.path)),
        _ => {
            let message = format!("there is no directory `{subdirectory}` in {address}");
            Err(Error::Wrong { message, span: Some(span) })
        }
    }
}

/// The same error with what it is about in front.
fn told(error: Error, what: &str) -> Error {
    match error {
        Error::Wrong { message, span } => Error::Wrong { message: format!("{what}: {message}"), span },
        other => other,
    }
}
