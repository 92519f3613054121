//! Past commits of a build context, written out beside the repository.
//!
//! Needs no working tree of git's own and leaves nothing in the repository: files come out of its objects through an
//! index that is thrown away.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;

use crate::workspace::history::{HistoryError, commits, git, git_with};

/// A commit as it changed a build context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its name.
    pub name: String,
    /// The files below the context that it changed, under the paths that the context has for them.
    pub changed: BTreeSet<String>,
}

/// The last `most` main-line commits that changed something below `root`, oldest first.
pub fn latest(root: &Path, most: usize) -> Result<Vec<Commit>, HistoryError> {
    let found = commits(root, ".", most)?.into_iter().rev();
    Ok(found.map(|commit| Commit { name: commit.name, changed: commit.changed }).collect())
}

/// Writes what was below `root` at `commit` into the directory `place`, which is empty. What git does not know, `.git`
/// above all, is not there.
pub fn write_out(root: &Path, commit: &str, place: &Path) -> Result<(), HistoryError> {
    let refused = |error: io::Error| HistoryError::NotWritten { place: place.to_owned(), source: error };
    let line = |output: Vec<u8>| String::from_utf8_lossy(&output).trim_end_matches(['\r', '\n']).to_owned();
    let prefix = line(git(root, ["rev-parse", "--show-prefix"])?);
    let index = tempfile::NamedTempFile::new().map_err(refused)?.into_temp_path();
    // An empty file is no index; none is an empty one.
    fs::remove_file(&index).map_err(refused)?;
    let index_file = [("GIT_INDEX_FILE", index.as_os_str())];
    let tree = format!("{commit}:{prefix}");
    git_with(root, index_file, ["read-tree", &tree])?;
    // Below the top, git would write only what is below there.
    let top = line(git(root, ["rev-parse", "--show-toplevel"])?);
    let mut target = OsStr::new("--prefix=").to_owned();
    target.push(place);
    target.push("/");
    let arguments = [OsStr::new("checkout-index"), OsStr::new("--all"), &target];
    git_with(Path::new(&top), index_file, arguments).map(drop)
}
