//! Which directory is the build context of a Dockerfile, when nobody says.

use std::path::{Path, PathBuf};

use crate::model::{CopySource, Operation, Resolved, path};

/// The build context of a Dockerfile, and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextRoot {
    /// Somebody said so, or every COPY source is there and in no nearer directory.
    Known(PathBuf),
    /// No COPY source is written out: nothing speaks for or against the Dockerfile's own directory.
    Assumed(PathBuf),
    /// There are COPY sources that no directory has.
    Unknown,
}

impl ContextRoot {
    /// The directory, when there is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            ContextRoot::Known(path) | ContextRoot::Assumed(path) => Some(path),
            ContextRoot::Unknown => None,
        }
    }
}

/// The nearest directory, from the Dockerfile's own up to the repository root, that has every COPY source which is
/// written out in full. Outside a repository `ceiling` ends the search, when the Dockerfile is below it.
pub fn context_root(dockerfile: &Path, resolved: &Resolved, ceiling: &Path) -> ContextRoot {
    let own = match dockerfile.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let sources = written_out(resolved);
    if sources.is_empty() {
        return ContextRoot::Assumed(own.to_owned());
    }
    let Ok(absolute) = std::path::absolute(own) else { return ContextRoot::Unknown };
    let has_all = |directory: &Path| sources.iter().all(|source| directory.join(source).symlink_metadata().is_ok());
    // Most lie in their own context, and then nothing further up matters.
    if has_all(&absolute) {
        return ContextRoot::Known(above(own, 0, &absolute));
    }
    let top = repository_root(&absolute).unwrap_or(if absolute.starts_with(ceiling) { ceiling } else { &absolute });
    let candidates = absolute.ancestors().take_while(|directory| directory.starts_with(top));
    let found = candidates.enumerate().skip(1).find(|(_, directory)| has_all(directory));
    found.map_or(ContextRoot::Unknown, |(height, directory)| ContextRoot::Known(above(own, height, directory)))
}

/// The folder that holds `.git`, from `directory` (absolute) upward.
pub fn repository_root(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|folder| folder.join(".git").exists())
}

/// The ancestor of `own` that is `height` levels up, written as shortly as what was typed allows.
fn above(own: &Path, height: usize, absolute: &Path) -> PathBuf {
    match own.ancestors().nth(height) {
        Some(ancestor) if ancestor != Path::new("") => ancestor.to_owned(),
        // One level above `services` is the current directory.
        Some(_) => PathBuf::from("."),
        None => absolute.to_owned(),
    }
}

/// The context paths that COPY and ADD name without variables of unknown value, wildcards, stages or URLs.
fn written_out(resolved: &Resolved) -> Vec<String> {
    let mut paths = Vec::new();
    for instruction in resolved.model.instructions() {
        let transfer = match &instruction.operation {
            Operation::Copy(copy) if copy.from.is_none() => &copy.transfer,
            Operation::Add(add) => &add.transfer,
            _ => continue,
        };
        for source in &transfer.sources {
            let CopySource::Path(word) = source else { continue };
            if let Some(text) = resolved.known(word).filter(|text| is_plain_path(text)) {
                paths.push(path::inside(text));
            }
        }
    }
    paths
}

fn is_plain_path(text: &str) -> bool {
    !text.contains(['*', '?', '[', '\\']) && !text.contains("://") && !text.starts_with("git@")
}
