//! Finding and reading settings files on disk.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{ProjectSettings, UserSettings, baseline};
use crate::diagnostic::Finding;
use crate::lint::Baseline;
use crate::text::SourceFile;

/// The names of a project's file; in one folder the first wins.
const PROJECT_FILES: [&str; 2] = ["rplan.toml", ".rplan.toml"];

/// Why settings cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the settings file {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is wrong.
    #[error("the settings in {} are wrong", file.name())]
    Wrong {
        /// The file.
        file: SourceFile,
        /// Everything that is wrong in it.
        findings: Vec<Finding>,
    },
}

/// A project's settings and the folder their paths are relative to.
#[derive(Debug, Clone)]
pub struct Located<T> {
    /// The settings.
    pub settings: T,
    /// The file they come from.
    pub file: PathBuf,
    /// Its text, for what turns out to be wrong later.
    pub source: SourceFile,
}

impl<T> Located<T> {
    /// The folder that paths in the file are relative to.
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }
}

/// Which project file each folder belongs to; every file is read once.
#[derive(Default)]
pub struct ProjectFiles {
    by_folder: BTreeMap<PathBuf, Option<Arc<Located<ProjectSettings>>>>,
}

impl ProjectFiles {
    /// The settings for files in `folder` (absolute): the nearest project file upward, up to the folder with `.git`.
    pub fn of(&mut self, folder: &Path) -> Result<Option<Arc<Located<ProjectSettings>>>, ConfigError> {
        if let Some(known) = self.by_folder.get(folder) {
            return Ok(known.clone());
        }
        let here = PROJECT_FILES.iter().map(|name| folder.join(name)).find(|path| path.is_file());
        let found = match here {
            Some(path) => Some(Arc::new(load_project(&path)?)),
            None if folder.join(".git").exists() => None,
            None => match folder.parent() {
                Some(parent) => self.of(parent)?,
                None => None,
            },
        };
        self.by_folder.insert(folder.to_owned(), found.clone());
        Ok(found)
    }
}

/// Reads a project's file.
pub fn load_project(path: &Path) -> Result<Located<ProjectSettings>, ConfigError> {
    load(path, ProjectSettings::read)
}

/// Reads a baseline.
pub fn load_baseline(path: &Path) -> Result<Baseline, ConfigError> {
    load(path, baseline::read).map(|located| located.settings)
}

/// Reads the user's file; defaults where there is none.
pub fn load_user(path: &Path) -> Result<UserSettings, ConfigError> {
    match load(path, UserSettings::read) {
        Ok(located) => Ok(located.settings),
        Err(ConfigError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(UserSettings::default())
        }
        Err(error) => Err(error),
    }
}

fn load<T>(path: &Path, read: impl FnOnce(&SourceFile) -> Result<T, Vec<Finding>>) -> Result<Located<T>, ConfigError> {
    let bytes = std::fs::read(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    let source = SourceFile::new(shown(path).display().to_string(), bytes);
    match read(&source) {
        Ok(settings) => Ok(Located { settings, file: path.to_owned(), source }),
        Err(findings) => Err(ConfigError::Wrong { file: source, findings }),
    }
}

/// The path as seen from the current directory, where it is below that.
fn shown(path: &Path) -> &Path {
    let Ok(here) = std::env::current_dir() else { return path };
    path.strip_prefix(&here).unwrap_or(path)
}
