//! Where a command runs, and what the paths that it names mean there.

use std::collections::BTreeSet;

use crate::effect::{PathSet, paths};

/// Where a command runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The working directory, absolute.
    pub workdir: String,
    /// Directories of PATH beyond the usual ones, when PATH is known: an interpreter may live beside them.
    pub interpreters: Vec<String>,
    /// The names of all variables that lines of the file set.
    pub variables: BTreeSet<String>,
    /// Whether it runs as root, as far as anything says who runs it.
    pub is_root: bool,
}

impl Place {
    /// What a path of a command's model means. Relative paths are seen from `directory`; one that ends in a slash is a
    /// directory with all below it; `~` is the home of whoever runs it; `@interpreters` are the places where
    /// interpreters keep their packages.
    pub(super) fn built_in(&self, path: &str, directory: &str) -> PathSet {
        if path == "@interpreters" {
            return self.interpreters.iter().fold(PathSet::empty(), |set, path| set.union(PathSet::below(path)));
        }
        if let Some(rest) = path.strip_prefix("~/") {
            let home = if rest.ends_with('/') { PathSet::below } else { PathSet::path };
            return match self.is_root {
                true => home(&format!("/root/{rest}")),
                false => home(&format!("/root/{rest}")).union(PathSet::below("/home")),
            };
        }
        let set = if path.ends_with('/') { PathSet::below } else { PathSet::path };
        set(&paths::join(directory, path))
    }

    /// What an argument means as a path: itself and all below it. A pattern stands for all below the directory in which
    /// the shell looks for it.
    pub(super) fn named(&self, argument: &str, directory: &str) -> Result<PathSet, String> {
        let Some(pattern) = argument.find(['*', '?', '[']) else {
            return Ok(PathSet::below(&paths::join(directory, argument)));
        };
        if argument[pattern..].split('/').any(|part| part == "..") {
            return Err(format!("where `{argument}` leads is only known when the shell runs"));
        }
        let parent = argument[..pattern].rfind('/').map_or(".", |end| &argument[..end.max(1)]);
        Ok(PathSet::below(&paths::join(directory, parent)))
    }
}

/// Whether a name is one of these patterns: a name, or the beginning of one and `*`.
pub(super) fn is_one_of(name: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => *pattern == name,
    })
}
