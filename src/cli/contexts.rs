//! The build contexts of many Dockerfiles, each opened once: in one repository most share a few.
//!
//! What an ignore file leaves out is part of a context, so a Dockerfile with an ignore file of its own has one to itself.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::model::History;
use crate::workspace::history::history;
use crate::workspace::{Context, StatCache, own_ignore_file};

/// The contexts that were asked for.
#[derive(Default)]
pub(super) struct Contexts {
    known: Mutex<BTreeMap<Key, Arc<Once>>>,
}

/// A context once somebody has opened it; none inside where it cannot be had.
type Once = OnceLock<Option<Arc<Opened>>>;

/// The directory, and the Dockerfile where that has an ignore file of its own.
type Key = (PathBuf, Option<PathBuf>);

/// An open context, and what git tells of it once somebody asks.
pub(super) struct Opened {
    pub(super) context: Arc<Context>,
    history: OnceLock<Option<History>>,
}

impl Contexts {
    /// The context in `directory` for this Dockerfile; none where it cannot be had.
    pub(super) fn open(&self, directory: &Path, dockerfile: Option<&Path>) -> Option<Arc<Opened>> {
        let own = dockerfile.filter(|dockerfile| has_own_ignore_file(dockerfile));
        let key = (directory.to_owned(), own.map(Path::to_owned));
        // Whoever comes first opens it, and only those who want the same one wait.
        let place = Arc::clone(self.known.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
        let open = || Context::open(directory, own, StatCache::in_memory()).ok();
        let opened = |context| Arc::new(Opened { context: Arc::new(context), history: OnceLock::new() });
        place.get_or_init(|| open().map(opened)).clone()
    }
}

impl Opened {
    /// Which of its files as many past commits changed, if git can tell; as many for everybody who asks.
    pub(super) fn history(&self, most: usize) -> Option<History> {
        self.history.get_or_init(|| history(self.context.root(), most).ok()).clone()
    }
}

/// One that cannot be looked at counts: opening the context tells of it.
fn has_own_ignore_file(dockerfile: &Path) -> bool {
    !matches!(own_ignore_file(dockerfile).symlink_metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dockerfiles_share_a_context_unless_one_has_an_ignore_file_of_its_own() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("c.Dockerfile.dockerignore"), "*\n").expect("a file");
        let contexts = Contexts::default();
        let open = |name: &str| contexts.open(folder.path(), Some(&path(name))).expect("a context");
        let (a, b, c) = (open("a.Dockerfile"), open("b.Dockerfile"), open("c.Dockerfile"));
        assert!(Arc::ptr_eq(&a, &b), "the same one");
        assert!(!Arc::ptr_eq(&a, &c), "another one");
        assert!(a.context.ignore_file().is_none() && c.context.ignore_file().is_some());
        assert!(contexts.open(&path("gone"), None).is_none());
    }
}
