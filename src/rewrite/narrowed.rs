//! A build context after a proposal that leaves more out of it.

use std::io;
use std::sync::Arc;

use crate::digest::Digest;
use crate::model::ignore::IgnoreFile;
use crate::model::{BuildContext, ContextEntry, Surroundings};

/// What the lines of ignore files that rplan writes leave of a context; lines that are none leave all of it.
pub(super) fn narrowed(around: &Surroundings, lines: &[String]) -> Surroundings {
    let ignore = IgnoreFile::from_patterns(lines.iter().map(String::as_str));
    match (&around.context, ignore) {
        (Some(context), Ok(ignore)) if !lines.is_empty() => {
            Surroundings { context: Some(Arc::new(Narrowed::of(Arc::clone(context), ignore))), ..around.clone() }
        }
        _ => around.clone(),
    }
}

struct Narrowed {
    context: Arc<dyn BuildContext>,
    ignore: IgnoreFile,
    entries: Vec<ContextEntry>,
}

impl Narrowed {
    fn of(context: Arc<dyn BuildContext>, ignore: IgnoreFile) -> Self {
        let entries = context.entries().iter().filter(|entry| !ignore.excludes(&entry.path)).cloned().collect();
        Self { context, ignore, entries }
    }

    fn included(&self, path: &str) -> io::Result<()> {
        match self.ignore.excludes(path) {
            true => Err(io::Error::new(io::ErrorKind::NotFound, format!("`{path}` is not in the build context"))),
            false => Ok(()),
        }
    }
}

impl BuildContext for Narrowed {
    fn entries(&self) -> &[ContextEntry] {
        &self.entries
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.included(path).and_then(|()| self.context.read(path))
    }

    fn digest(&self, path: &str) -> io::Result<Digest> {
        self.included(path).and_then(|()| self.context.digest(path))
    }

    fn is_excluded(&self, path: &str) -> bool {
        self.context.is_excluded(path) || (self.ignore.excludes(path) && self.context.entry(path).is_some())
    }

    fn excludes(&self, path: &str) -> bool {
        self.context.excludes(path) || self.ignore.excludes(path)
    }

    fn has_ignore_file(&self) -> bool {
        true
    }
}
