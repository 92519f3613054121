//! Finding Dockerfiles, and the Compose and Bake files that name them: named files, directories to search, globs.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{DirEntry, WalkBuilder};

use crate::workspace::builds::{BuildFileKind, kind_by_ending, kind_by_name};

/// Endings after `Dockerfile.` that make something else of a file: ignore files, templates, leftovers, notes.
const NOT_DOCKERFILES: [&str; 14] = [
    "bak",
    "containerignore",
    "dockerignore",
    "erb",
    "j2",
    "jinja",
    "jinja2",
    "md",
    "orig",
    "rej",
    "swp",
    "template",
    "tmpl",
    "tpl",
];

/// One file to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its path, as relative as what was asked for.
    pub path: PathBuf,
    /// Whether it was named, rather than found in a search.
    pub named: bool,
    /// What it is, where that is no Dockerfile.
    pub declares: Option<BuildFileKind>,
    /// Why it, or what should have been searched, cannot be looked at.
    pub trouble: Option<String>,
}

/// Globs of files to leave out, as in a `.gitignore` that lies in a certain folder.
#[derive(Debug, Clone)]
pub struct Exclusion {
    matcher: Gitignore,
}

/// A glob that cannot be understood.
#[derive(Debug, Clone, thiserror::Error)]
#[error("`{glob}` is not a glob: {why}")]
pub struct GlobError {
    /// The glob.
    pub glob: String,
    /// Why.
    pub why: String,
}

impl Exclusion {
    /// The globs, relative to `folder` (absolute).
    pub fn new<'a>(folder: &Path, globs: impl IntoIterator<Item = &'a str>) -> Result<Self, GlobError> {
        let mut builder = GitignoreBuilder::new(folder);
        for glob in globs {
            builder
                .add_line(None, glob)
                .map_err(|error| GlobError { glob: glob.to_owned(), why: error.to_string() })?;
        }
        let matcher = builder.build().map_err(|error| GlobError { glob: String::new(), why: error.to_string() })?;
        Ok(Self { matcher })
    }

    /// Whether the file at `path` (absolute) is left out, itself or with a directory it is in.
    pub fn covers(&self, path: &Path) -> bool {
        match path.strip_prefix(self.matcher.path()) {
            Ok(relative) => self.matcher.matched_path_or_any_parents(relative, false).is_ignore(),
            Err(_) => false,
        }
    }
}

/// The files that `paths` mean, sorted by path, each once: a directory is searched for Dockerfiles and for the files that
/// declare builds, a glob for whatever matches, and a file that is named is taken whatever its name. `exclusion` holds for what was searched for, and with
/// `force` for what was named too. `.gitignore` is respected where a search goes.
pub fn dockerfiles(paths: &[PathBuf], exclusion: &Exclusion, force: bool) -> Result<Vec<Found>, GlobError> {
    let mut found = BTreeMap::new();
    for path in paths {
        if path.is_dir() {
            search(path, &is_wanted, exclusion, &mut found);
        } else if let Some(glob) = as_glob(path) {
            search_glob(&glob, exclusion, &mut found)?;
        } else if !(force && exclusion.covers(&absolute(path))) {
            add(&mut found, path.clone(), true, None);
        }
    }
    Ok(each_once(found))
}

/// Whether the name of an entry says that it is a Dockerfile, or declares builds.
fn is_wanted(entry: &DirEntry) -> bool {
    is_dockerfile_name(&entry.file_name().to_string_lossy()) || kind_by_name(entry.path()).is_some()
}

/// Without the links to files that are among them by their own name.
fn each_once(found: Files) -> Vec<Found> {
    let is_link = |found: &Found| found.path.is_symlink() && !found.named;
    let mut found: Vec<Found> = found.into_values().collect();
    if found.iter().any(is_link) {
        let real = |found: &Found| found.path.canonicalize().ok();
        let files: BTreeSet<PathBuf> = found.iter().filter(|found| !is_link(found)).filter_map(real).collect();
        found.retain(|found| !is_link(found) || real(found).is_none_or(|file| !files.contains(&file)));
    }
    found
}

/// Whether a file of this name is taken for a Dockerfile when a directory is searched.
fn is_dockerfile_name(name: &str) -> bool {
    if ["Dockerfile", "Containerfile", "dockerfile", "containerfile"].contains(&name) {
        return true;
    }
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let is_named_after = |word: &str| name.strip_prefix(word).is_some_and(|rest| rest.starts_with('.'));
    let is_kind = ["dockerfile", "containerfile"].iter().any(|kind| ending.eq_ignore_ascii_case(kind));
    match is_kind {
        true => !stem.is_empty(),
        false => {
            (is_named_after("Dockerfile") || is_named_after("Containerfile")) && !NOT_DOCKERFILES.contains(&ending)
        }
    }
}

type Files = BTreeMap<PathBuf, Found>;

fn search(root: &Path, wanted: &dyn Fn(&DirEntry) -> bool, exclusion: &Exclusion, found: &mut Files) {
    // Hidden directories hold Dockerfiles too (`.devcontainer`); a repository's own folder does not.
    let walk = WalkBuilder::new(root)
        .hidden(false)
        .ignore(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .sort_by_file_name(Ord::cmp)
        .build();
    for entry in walk {
        match entry {
            Ok(entry) => {
                if wanted(&entry) && !exclusion.covers(&absolute(entry.path())) {
                    match leads_to_file(&entry) {
                        Ok(true) => add(found, entry.into_path(), false, None),
                        Ok(false) => {}
                        Err(error) => add(found, entry.into_path(), false, Some(in_words(&error))),
                    }
                }
            }
            Err(error) => {
                let path = path_of(&error).map_or_else(|| root.to_owned(), Path::to_owned);
                add(found, path, false, Some(reason(&error)));
            }
        }
    }
}

/// Whether the entry is a file, or a link to one. A link that leads nowhere, or in a circle, is an error.
fn leads_to_file(entry: &DirEntry) -> io::Result<bool> {
    match entry.file_type() {
        Some(kind) if kind.is_symlink() => Ok(entry.path().metadata()?.is_file()),
        kind => Ok(kind.is_some_and(|kind| kind.is_file())),
    }
}

/// A path with wildcards that is no file of that name: the directory before the first wildcard, and the glob below it.
fn as_glob(path: &Path) -> Option<(PathBuf, String)> {
    let text = path.to_str().filter(|text| text.contains(['*', '?', '[', '{']))?;
    if path.symlink_metadata().is_ok() {
        return None;
    }
    let parts: Vec<&str> = text.split('/').collect();
    let plain = parts.iter().take_while(|part| !part.contains(['*', '?', '[', '{'])).count();
    let folder = match parts[..plain].join("/") {
        folder if plain == 1 && folder.is_empty() => PathBuf::from("/"),
        folder if plain == 0 => PathBuf::from(folder).join("."),
        folder => PathBuf::from(folder),
    };
    // Anchored: `*.Dockerfile` means the files right here, as it does for a shell.
    Some((folder, format!("/{}", parts[plain..].join("/"))))
}

fn search_glob((folder, glob): &(PathBuf, String), exclusion: &Exclusion, found: &mut Files) -> Result<(), GlobError> {
    let matcher = Exclusion::new(&absolute(folder), [glob.as_str()])?;
    let before = found.len();
    let wanted = |entry: &DirEntry| {
        let path = absolute(entry.path());
        let relative = path.strip_prefix(matcher.matcher.path());
        relative.is_ok_and(|relative| matcher.matcher.matched(relative, false).is_ignore())
    };
    search(folder, &wanted, exclusion, found);
    if found.len() == before {
        let asked = folder.join(glob.trim_start_matches('/'));
        add(found, plain(asked), true, Some("no file matches".to_owned()));
    }
    Ok(())
}

fn add(found: &mut Files, path: PathBuf, named: bool, trouble: Option<String>) {
    let path = plain(path);
    let declares = declares(&path);
    let entry = found.entry(absolute(&path)).or_insert(Found { path, named, declares, trouble });
    entry.named |= named;
}

/// What a file is that is to be looked at, where its name says that it is no Dockerfile.
pub fn declares(path: &Path) -> Option<BuildFileKind> {
    let is_dockerfile = path.file_name().is_some_and(|name| is_dockerfile_name(&name.to_string_lossy()));
    kind_by_ending(path).filter(|_| !is_dockerfile)
}

/// Without a leading `./`.
fn plain(path: PathBuf) -> PathBuf {
    match path.strip_prefix("./") {
        Ok(rest) if rest != Path::new("") => rest.to_owned(),
        _ => path,
    }
}

/// The absolute form of a path, `..` taken back lexically.
pub fn absolute(path: &Path) -> PathBuf {
    // Only an empty path and a lost current directory have no absolute form; both then fail where they are read.
    let absolute = match (path.is_relative() && path != Path::new(""), here()) {
        (true, Some(here)) => here.join(path),
        _ => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
    };
    let mut clean = PathBuf::with_capacity(absolute.as_os_str().len());
    for part in absolute.components() {
        match part {
            std::path::Component::ParentDir => _ = clean.pop(),
            part => clean.push(part),
        }
    }
    clean
}

/// The directory in which rplan was called, asked for once: it never leaves it.
fn here() -> Option<&'static Path> {
    static HERE: OnceLock<Option<PathBuf>> = OnceLock::new();
    HERE.get_or_init(|| std::env::current_dir().ok()).as_deref()
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

fn reason(error: &ignore::Error) -> String {
    error.io_error().map_or_else(|| error.to_string(), in_words)
}

/// The reason alone, as the system words it: without the path and the number of the error.
fn in_words(error: &io::Error) -> String {
    let wrapped = error.get_ref().and_then(|outer| outer.source()).and_then(|inner| inner.downcast_ref());
    let text = wrapped.unwrap_or(error).to_string();
    text.split(" (os error ").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary directory");
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a directory");
            std::fs::write(path, if file.ends_with(".gitignore") { "out/\n" } else { "FROM scratch\n" })
                .expect("a file");
        }
        folder
    }

    fn found(folder: &tempfile::TempDir, paths: &[&str], exclude: &[&str], force: bool) -> Vec<String> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| folder.path().join(path)).collect();
        let exclusion = Exclusion::new(folder.path(), exclude.iter().copied()).expect("globs");
        let found = dockerfiles(&paths, &exclusion, force).expect("globs");
        let shown = |found: Found| {
            let path = found.path.strip_prefix(folder.path()).unwrap_or(&found.path).display().to_string();
            found.trouble.map_or(path.clone(), |trouble| format!("{path}: {trouble}"))
        };
        found.into_iter().map(shown).collect()
    }

    #[test]
    fn a_directory_is_searched_for_dockerfiles() {
        let files = [
            "Dockerfile",
            "a/Containerfile",
            "a/api.Dockerfile",
            "a/Dockerfile.dev",
            ".devcontainer/Dockerfile",
            "a/Dockerfile.dockerignore",
            "a/Dockerfile.j2",
            "a/dockerfile.go",
            "a/notes.md",
            ".git/Dockerfile",
            "out/Dockerfile",
            ".gitignore",
        ];
        let expected =
            [".devcontainer/Dockerfile", "Dockerfile", "a/Containerfile", "a/Dockerfile.dev", "a/api.Dockerfile"];
        assert_eq!(found(&tree(&files), &["."], &[], false), expected);
    }

    #[test]
    fn exclusions_hold_for_named_files_only_by_force() {
        let folder = tree(&["a/Dockerfile", "b/Dockerfile", "b/odd"]);
        assert_eq!(found(&folder, &["."], &["b"], false), ["a/Dockerfile"]);
        assert_eq!(found(&folder, &["b/Dockerfile", "b/odd"], &["b"], false), ["b/Dockerfile", "b/odd"]);
        assert!(found(&folder, &["b/Dockerfile", "b/odd"], &["b"], true).is_empty());
    }

    #[test]
    fn globs_match_whatever_the_name() {
        let folder = tree(&["a/x.docker", "b/x.docker", "b/c/x.docker", "Dockerfile"]);
        assert_eq!(found(&folder, &["*/x.docker"], &[], false), ["a/x.docker", "b/x.docker"]);
        assert_eq!(found(&folder, &["**/x.docker"], &[], false), ["a/x.docker", "b/c/x.docker", "b/x.docker"]);
        assert_eq!(found(&folder, &["*.none"], &[], false), ["*.none: no file matches"]);
    }

    #[test]
    fn a_file_counts_once_and_a_missing_one_is_kept() {
        let folder = tree(&["a/Dockerfile"]);
        assert_eq!(found(&folder, &["a", "a/Dockerfile", "a/../a/Dockerfile"], &[], false), ["a/Dockerfile"]);
        assert_eq!(found(&folder, &["gone"], &[], false), ["gone"]);
    }
}
