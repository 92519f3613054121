//! Opening the trees that COPY and ADD take from: a context where it lies, a stage through a read-only mount.

use std::fs;
use std::path::Path;

use super::chain::Chain;
use super::error::{Error, Result};
use super::overlay::{Mounted, Stack};
use super::remote::{self, Fetcher, Pinned};
use super::transfer::{Readable, Trees};
use crate::plan::{Inline, Source};
use crate::store::Store;
use crate::text::Spanned;
use crate::tree::record::read_content;
use crate::tree::select::SourceTree;
use crate::tree::{Entry, Root, TreeError, Verdict};
use crate::workspace::Context;

/// Where the paths of a COPY or ADD are looked up.
#[derive(Clone, Copy)]
pub(super) enum Origin<'a> {
    /// A build context or a named one; a build without one has nothing to copy.
    Context(Option<&'a Context>),
    /// The file system of a stage or an image.
    Chain(&'a Chain),
}

impl<'a> Origin<'a> {
    /// The file system, if it is one.
    pub(super) fn chain(self) -> Option<&'a Chain> {
        match self {
            Self::Context(_) => None,
            Self::Chain(chain) => Some(chain),
        }
    }
}

/// What is known of the sources that are fetched, and what fetches them.
pub(super) struct Fetched<'a> {
    pub(super) fetcher: Fetcher<'a>,
    /// In the order of all sources.
    pub(super) pinned: &'a [Option<Pinned>],
}

/// Opens what `sources` are taken from, and lets `use_it` use it. `room` is an empty directory for as long.
pub(super) fn with_trees<T>(
    store: &Store,
    origin: Origin<'_>,
    sources: &[Spanned<Source>],
    fetched: &Fetched<'_>,
    room: &Path,
    use_it: impl FnOnce(Trees<'_>) -> Result<T>,
) -> Result<T> {
    let (written_out, mount_point, laid_out) = (room.join("inline"), room.join("origin"), room.join("remote"));
    for directory in [&written_out, &mount_point, &laid_out] {
        fs::create_dir(directory).map_err(Error::io(format!("make {}", directory.display())))?;
    }
    write_out(sources, &written_out)?;
    let inline_root = Root::open(&written_out)?;
    let take_all = |_: &Entry| Verdict::Take;
    let inline_content = |entry: &Entry| read_content(&inline_root, entry);
    let inline = Readable { tree: SourceTree::of_context(&inline_root, &take_all), content: &inline_content };
    let places = remote::lay_out(&fetched.fetcher, sources, fetched.pinned, &laid_out)?;
    let remote_root = Root::open(&laid_out)?;
    let remote_content = |entry: &Entry| read_content(&remote_root, entry);
    let remote = Readable { tree: SourceTree::of_context(&remote_root, &take_all), content: &remote_content };
    let places = &places[..];
    match origin {
        Origin::Context(None) => use_it(Trees { paths: inline, inline, remote, places }),
        Origin::Context(Some(context)) => {
            let root = Root::open(context.root())?;
            let judge = |entry: &Entry| context.verdict(entry);
            let content = |entry: &Entry| {
                let failed = |source| TreeError::Io { action: "read", path: entry.path.clone(), source };
                context.digest_of(entry).map_err(failed)
            };
            let (keeps_owners, has_plain_modes) = (context.keeps_owners(), context.has_plain_modes());
            let tree = SourceTree { keeps_owners, has_plain_modes, ..SourceTree::of_context(&root, &judge) };
            use_it(Trees { paths: Readable { tree, content: &content }, inline, remote, places })
        }
        Origin::Chain(chain) => with_chain(store, chain, &mount_point, |root| {
            let content = |entry: &Entry| read_content(root, entry);
            let tree = SourceTree::of_stage(root);
            use_it(Trees { paths: Readable { tree, content: &content }, inline, remote, places })
        }),
    }
}

/// Mounts `chain` read-only at the directory `at`, and lets `use_it` use it.
pub(super) fn with_chain<T>(
    store: &Store,
    chain: &Chain,
    at: &Path,
    use_it: impl FnOnce(&Root) -> Result<T>,
) -> Result<T> {
    let lowers = chain.lowers(store);
    let _mounted = Mounted::new(Stack { lowers: &lowers, upper: None }, at)
        .map_err(Error::io("mount the file system of a stage"))?;
    use_it(&Root::open(at)?)
}

fn write_out(sources: &[Spanned<Source>], directory: &Path) -> Result<()> {
    for source in sources {
        if let Source::Inline(Inline { name, content }) = &source.value {
            let place = directory.join(name);
            let written = fs::write(&place, content).and_then(|()| {
                fs::set_permissions(&place, <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o644))
            });
            written.map_err(Error::io(format!("write the heredoc {name}")))?;
        }
    }
    Ok(())
}
