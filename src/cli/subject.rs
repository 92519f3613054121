//! The one Dockerfile that `plan`, `optimize` and `build` are about: found, read, resolved, with what is around it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::args::{BuildArg, DockerfileArgs};
use crate::cli::declared::shorter;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::machine::{stat_cache, user_settings};
use crate::cli::situation::{Situation, facts};
use crate::cli::{files, input};
use crate::diagnostic::{Finding, Label, RuleId, Severity};
use crate::model::{
    BuildContext, DockerfileEdit, History, Problem, ResolveOptions, Resolved, Surroundings, analyze, resolve,
};
use crate::report::ContextNote;
use crate::syntax::parse;
use crate::text::SourceFile;
use crate::workspace::edits::edits;
use crate::workspace::history::history;
use crate::workspace::{Context, ContextError, ContextRoot, context_root, discover};

/// The names a Dockerfile has in its context, in the order in which they are looked for.
pub(super) const NAMES: [&str; 2] = ["Dockerfile", "Containerfile"];
/// The name under which a Dockerfile that no builder would accept is reported.
const BUILD_ERROR: RuleId = RuleId::builtin("build-error");

/// A Dockerfile that can be built, and what is around it.
pub(super) struct Subject {
    /// Its text.
    pub(super) source: SourceFile,
    /// Where it is; none on stdin.
    pub(super) path: Option<PathBuf>,
    /// The address that it was fetched from by itself; none where it lies here or in its context.
    pub(super) file_address: Option<String>,
    /// The address that its context was brought from; none where that is a directory here.
    pub(super) address: Option<String>,
    /// Its context.
    pub(super) context: Option<Arc<Context>>,
    /// The context in words.
    pub(super) context_note: ContextNote,
    /// Every word with its value.
    pub(super) resolved: Resolved,
    /// The context and more.
    pub(super) around: Surroundings,
}

impl Subject {
    /// Reads the Dockerfile that the arguments mean. One that no builder would accept is a failure.
    pub(super) fn read(args: &DockerfileArgs) -> Answer<Self> {
        Self::read_with(args, BTreeSet::new())
    }

    /// The same, where some names stand for named contexts.
    pub(super) fn read_with(args: &DockerfileArgs, named_contexts: BTreeSet<String>) -> Answer<Self> {
        let place = Place::of(args)?;
        let source = match &place.file {
            Some(path) => input::read(path)?,
            None => input::read(Path::new("-"))?,
        };
        Self::at(place, source, args, named_contexts)
    }

    /// A Dockerfile that was fetched from `address` as `bytes`, with a context here.
    pub(super) fn fetched(
        address: &str,
        bytes: Vec<u8>,
        args: &DockerfileArgs,
        named_contexts: BTreeSet<String>,
    ) -> Answer<Self> {
        let context = args.context.clone().unwrap_or_else(|| PathBuf::from("."));
        let place = Place { file: None, context: Some(context) };
        let subject = Self::at(place, SourceFile::new(address, bytes), args, named_contexts)?;
        Ok(Self { file_address: Some(address.to_owned()), ..subject })
    }

    fn at(place: Place, source: SourceFile, args: &DockerfileArgs, named_contexts: BTreeSet<String>) -> Answer<Self> {
        let options = resolve_options(&args.build_args, args.target.as_deref(), args.platform.as_deref());
        let mut around = Surroundings { today: Some(today()), named_contexts, ..Surroundings::default() };
        let resolved = resolved(&source, &options, &around)?;
        let root = match (place.context, &place.file) {
            (Some(context), _) => ContextRoot::Known(context),
            (None, Some(file)) => root(file, &resolved)?,
            (None, None) => ContextRoot::Unknown,
        };
        let context = match root.path() {
            Some(directory) => Some(Arc::new(open(directory, place.file.as_deref(), args.plain_modes)?)),
            None => None,
        };
        around.context = context.clone().map(|context| context as Arc<dyn BuildContext>);
        let (path, context_note) = (place.file, note(&root));
        Ok(Self { source, path, file_address: None, address: None, context, context_note, resolved, around })
    }

    /// A Dockerfile with a context that was brought from `address`; it was read as `source`, and is called `path` there.
    pub(super) fn brought(
        source: SourceFile,
        path: Option<PathBuf>,
        context: Option<Context>,
        address: &str,
        args: &DockerfileArgs,
        named_contexts: BTreeSet<String>,
    ) -> Answer<Self> {
        let options = resolve_options(&args.build_args, args.target.as_deref(), args.platform.as_deref());
        let mut around = Surroundings { today: Some(today()), named_contexts, ..Surroundings::default() };
        let resolved = resolved(&source, &options, &around)?;
        let context = context.map(Arc::new);
        around.context = context.clone().map(|context| context as Arc<dyn BuildContext>);
        let context_note = match context {
            Some(_) => ContextNote::Known(address.to_owned()),
            None => ContextNote::Unknown,
        };
        let address = Some(address.to_owned());
        Ok(Self { source, path, file_address: None, address, context, context_note, resolved, around })
    }
}

impl Subject {
    /// A file that was found and read. One that no builder would accept is a failure.
    pub(super) fn of(source: SourceFile, path: Option<PathBuf>, situation: Situation) -> Answer<Self> {
        let Situation { errors, resolved, around, opened, context, .. } = situation;
        if !errors.is_empty() {
            return Err(Failure::syntax(&source, &errors));
        }
        let resolved = buildable(&source, resolved)?;
        let (context, context_note) = (opened, context);
        Ok(Self { source, path, file_address: None, address: None, context, context_note, resolved, around })
    }

    /// Fills in what past commits changed in the context, where it is in a repository.
    pub(super) fn look_back(&mut self, most: usize) {
        let Some(context) = &self.context else { return };
        match history(context.root(), most) {
            Ok(found) => {
                self.around.edits = self.path.as_deref().map(|path| dockerfile_edits(path, &found)).unwrap_or_default();
                self.around.history = Some(found);
            }
            Err(error) => tracing::debug!("no history: {error}"),
        }
    }

    /// What tells a build from others: the context, the Dockerfile, the target.
    pub(super) fn identity(&self, target: Option<&str>) -> String {
        let (context, file) = match &self.address {
            Some(address) => (address.clone(), self.path.as_ref().map(|path| path.display().to_string())),
            None => {
                let context = self.context.as_ref().map(|context| full(context.root()));
                (context.unwrap_or_default(), self.file_address.clone().or_else(|| self.path.as_deref().map(full)))
            }
        };
        identity(&context, file.as_deref(), target)
    }

    /// `Dockerfile, context .`
    pub(super) fn in_words(&self) -> String {
        match (&self.context, &self.address) {
            (Some(_), Some(address)) => format!("{}, context {address}", self.source.name()),
            (Some(context), None) => format!("{}, context {}", self.source.name(), context.root().display()),
            (None, _) => format!("{}, no context", self.source.name()),
        }
    }
}

/// What tells a build from others, of its context and file as they are called in full, and its target.
pub(super) fn identity(context: &str, file: Option<&str>, target: Option<&str>) -> String {
    [context, file.unwrap_or_default(), &target.unwrap_or_default().to_lowercase()].join("\n")
}

/// A path as it is called in full.
pub(super) fn full(path: &Path) -> String {
    path.canonicalize().unwrap_or_else(|_| discover::absolute(path)).display().to_string()
}

/// Where the Dockerfile and its context are; no file is stdin, no context is to be found by its COPY sources.
pub(super) struct Place {
    pub(super) file: Option<PathBuf>,
    pub(super) context: Option<PathBuf>,
}

impl Place {
    /// What the arguments mean.
    pub(super) fn of(args: &DockerfileArgs) -> Answer<Self> {
        let given = args.context.as_deref();
        match (given, args.file.as_deref()) {
            (Some(path), Some(_)) if input::is_stdin(path) || path.is_file() => Err(Failure::usage(format_args!(
                "`{}` is no directory: with --file the argument is the build context",
                path.display()
            ))),
            (Some(path), None) if input::is_stdin(path) => Ok(Self { file: None, context: None }),
            (Some(path), None) if path.is_file() => Ok(Self { file: Some(path.to_owned()), context: None }),
            (context, file) => {
                let context = context.unwrap_or(Path::new(".")).to_owned();
                let file = match file {
                    Some(file) if input::is_stdin(file) => None,
                    Some(file) => Some(file.to_owned()),
                    None => Some(in_context(&context)?),
                };
                Ok(Self { file, context: Some(context) })
            }
        }
    }
}

/// The Dockerfile of a context, by its name.
fn in_context(context: &Path) -> Answer<PathBuf> {
    if !context.is_dir() {
        return Err(Failure::usage(format_args!("there is no directory `{}`", context.display())));
    }
    let named = |name: &&str| if context == Path::new(".") { PathBuf::from(name) } else { context.join(name) };
    NAMES.iter().map(named).find(|path| path.is_file()).ok_or_else(|| {
        Failure::usage(format_args!("there is no Dockerfile and no Containerfile in `{}`", context.display()))
            .with_help("name one with -f FILE")
    })
}

/// What past commits made of a Dockerfile, as far as git can tell.
pub(super) fn dockerfile_edits(path: &Path, history: &History) -> Vec<DockerfileEdit> {
    edits(path, history).unwrap_or_else(|error| {
        tracing::debug!("no past Dockerfiles: {error}");
        Vec::new()
    })
}

/// What a Dockerfile is read under.
pub(super) fn resolve_options(
    build_args: &[BuildArg],
    target: Option<&str>,
    for_platform: Option<&str>,
) -> ResolveOptions {
    ResolveOptions {
        build_args: values(build_args),
        target: target.map(str::to_owned),
        platform: for_platform.map_or_else(platform, str::to_owned),
        build_platform: Some(platform()),
        ..ResolveOptions::default()
    }
}

/// The values of build arguments; one without a value has that of the environment, or stays unset.
pub(super) fn values(build_args: &[BuildArg]) -> BTreeMap<String, String> {
    let value = |arg: &BuildArg| arg.value.clone().or_else(|| std::env::var(&arg.name).ok());
    build_args.iter().filter_map(|arg| Some((arg.name.clone(), value(arg)?))).collect()
}

/// The platform that images are built for here: Linux on this machine's processor, as images name it.
fn platform() -> String {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "x86" => "386",
        "aarch64" => "arm64",
        "arm" => "arm/v7",
        "powerpc64" => "ppc64le",
        other => other,
    };
    format!("linux/{architecture}")
}

/// Today, as `YYYY-MM-DD`.
pub(super) fn today() -> String {
    jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date().to_string()
}

/// The context of a Dockerfile that was given without one: what the settings, Compose or Bake files say, or else what its
/// COPY sources tell.
fn root(file: &Path, resolved: &Resolved) -> Answer<ContextRoot> {
    let here = discover::absolute(Path::new("."));
    let declared = facts(&files::input(file)?).context;
    Ok(match declared {
        Some(context) => ContextRoot::Known(shorter(&here, discover::absolute(&context))),
        None => context_root(file, resolved, &here),
    })
}

fn resolved(source: &SourceFile, options: &ResolveOptions, around: &Surroundings) -> Answer<Resolved> {
    let parsed = parse(source);
    if !parsed.errors.is_empty() {
        return Err(Failure::syntax(source, &parsed.errors));
    }
    buildable(source, resolve(analyze(parsed.tree), options, around))
}

/// The same, if a builder would accept it.
fn buildable(source: &SourceFile, resolved: Resolved) -> Answer<Resolved> {
    let found: Vec<Problem> = resolved.model.problems.iter().chain(&resolved.problems).cloned().collect();
    match found.is_empty() {
        true => Ok(resolved),
        false => Err(problems(source, &found)),
    }
}

/// A Dockerfile that no builder would accept.
pub(super) fn problems(source: &SourceFile, found: &[Problem]) -> Failure {
    let mut findings: Vec<Finding> = found.iter().map(finding).collect();
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    findings.dedup();
    Failure::Drawn { exit: Exit::No, source: source.clone(), findings }
}

fn finding(problem: &Problem) -> Finding {
    let mut finding = Finding::new(BUILD_ERROR, Severity::Error, problem.span, &problem.message);
    finding.help = problem.help.clone();
    finding.related =
        problem.related.iter().map(|place| Label { span: place.span, message: place.value.clone() }).collect();
    finding
}

fn open(directory: &Path, dockerfile: Option<&Path>, plain_modes: bool) -> Answer<Context> {
    let context = Context::open(directory, dockerfile, stat_cache(directory))?;
    Ok(if plain_modes || user_settings()?.plain_modes { context.with_plain_modes() } else { context })
}

/// A context in words.
pub(super) fn note(root: &ContextRoot) -> ContextNote {
    match root {
        ContextRoot::Known(path) => ContextNote::Known(path.display().to_string()),
        ContextRoot::Assumed(path) => ContextNote::Assumed(path.display().to_string()),
        ContextRoot::Unknown => ContextNote::Unknown,
    }
}

impl From<ContextError> for Failure {
    fn from(error: ContextError) -> Self {
        match error {
            ContextError::NotADirectory { .. } => Failure::usage(error),
            ContextError::Unreadable { path, source } => {
                Failure::environment(format_args!("cannot read `{}`: {source}", path.display()))
            }
            ContextError::Ignore { file, error } => {
                Failure::drawn(Exit::No, &file, "ignore-file", error.span, error.message)
            }
        }
    }
}
