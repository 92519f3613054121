//! The Dockerfiles that `lint` and `fix` look at: what was asked for, found, read, each with its settings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::args::FilesArgs;
use crate::cli::console::Console;
use crate::cli::declared::{DeclaredBuilds, Declares, Key, key};
use crate::cli::exit::{Answer, Failure};
use crate::cli::input;
use crate::cli::overrides::globs;
use crate::config::{
    ConfigError, Located, ProjectFiles, ProjectSettings, load_hadolint, load_hadolint_file, load_project,
};
use crate::rules::{Catalogue, RuleMeta};
use crate::text::SourceFile;
use crate::workspace::builds::{Build, Inline, Recipe};
use crate::workspace::discover::{Exclusion, GlobError, absolute, declares, dockerfiles};

/// The settings of a project; none where there is no file.
pub(super) type Settings = Option<Arc<Located<ProjectSettings>>>;

/// One Dockerfile to look at. Nothing is read yet, but for stdin.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// Where it is, or is said to be.
    pub(super) path: PathBuf,
    /// The text of stdin.
    pub(super) stdin: Option<SourceFile>,
    /// Itself, where it is written into the file at `path`.
    pub(super) inline: Option<Arc<Inline>>,
    /// Why it cannot be looked at, as what follows its name.
    pub(super) trouble: Option<String>,
    /// The settings for it.
    pub(super) settings: Settings,
    /// The builds of it that Compose and Bake files declare.
    pub(super) builds: Vec<Arc<Build>>,
    /// Whether it is looked at because of those.
    pub(super) is_declared: bool,
}

impl Input {
    /// A file on disk.
    fn of(path: PathBuf, settings: Settings) -> Self {
        Self { path, stdin: None, inline: None, trouble: None, settings, builds: Vec::new(), is_declared: false }
    }

    /// A Dockerfile that a build is of.
    fn of_recipe(recipe: Recipe, settings: Settings) -> Self {
        match recipe {
            Recipe::File(path) => Self::of(path, settings),
            Recipe::Inline(inline) => {
                Self { inline: Some(Arc::clone(&inline)), ..Self::of(inline.path().to_owned(), settings) }
            }
        }
    }

    fn key(&self) -> Key {
        (absolute(&self.path), self.inline.as_ref().map(|inline| inline.start()))
    }

    /// Whether both are written into one file.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.inline.is_some() && other.inline.is_some() && self.path == other.path
    }

    /// Its bytes, or why there are none.
    pub(super) fn read(&self) -> Result<SourceFile, String> {
        if let Some(trouble) = &self.trouble {
            return Err(trouble.clone());
        }
        if let Some(inline) = &self.inline {
            return Ok(inline.source().clone());
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
pub(super) fn inputs(args: &FilesArgs, console: &mut Console) -> Answer<Vec<Input>> {
    let mut projects = Projects::new(args.config.as_deref())?;
    if args.paths.iter().any(|path| input::is_stdin(path)) {
        if args.paths.len() > 1 {
            return Err(Failure::usage("stdin (`-`) cannot be mixed with other paths"));
        }
        let input = from_stdin(args, &mut projects)?;
        projects.tell(console);
        return Ok(vec![input]);
    }
    let mut gathered = Gathered { args, projects, declared: DeclaredBuilds::new(), inputs: BTreeMap::new() };
    gathered.gather()?;
    let Gathered { mut declared, inputs, projects, .. } = gathered;
    projects.tell(console);
    let with_builds = |(key, input): (Key, Input)| Input { builds: declared.of(&key, input.is_declared), ..input };
    let inputs = inputs.into_iter().map(with_builds).collect();
    declared.notes.iter().for_each(|note| console.note(note));
    Ok(inputs)
}

/// One Dockerfile on disk, with its settings and what is declared of it.
pub(super) fn input(path: &Path) -> Answer<Input> {
    let settings = Projects::new(None)?.of(path)?;
    let input = Input::of(path.to_owned(), settings);
    Ok(Input { builds: DeclaredBuilds::new().of(&input.key(), false), ..input })
}

/// What is found on the way, by path, and by place where it is written into another file.
struct Gathered<'a> {
    args: &'a FilesArgs,
    projects: Projects,
    declared: DeclaredBuilds,
    inputs: BTreeMap<Key, Input>,
}

impl Gathered<'_> {
    fn gather(&mut self) -> Answer<()> {
        let here = absolute(Path::new("."));
        let exclude = self.args.exclude.iter().map(String::as_str);
        let exclusion = Exclusion::new(&here, exclude).map_err(wrong_glob)?;
        let paths = if self.args.paths.is_empty() { &[PathBuf::from(".")][..] } else { &self.args.paths };
        let searched: Vec<PathBuf> = paths.iter().filter(|path| path.is_dir()).map(|path| absolute(path)).collect();
        for found in dockerfiles(paths, &exclusion, self.args.force_exclude).map_err(wrong_glob)? {
            let settings = self.projects.of(&found.path)?;
            if self.leaves_out(&settings, &found.path, found.named)? {
                continue;
            }
            let trouble = found.trouble.map(cannot_be_read);
            let Some(kind) = found.declares.filter(|_| trouble.is_none()) else {
                self.add(Input { trouble, ..Input::of(found.path, settings) });
                continue;
            };
            match self.declared.take(&found.path, kind, found.named)? {
                Declares::Unreadable(why) => self.add(Input { trouble: Some(why), ..Input::of(found.path, settings) }),
                Declares::Dockerfiles(dockerfiles) => {
                    for recipe in dockerfiles {
                        let (file, _) = key(&recipe);
                        let is_in_reach = || searched.iter().any(|folder| file.starts_with(folder));
                        if found.named || (is_in_reach() && !exclusion.covers(&file) && file.is_file()) {
                            self.add_declared(recipe, found.named)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, input: Input) {
        self.inputs.entry(input.key()).or_insert(input);
    }

    /// Adds a Dockerfile because of a build of it.
    fn add_declared(&mut self, recipe: Recipe, named: bool) -> Answer<()> {
        let (file, _) = key(&recipe);
        let settings = self.projects.of(&file)?;
        if !self.leaves_out(&settings, &file, named)? {
            self.add(Input { is_declared: named, ..Input::of_recipe(recipe, settings) });
        }
        Ok(())
    }

    /// Whether the settings leave the file out.
    fn leaves_out(&mut self, settings: &Settings, path: &Path, named: bool) -> Answer<bool> {
        Ok((self.args.force_exclude || !named) && self.projects.exclude(settings, path)?)
    }
}

/// The settings for a file, whether or not it is there.
pub(super) fn settings_of(file: &Path, config: Option<&Path>, console: &mut Console) -> Answer<Settings> {
    let mut projects = Projects::new(config)?;
    let settings = projects.of(file)?;
    projects.tell(console);
    Ok(settings)
}

/// The rules that hadolint's settings can name.
pub(super) fn metas(catalogue: &Catalogue) -> Vec<&RuleMeta> {
    catalogue.rules().iter().map(|rule| &rule.meta).collect()
}

fn from_stdin(args: &FilesArgs, projects: &mut Projects) -> Answer<Input> {
    let path = args.stdin_filename.clone();
    if path.as_deref().and_then(declares).is_some() {
        return Err(Failure::usage("stdin is read as a Dockerfile, whatever its name")
            .with_help("name a Compose or Bake file as a path, for what is written into it"));
    }
    let name = path.as_ref().map_or("<stdin>".to_owned(), |path| path.display().to_string());
    let (bytes, trouble) = match input::read_text_from_stdin()? {
        Ok(bytes) => (bytes, None),
        Err(trouble) => (Vec::new(), Some(trouble)),
    };
    let path = path.unwrap_or_else(|| PathBuf::from("Dockerfile"));
    let settings = projects.of(&path)?;
    Ok(Input { stdin: Some(SourceFile::new(name, bytes)), trouble, ..Input::of(path, settings) })
}

fn cannot_be_read(why: String) -> String {
    format!("cannot be read: {why}")
}

/// Which settings and exclusions hold for which file.
struct Projects {
    /// The file that was named, for all.
    named: Settings,
    files: ProjectFiles,
    /// What holds where there is no such file, once that is known.
    hadolint: Option<Settings>,
    /// By settings file.
    exclusions: BTreeMap<PathBuf, Exclusion>,
}

impl Projects {
    fn new(config: Option<&Path>) -> Answer<Self> {
        let named = config.map(load).transpose()?.map(Arc::new);
        Ok(Self { named, files: ProjectFiles::default(), hadolint: None, exclusions: BTreeMap::new() })
    }

    fn of(&mut self, file: &Path) -> Answer<Settings> {
        if self.named.is_some() {
            return Ok(self.named.clone());
        }
        let absolute = absolute(file);
        match self.files.of(absolute.parent().unwrap_or(&absolute))? {
            Some(located) => Ok(Some(located)),
            None => self.of_hadolint(),
        }
    }

    fn of_hadolint(&mut self) -> Answer<Settings> {
        if self.hadolint.is_none() {
            let catalogue = Catalogue::builtin();
            self.hadolint = Some(load_hadolint(&metas(&catalogue))?.map(Arc::new));
        }
        Ok(self.hadolint.clone().flatten())
    }

    /// Says so where hadolint's settings hold.
    fn tell(&self, console: &mut Console) {
        if let Some(Some(located)) = &self.hadolint {
            let help = "`rplan config migrate` turns it into an rplan.toml";
            console.note(format_args!("hadolint's settings hold ({}); {help}", located.source.name()));
        }
    }

    /// Whether the settings leave the file out.
    fn exclude(&mut self, settings: &Settings, file: &Path) -> Answer<bool> {
        let Some(located) = settings else { return Ok(false) };
        if located.settings.lint.exclude.is_empty() {
            return Ok(false);
        }
        if !self.exclusions.contains_key(&located.file) {
            let exclusion = globs(located, &located.settings.lint.exclude)?;
            self.exclusions.insert(located.file.clone(), exclusion);
        }
        Ok(self.exclusions[&located.file].covers(&absolute(file)))
    }
}

/// The settings file that was named: hadolint's go by their ending.
fn load(path: &Path) -> Result<Located<ProjectSettings>, ConfigError> {
    match path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
        true => load_hadolint_file(path, &metas(&Catalogue::builtin())),
        false => load_project(path),
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
        let Args { global, command: Command::Lint(args) } = Args::parse_from(typed) else { panic!("lint was typed") };
        let inputs = inputs(&args.files, &mut Console::new(&global)).expect("one file");
        std::fs::remove_file(file).expect("it is there");
        assert!(inputs[0].read().is_err_and(|why| why.starts_with("cannot be read: ")));
    }
}
