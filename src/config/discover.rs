//! Finding and reading settings files on disk, and what the environment says.

use std::collections::BTreeMap;
use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::hadolint::{self, Refused, Translation, VARIABLES, VariableError};
use crate::config::{Origin, ProjectSettings, UserSettings, baseline};
use crate::diagnostic::Finding;
use crate::lint::Baseline;
use crate::rules::meta::RuleMeta;
use crate::text::{SourceFile, Span};

/// The names of a project's file; in one folder the first wins.
pub const PROJECT_FILES: [&str; 2] = ["rplan.toml", ".rplan.toml"];

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
    /// A variable is wrong.
    #[error(transparent)]
    Variable(#[from] VariableError),
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
    /// Who says what, by the place in the text, where that was put together from elsewhere.
    origins: Option<Vec<(Span, Origin)>>,
}

impl<T> Located<T> {
    /// The folder that paths in the file are relative to.
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    /// Whether the text was put together from elsewhere.
    pub fn is_translated(&self) -> bool {
        self.origins.is_some()
    }

    /// Who says what stands there; none where it goes without saying.
    pub fn origin(&self, span: Span) -> Option<Origin> {
        match &self.origins {
            None => Some(Origin::in_file(&self.source, span)),
            Some(origins) => {
                let found = origins.iter().find(|(place, _)| place.contains(span.start));
                found.map(|(_, origin)| origin.clone())
            }
        }
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

/// The settings that hadolint would find here: the first of its files, and its variables. None where there is neither.
pub fn load_hadolint(rules: &[&RuleMeta]) -> Result<Option<Located<ProjectSettings>>, ConfigError> {
    let set = |name: &'static str| Some((name, env::var(name).ok().filter(|value| !value.is_empty())?));
    let variables: Vec<(&str, String)> = VARIABLES.into_iter().filter_map(set).collect();
    let path = hadolint_file();
    if path.is_none() && variables.is_empty() {
        return Ok(None);
    }
    let source = path.as_deref().map(read).transpose()?;
    let names = source.iter().map(SourceFile::name).chain(variables.iter().map(|(name, _)| *name));
    let name = names.collect::<Vec<_>>().join(", ");
    let translation = translate(source.as_ref(), &variables, rules)?;
    let here = || env::current_dir().unwrap_or_default().join(&name);
    located(translation, name.clone(), path.unwrap_or_else(here)).map(Some)
}

/// The settings of a file of hadolint's, whatever its name.
pub fn load_hadolint_file(path: &Path, rules: &[&RuleMeta]) -> Result<Located<ProjectSettings>, ConfigError> {
    let source = read(path)?;
    let translation = translate(Some(&source), &[], rules)?;
    located(translation, source.name().to_owned(), path.to_owned())
}

/// The `rplan.toml` that says what a file of hadolint's says.
pub fn translate_hadolint_file(path: &Path, rules: &[&RuleMeta]) -> Result<Translation, ConfigError> {
    translate(Some(&read(path)?), &[], rules)
}

/// The file that hadolint would read here: the first of those that there are.
pub fn hadolint_file() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = set("HOME");
    let settings = set("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|home| home.join(".config")));
    let own = home.as_ref().map(|home| home.join(".hadolint"));
    let places = [
        (env::current_dir().ok(), ".hadolint"),
        (settings, "hadolint"),
        (own.clone(), "hadolint"),
        (own, "config"),
        (home, ".hadolint"),
    ];
    let files = places
        .into_iter()
        .filter_map(|(folder, stem)| Some((folder?, stem)))
        .flat_map(|(folder, stem)| ["yaml", "yml"].map(|ending| folder.join(format!("{stem}.{ending}"))));
    files.into_iter().find(|path| path.is_file())
}

fn translate(
    source: Option<&SourceFile>,
    variables: &[(&'static str, String)],
    rules: &[&RuleMeta],
) -> Result<Translation, ConfigError> {
    hadolint::translate(source, variables, rules).map_err(|refused| match (refused, source) {
        (Refused::Variable(error), _) => error.into(),
        (Refused::File(findings), Some(file)) => ConfigError::Wrong { file: file.clone(), findings },
        (Refused::File(findings), None) => ConfigError::Wrong { file: SourceFile::new("", ""), findings },
    })
}

/// A translation, read as any other settings are.
fn located(translation: Translation, name: String, file: PathBuf) -> Result<Located<ProjectSettings>, ConfigError> {
    let source = SourceFile::new(name, translation.text);
    match ProjectSettings::read(&source) {
        Ok(settings) => Ok(Located { settings, file, source, origins: Some(translation.origins) }),
        Err(findings) => Err(ConfigError::Wrong { file: source, findings }),
    }
}

fn load<T>(
    path: &Path,
    reader: impl FnOnce(&SourceFile) -> Result<T, Vec<Finding>>,
) -> Result<Located<T>, ConfigError> {
    let source = read(path)?;
    match reader(&source) {
        Ok(settings) => Ok(Located { settings, file: path.to_owned(), source, origins: None }),
        Err(findings) => Err(ConfigError::Wrong { file: source, findings }),
    }
}

fn read(path: &Path) -> Result<SourceFile, ConfigError> {
    let bytes = std::fs::read(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    Ok(SourceFile::new(shown(path).display().to_string(), bytes))
}

/// The path as seen from the current directory, where it is below that.
fn shown(path: &Path) -> &Path {
    let Ok(here) = std::env::current_dir() else { return path };
    path.strip_prefix(&here).unwrap_or(path)
}
