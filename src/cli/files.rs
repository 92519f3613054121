//! The Dockerfiles that `lint` and `fix` look at: what was asked for, found, read, each with its settings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::args::FilesArgs;
use crate::cli::exit::{Answer, Failure};
use crate::cli::input;
use crate::config::{Located, ProjectFiles, ProjectSettings, load_project};
use crate::text::SourceFile;
use crate::workspace::discover::{Exclusion, GlobError, absolute, dockerfiles};

/// The settings of a project; none where there is no file.
pub(super) type Settings = Option<Arc<Located<ProjectSettings>>>;

/// One Dockerfile to look at. Nothing is read yet, but for stdin.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// Where it is, or is said to be.
    pub(super) path: PathBuf,
    /// The text of stdin.
    pub(super) stdin: Option<SourceFile>,
    /// Why it cannot be looked at, as what follows its name.
    pub(super) trouble: Option<String>,
    /// The settings for it.
    pub(super) settings: Settings,
}

impl Input {
    /// Its bytes, or why there are none.
    pub(super) fn read(&self) -> Result<SourceFile, String> {
        if let Some(trouble) = &self.trouble {
            return Err(trouble.clone());
        }
        if let Some(source) = &self.stdin {
            return Ok(source.clone());
        }
        Ok(SourceFile::new(self.name(), input::read_text(&self.path)?))
    }

    /// The name to show.
    pub(super) fn name(&self) -> String {
        match &self.stdin {
            Some(source) => source.name().to_owned(),
            None => self.path.display().to_string(),
        }
    }
}

/// Everything that was asked for, in order, each file once.
pub(super) fn inputs(args: &FilesArgs) -> Answer<Vec<Input>> {
    let mut projects = Projects::new(args.config.as_deref())?;
    if args.paths.iter().any(|path| input::is_stdin(path)) {
        if args.paths.len() > 1 {
            return Err(Failure::usage("stdin (`-`) cannot be mixed with other paths"));
        }
        return Ok(vec![from_stdin(args, &mut projects)?]);
    }
    let here = absolute(Path::new("."));
    let exclusion = Exclusion::new(&here, args.exclude.iter().map(String::as_str)).map_err(wrong_glob)?;
    let paths = if args.paths.is_empty() { vec![PathBuf::from(".")] } else { args.paths.clone() };
    let mut inputs = Vec::new();
    for found in dockerfiles(&paths, &exclusion, args.force_exclude).map_err(wrong_glob)? {
        let settings = projects.of(&found.path)?;
        if (args.force_exclude || !found.named) && projects.exclude(&settings, &found.path)? {
            continue;
        }
        inputs.push(Input { path: found.path, stdin: None, trouble: found.trouble.map(cannot_be_read), settings });
    }
    Ok(inputs)
}

fn from_stdin(args: &FilesArgs, projects: &mut Projects) -> Answer<Input> {
    let path = args.stdin_filename.clone();
    let name = path.as_ref().map_or("<stdin>".to_owned(), |path| path.display().to_string());
    let (bytes, trouble) = match input::read_text_from_stdin()? {
        Ok(bytes) => (bytes, None),
        Err(trouble) => (Vec::new(), Some(trouble)),
    };
    let path = path.unwrap_or_else(|| PathBuf::from("Dockerfile"));
    let settings = projects.of(&path)?;
    Ok(Input { path, stdin: Some(SourceFile::new(name, bytes)), trouble, settings })
}

fn cannot_be_read(why: String) -> String {
    format!("cannot be read: {why}")
}

/// Which settings and exclusions hold for which file.
struct Projects {
    /// The file that was named, for all.
    named: Settings,
    files: ProjectFiles,
    /// By settings file.
    exclusions: BTreeMap<PathBuf, Exclusion>,
}

impl Projects {
    fn new(config: Option<&Path>) -> Answer<Self> {
        let named = config.map(load_project).transpose()?.map(Arc::new);
        Ok(Self { named, files: ProjectFiles::default(), exclusions: BTreeMap::new() })
    }

    fn of(&mut self, file: &Path) -> Answer<Settings> {
        if self.named.is_some() {
            return Ok(self.named.clone());
        }
        let absolute = absolute(file);
        Ok(self.files.of(absolute.parent().unwrap_or(&absolute))?)
    }

    /// Whether the settings leave the file out.
    fn exclude(&mut self, settings: &Settings, file: &Path) -> Answer<bool> {
        let Some(located) = settings else { return Ok(false) };
        if located.settings.lint.exclude.is_empty() {
            return Ok(false);
        }
        if !self.exclusions.contains_key(&located.file) {
            let globs = located.settings.lint.exclude.iter().map(|glob| glob.value.as_str());
            let exclusion = Exclusion::new(&absolute(located.folder()), globs).map_err(wrong_glob)?;
            self.exclusions.insert(located.file.clone(), exclusion);
        }
        Ok(self.exclusions[&located.file].covers(&absolute(file)))
    }
}

fn wrong_glob(error: GlobError) -> Failure {
    Failure::usage(error)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::args::{Args, Command};

    #[test]
    fn a_file_that_vanishes_after_it_was_found_is_told() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let file = folder.path().join("Dockerfile");
        std::fs::write(&file, "FROM scratch\n").expect("a file");
        let typed = ["rplan", "lint", folder.path().to_str().expect("a path of text")];
        let Command::Lint(args) = Args::parse_from(typed).command else { panic!("lint was typed") };
        let inputs = inputs(&args.files).expect("one file");
        std::fs::remove_file(file).expect("it is there");
        assert!(inputs[0].read().is_err_and(|why| why.starts_with("cannot be read: ")));
    }
}
