//! What past commits made of a Dockerfile: its text before and after each of them.

use std::collections::BTreeMap;
use std::path::Path;

use crate::model::{DockerfileEdit, History};
use crate::workspace::history::{HistoryError, commits, git};

/// The newest so many are read: each is a question to git.
const MOST: usize = 40;

/// What the commits of a history made of the Dockerfile at `path`, newest first. Those that are not in the history have
/// changed nothing of the build context, and are left out.
pub fn edits(path: &Path, history: &History) -> Result<Vec<DockerfileEdit>, HistoryError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Ok(Vec::new());
    };
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    let numbers: BTreeMap<&str, usize> =
        history.names.iter().enumerate().map(|(number, name)| (name.as_str(), number)).collect();
    let touching: Vec<String> = commits(folder, name, MOST)?.into_iter().map(|commit| commit.name).collect();
    let text = |commit: &String| -> Option<String> {
        // Before the commit that made it there was none.
        let object = format!("{commit}:./{name}");
        Some(String::from_utf8_lossy(&git(folder, ["cat-file", "blob", &object]).ok()?).into_owned())
    };
    let texts: Vec<Option<String>> = touching.iter().map(text).collect();
    let edit = |(newer, commit): (usize, &String)| {
        let (after, before) = (texts[newer].clone()?, texts.get(newer + 1)?.clone()?);
        Some(DockerfileEdit { commit: *numbers.get(commit.as_str())?, before, after })
    };
    Ok(touching.iter().enumerate().filter_map(edit).collect())
}
