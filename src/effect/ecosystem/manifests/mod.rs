//! Readers of manifests: which files of the build context they lead to. One file a format; `rules/ecosystem/*.yaml` names
//! the reader of each ecosystem.

pub(super) mod cargo;
pub(super) mod composer;
pub(super) mod conda;
pub(super) mod deno;
pub(super) mod gemfile;
pub(super) mod go;
pub(super) mod gradle;
pub(super) mod mix;
pub(super) mod msbuild;
pub(super) mod node;
pub(super) mod pipfile;
pub(super) mod plain;
pub(super) mod pom;
pub(super) mod pubspec;
pub(super) mod pyproject;
pub(super) mod requirements;
pub(super) mod swift;
mod xml;
mod yarn;

use std::collections::BTreeSet;

use crate::effect::paths;
use crate::model::{BuildContext, EntryKind};

/// Tells the manifests of one install.
pub(super) type Reader = fn(&Asked<'_>) -> Result<Manifests, String>;

/// An install, seen from the build context.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The files that it is told to read or looks for by name, as far as they are there; context paths.
    pub named: &'a [String],
    /// The directory of the context that becomes the one that it works in; empty for the context itself.
    pub directory: &'a str,
    /// The words of the command.
    pub words: &'a [String],
    /// The build context.
    pub context: &'a dyn BuildContext,
}

/// The manifests of one install.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifests {
    /// Files, as context paths; none where there is nothing to fetch.
    pub paths: BTreeSet<String>,
    /// Directories that it reads whole, as context paths.
    pub directories: BTreeSet<String>,
    /// Directories that it makes or fills beside the manifests, as context paths.
    pub writes: BTreeSet<String>,
    /// Whether it reads and writes nothing else in the directory that it works in, whatever its model says.
    pub is_all: bool,
    /// What is worth knowing about them.
    pub notes: Vec<String>,
    /// What could not be proved of them: the install is to be verified.
    pub doubts: Vec<String>,
}

impl Manifests {
    fn of(paths: impl IntoIterator<Item = String>) -> Self {
        Self { paths: paths.into_iter().collect(), ..Self::default() }
    }
}

impl Asked<'_> {
    /// The text of a file.
    fn text(&self, path: &str) -> Result<String, String> {
        let bytes = self
            .context
            .read(path)
            .map_err(|error| format!("`{path}` cannot be read from the build context: {error}"))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn json(&self, path: &str) -> Result<serde_json::Value, String> {
        serde_json::from_str(&self.text(path)?).map_err(|error| format!("`{path}` is not valid JSON: {error}"))
    }

    fn toml(&self, path: &str) -> Result<toml::Table, String> {
        let error = |error: toml::de::Error| format!("`{path}` is not valid TOML: {}", error.message());
        self.text(path)?.parse::<toml::Table>().map_err(error)
    }

    /// Whether there is such a file.
    fn has(&self, path: &str) -> bool {
        self.context.entry(path).is_some_and(|entry| entry.kind == EntryKind::File)
    }

    fn has_directory(&self, path: &str) -> bool {
        path.is_empty() || self.context.entry(path).is_some_and(|entry| entry.kind == EntryKind::Directory)
    }

    /// The context path of a name in the directory that the install works in.
    fn here(&self, name: &str) -> String {
        within(self.directory, name)
    }

    /// Those of these names that are there, as context paths.
    fn present(&self, names: &[&str]) -> Vec<String> {
        names.iter().map(|name| self.here(name)).filter(|path| self.has(path)).collect()
    }

    /// The manifest with this name, or that there is none.
    fn manifest(&self, name: &str, tool: &str) -> Result<String, String> {
        let named = self.named.iter().find(|path| file_name(path) == name);
        named.cloned().ok_or_else(|| format!("there is no {name} in the build context where {tool} looks for it"))
    }

    /// Every file of the context below a directory whose name passes.
    fn files_below<'s>(
        &'s self,
        directory: &'s str,
        is: impl Fn(&str) -> bool + 's,
    ) -> impl Iterator<Item = String> + 's {
        let files = self.context.entries().iter().filter(|entry| entry.kind == EntryKind::File);
        let paths = files.map(|entry| entry.path.as_str()).filter(move |path| is_within(path, directory));
        paths.filter(move |path| is(file_name(path))).map(str::to_owned)
    }

    /// The directories of the context that a workspace pattern stands for; `**` stands for any depth.
    fn directories_like(&self, pattern: &str) -> Vec<String> {
        let pattern = within(self.directory, pattern.trim_end_matches('/'));
        if !pattern.contains(['*', '?', '[', '{']) {
            return vec![pattern];
        }
        let directories = self.context.entries().iter().filter(|entry| entry.kind == EntryKind::Directory);
        let paths = directories
            .map(|entry| entry.path.as_str())
            .filter(|path| !path.split('/').any(|part| part == "node_modules"));
        paths.filter(|path| is_like(path, &pattern)).map(str::to_owned).collect()
    }
}

/// The name at the end of a path.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The directory of a context path; empty for the context itself.
fn parent(path: &str) -> &str {
    path.rfind('/').map_or("", |end| &path[..end])
}

/// `path` as seen from the context directory `base`.
fn within(base: &str, path: &str) -> String {
    paths::join(&format!("/{base}"), path).trim_start_matches('/').to_owned()
}

/// Whether a path leads out of the build context when it is seen from `base`.
fn leads_out(base: &str, path: &str) -> bool {
    let mut depth = base.split('/').filter(|part| !part.is_empty()).count();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => return true,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    path.starts_with('/')
}

fn is_within(path: &str, directory: &str) -> bool {
    directory.is_empty() || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a path is what a pattern of `/`-separated parts stands for: `*` and `?` within a part, `**` for any parts,
/// `{a,b}` for either.
fn is_like(path: &str, pattern: &str) -> bool {
    if let (Some(open), Some(close)) = (pattern.find('{'), pattern.find('}'))
        && open < close
    {
        let either = |one: &str| format!("{}{one}{}", &pattern[..open], &pattern[close + 1..]);
        return pattern[open + 1..close].split(',').any(|one| is_like(path, &either(one)));
    }
    let (path, pattern): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), pattern.split('/').collect());
    parts_are_like(&path, &pattern)
}

fn parts_are_like(path: &[&str], pattern: &[&str]) -> bool {
    match (path, pattern) {
        ([], []) => true,
        (_, ["**", rest @ ..]) => (0..=path.len()).any(|skipped| parts_are_like(&path[skipped..], rest)),
        ([part, path @ ..], [like, pattern @ ..]) => {
            crate::glob::matches(like, part).unwrap_or(false) && parts_are_like(path, pattern)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_workspaces_stand_for_directories() {
        assert!(is_like("packages/a", "packages/*"));
        assert!(!is_like("packages/a/b", "packages/*"));
        assert!(is_like("packages/a/b", "packages/**"));
        assert!(is_like("libs/x", "{apps,libs}/*"));
        assert!(!is_like("docs/x", "{apps,libs}/*"));
    }

    #[test]
    fn a_path_may_lead_out_of_the_context() {
        assert!(leads_out("a", "../../x"));
        assert!(!leads_out("a", "../x"));
        assert!(leads_out("", "/x"));
    }
}
