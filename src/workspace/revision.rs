//! What the files of a repository were at a commit: for telling what a change since then touched.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::workspace::history::{HistoryError, git, paths};

/// A commit, and how the working tree differs from it.
#[derive(Debug)]
pub struct Revision {
    root: PathBuf,
    commit: String,
    /// What differs, by its path now, with the path that it had then; none where it is new.
    differing: BTreeMap<String, Option<String>>,
    /// Everything that git knows of now.
    tracked: BTreeSet<String>,
}

/// What a file was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// There was no such file.
    Nothing,
    /// What it is now.
    Same,
    /// Something else.
    Bytes(Vec<u8>),
}

impl Revision {
    /// The commit that `name` means in the repository that `folder` is in.
    pub fn open(folder: &Path, name: &str) -> Result<Self, HistoryError> {
        let line = |output: Vec<u8>| String::from_utf8_lossy(&output).trim_end_matches(['\r', '\n']).to_owned();
        let root = PathBuf::from(line(git(folder, ["rev-parse", "--show-toplevel"])?));
        let commit = format!("{name}^{{commit}}");
        let commit = match git(&root, ["rev-parse", "--verify", "--end-of-options", &commit]) {
            Err(HistoryError::Refused { root, .. }) => {
                return Err(HistoryError::NoCommit { root, name: name.to_owned() });
            }
            output => line(output?),
        };
        let options = ["diff", "-z", "--name-status", "--find-renames", "--no-relative", "--ignore-submodules=all"];
        let output = git(&root, options.into_iter().chain(["--no-ext-diff", "--no-color", &commit, "--"]))?;
        let tracked = paths(&git(&root, ["ls-files", "-z"])?).into_iter().collect();
        Ok(Self { root, commit, differing: differing(&output), tracked })
    }

    /// What the file at `path` was. Links are followed first: what counts is the file that is read.
    pub fn before(&self, path: &Path) -> Result<Before, HistoryError> {
        let Some(path) = path.canonicalize().ok().and_then(|path| self.inside(&path)) else {
            return Ok(Before::Nothing);
        };
        match self.differing.get(&path) {
            Some(None) => Ok(Before::Nothing),
            Some(Some(old)) => {
                let object = format!("{}:{old}", self.commit);
                Ok(Before::Bytes(git(&self.root, ["cat-file", "blob", &object])?))
            }
            None if self.tracked.contains(&path) => Ok(Before::Same),
            None => Ok(Before::Nothing),
        }
    }

    /// The path as git writes it.
    fn inside(&self, path: &Path) -> Option<String> {
        let root = self.root.canonicalize().ok()?;
        let parts = path.strip_prefix(root).ok()?.components();
        let parts: Option<Vec<&str>> = parts.map(|part| part.as_os_str().to_str()).collect();
        Some(parts?.join("/"))
    }
}

/// Reads `STATUS path`, with a second path behind it where the file was renamed.
fn differing(output: &[u8]) -> BTreeMap<String, Option<String>> {
    let mut differing = BTreeMap::new();
    let mut texts = paths(output).into_iter();
    while let (Some(status), Some(path)) = (texts.next(), texts.next()) {
        match status.as_bytes().first() {
            Some(b'D') => {}
            Some(b'R' | b'C') => {
                if let Some(new) = texts.next() {
                    differing.insert(new, Some(path));
                }
            }
            Some(b'M') => _ = differing.insert(path.clone(), Some(path)),
            // New; or what was a link before, or is in the middle of a merge: all of it counts.
            _ => _ = differing.insert(path, None),
        }
    }
    differing
}
