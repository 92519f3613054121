//! What Compose and Bake files say of the Dockerfiles that are looked at: those that were asked for, those that a
//! search finds, and those that lie above a Dockerfile.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::input;
use crate::text::{Encoding, SourceFile};
use crate::workspace::builds::{Build, BuildFileKind, BuildFiles, NEAR, Recipe, Trouble, kind_by_name};
use crate::workspace::discover::absolute;
use crate::workspace::repository_root;

/// Which Dockerfile is meant: a file in full, or what begins at an offset of a file.
pub(super) type Key = (PathBuf, Option<usize>);

/// The builds that are known so far, by Dockerfile.
pub(super) struct DeclaredBuilds {
    files: BuildFiles<'static>,
    by_dockerfile: BTreeMap<Key, Vec<Arc<Build>>>,
    /// Those of files that were named.
    asked_for: BTreeMap<Key, Vec<Arc<Build>>>,
    /// What has been read, in full.
    seen: BTreeSet<PathBuf>,
    searched: BTreeSet<PathBuf>,
    here: PathBuf,
    /// What is wrong with files that nobody asked for.
    pub(super) notes: Vec<String>,
}

/// What a file that was asked for, or found, gives.
pub(super) enum Declares {
    /// These Dockerfiles are built.
    Dockerfiles(Vec<Recipe>),
    /// It cannot be read, for this reason.
    Unreadable(String),
}

impl DeclaredBuilds {
    /// None yet.
    pub(super) fn new() -> Self {
        Self {
            files: BuildFiles::new(&read),
            by_dockerfile: BTreeMap::new(),
            asked_for: BTreeMap::new(),
            seen: BTreeSet::new(),
            searched: BTreeSet::new(),
            here: absolute(Path::new(".")),
            notes: Vec::new(),
        }
    }

    /// Takes the builds of a file. One that is wrong is a failure where it was named, and else a note.
    pub(super) fn take(&mut self, path: &Path, kind: BuildFileKind, named: bool) -> Answer<Declares> {
        let builds = match self.files.builds(path, kind) {
            Ok(builds) => builds,
            Err(Trouble::Unreadable(why)) => return Ok(Declares::Unreadable(why)),
            Err(Trouble::Wrong { source, error }) if named => {
                return Err(Failure::drawn(Exit::Usage, &source, "build-file", error.span, error.message));
            }
            Err(Trouble::Wrong { source, error }) => {
                if self.seen.insert(absolute(path)) {
                    self.notes.push(passed_over(&source, error.span.start, &error.message));
                }
                return Ok(Declares::Dockerfiles(Vec::new()));
            }
        };
        let is_new = self.seen.insert(absolute(path));
        let mut dockerfiles = Vec::new();
        for build in builds {
            dockerfiles.push(build.recipe.clone());
            if is_new {
                let (key, build) = (key(&build.recipe), Arc::new(build));
                if named {
                    self.asked_for.entry(key.clone()).or_default().push(Arc::clone(&build));
                }
                self.by_dockerfile.entry(key).or_default().push(build);
            }
        }
        Ok(Declares::Dockerfiles(dockerfiles))
    }

    /// The builds of a Dockerfile: those that were asked for, or else all that are known, those among them that the files
    /// above it declare.
    pub(super) fn of(&mut self, dockerfile: &Key, is_declared: bool) -> Vec<Arc<Build>> {
        if let Some(builds) = self.asked_for.get(dockerfile).filter(|_| is_declared) {
            return builds.clone();
        }
        self.search_above(&dockerfile.0);
        self.by_dockerfile.get(dockerfile).cloned().unwrap_or_default()
    }

    /// Reads the Compose and Bake files from the folder of a Dockerfile up to the repository root.
    fn search_above(&mut self, dockerfile: &Path) {
        // What is above a folder that was searched has been searched too.
        let Some(own) = dockerfile.parent().filter(|own| !self.searched.contains(*own)) else { return };
        let top = match repository_root(own) {
            Some(root) => root,
            None if own.starts_with(&self.here) => &self.here,
            None => own,
        };
        let folders: Vec<PathBuf> =
            own.ancestors().take_while(|folder| folder.starts_with(top)).map(Path::to_owned).collect();
        for folder in folders {
            if !self.searched.insert(folder.clone()) {
                return;
            }
            for name in NEAR {
                let path = folder.join(name);
                let Some(kind) = kind_by_name(&path).filter(|_| !self.seen.contains(&path) && path.is_file()) else {
                    continue;
                };
                // Nobody named the file, so that whatever is wrong with it is a note at most.
                let _ = self.take(&shorter(&self.here, path), kind, false);
            }
        }
    }
}

/// Which Dockerfile a recipe is.
pub(super) fn key(recipe: &Recipe) -> Key {
    match recipe {
        Recipe::File(path) => (absolute(path), None),
        Recipe::Inline(inline) => (absolute(inline.path()), Some(inline.start())),
    }
}

/// What files name may be a pipe that nobody writes into: only files are read.
fn read(path: &Path) -> Result<SourceFile, String> {
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        return Err("cannot be read: it is no file".to_owned());
    }
    Ok(SourceFile::new(path.display().to_string(), input::read_text(path)?))
}

/// A path in full as it would be typed, where that is shorter.
pub(super) fn shorter(here: &Path, path: PathBuf) -> PathBuf {
    match path.strip_prefix(here) {
        Ok(relative) if relative == Path::new("") => PathBuf::from("."),
        Ok(relative) => relative.to_owned(),
        Err(_) => path,
    }
}

fn passed_over(source: &SourceFile, at: usize, why: &str) -> String {
    let place = source.position(at, Encoding::Chars);
    format!("{}:{}:{}: {why}; what it builds is not known", source.name(), place.line + 1, place.column + 1)
}
