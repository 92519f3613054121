//! The ignore file as proposals leave it.

use std::path::{Path, PathBuf};

use crate::cli::console::Console;
use crate::cli::exit::Answer;
use crate::cli::subject::Subject;
use crate::cli::write;
use crate::report::write_patch;
use crate::rewrite::{Proposal, ignore_file_after};

/// An ignore file before and after proposals.
pub(super) struct IgnoreFile {
    path: PathBuf,
    before: String,
    after: String,
}

impl IgnoreFile {
    /// The ignore file of a subject, as it is; none without a context.
    pub(super) fn of(subject: &Subject) -> Option<Self> {
        let context = subject.context.as_ref()?;
        let (path, before) = match context.ignore_file() {
            Some(file) => (PathBuf::from(file.name()), file.text().to_owned()),
            None => (context.root().join(".dockerignore"), String::new()),
        };
        Some(Self { path, after: before.clone(), before })
    }

    /// The same with what further proposals add.
    pub(super) fn with(mut self, moves: &[Proposal]) -> Self {
        self.after = ignore_file_after(&self.after, moves).unwrap_or(self.after);
        self
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is another one afterwards.
    pub(super) fn changes(&self) -> bool {
        self.after != self.before
    }

    pub(super) fn write(&self) -> Answer<()> {
        write::put(&self.path, self.after.as_bytes())
    }

    pub(super) fn write_patch(&self, console: &mut Console) -> Answer<()> {
        let (style, out) = (console.out_style, &mut console.out);
        let name = self.path.display().to_string();
        Ok(write_patch(&name, self.before.as_bytes(), self.after.as_bytes(), style, out)?)
    }
}
