//! Cache mounts: which directory of the store one is, taking it, and what it begins with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread;

use super::super::backend::Shows;
use super::super::error::{Error, Result};
use super::super::origin::Origin;
use super::super::perform::LOOK_AGAIN;
use super::{Attributes, Given, Mounting, Showing, part_of};
use crate::digest::{Digest, Hasher};
use crate::model::MountKind;
use crate::plan::Mount;
use crate::store::Sharing;
use crate::tree::follow::Last;
use crate::tree::{NewDirectory, Root};

/// The name of what a cache holds, inside its directory.
const CONTENT: &str = "content";

impl Mounting<'_> {
    /// Takes every cache that is asked for, in the order of their keys, so that two steps cannot wait for each other.
    pub(super) fn take_caches(&self, given: &mut Given) -> Result<()> {
        let caches = self.mounts.iter().filter(|showing| showing.mount.options.kind == MountKind::Cache);
        let wanted: BTreeMap<Digest, Showing<'_>> =
            caches.map(|showing| (self.cache_key(*showing), *showing)).collect();
        for (key, showing) in wanted {
            let sharing = match showing.mount.options.sharing.as_deref() {
                Some("private") => Sharing::Private,
                Some("locked") => Sharing::Locked,
                _ => Sharing::Shared,
            };
            let begin = |content: &Path| self.begin_cache(&key, showing, content);
            let cache = loop {
                if let Some(cache) = self.site.tools.store.caches.take(&key, cache_id(showing.mount), sharing, begin)? {
                    break cache;
                }
                if self.site.tools.cancel.is_cancelled() {
                    return Err(Error::Cancelled);
                }
                thread::sleep(LOOK_AGAIN);
            };
            given.caches.insert(key, cache);
        }
        Ok(())
    }

    /// Caches are the same if they are called the same and begin the same.
    fn cache_key(&self, Showing { mount, origin }: Showing<'_>) -> Digest {
        let mut hasher = Hasher::new();
        hasher.field("cache mount");
        hasher.field(&self.site.settings.cache_namespace);
        hasher.field(cache_id(mount));
        for number in [mount.options.mode, mount.options.uid, mount.options.gid] {
            hasher.field(number.map(|number| number.to_string()).unwrap_or_default());
        }
        hasher.field(match (mount.origin, origin) {
            (None, _) => String::new(),
            (Some(_), Origin::Chain(chain)) => part_of(chain, &mount.source).to_string(),
            // What it begins with is what lies there when it is first used.
            (Some(_), Origin::Context(_)) => {
                format!("files of {}/{}", mount.options.from.as_deref().unwrap_or_default(), mount.source)
            }
        });
        hasher.finish()
    }

    /// What a new cache begins with: what it holds elsewhere, or what it is to be taken from, or an empty directory.
    fn begin_cache(&self, key: &Digest, showing: Showing<'_>, content: &Path) -> Result<()> {
        if self.site.imports.fill(key, content)? {
            return Ok(());
        }
        if showing.mount.origin.is_some() {
            return self.copy(showing, content, CONTENT);
        }
        let Attributes { mode, uid, gid } = Attributes::of(showing.mount, 0o755);
        Root::open(content)?.make_directories(Path::new(CONTENT), NewDirectory { mode, uid, gid })?;
        Ok(())
    }

    pub(super) fn show_cache(&self, showing: Showing<'_>, given: &mut Given) -> Result<()> {
        let mount = showing.mount;
        let root = given.caches[&self.cache_key(showing)].path().join(CONTENT);
        // What a cache takes from elsewhere has its source in it already.
        let path = if mount.origin.is_some() { "" } else { &mount.source };
        if Root::open(&root)?.inspect(Path::new(path), Last::Followed)?.is_none() {
            let message = format!("the cache has no `{path}`: make it in an earlier step");
            return Err(Error::Wrong { message, span: Some(mount.span) });
        }
        given.add(mount, Shows::Tree { root, path: PathBuf::from(path) });
        Ok(())
    }
}

/// What a cache is called.
fn cache_id(mount: &Mount) -> &str {
    mount.options.id.as_deref().filter(|id| !id.is_empty()).unwrap_or(&mount.target)
}
