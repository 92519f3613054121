//! What a file is judged in: the values it is read under, and what is around it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::args::FilesArgs;
use crate::cli::at_hand::ImagesAtHand;
use crate::cli::console::Console;
use crate::cli::contexts::Contexts;
use crate::cli::declared::shorter;
use crate::cli::exit::Answer;
use crate::cli::files::Input;
use crate::cli::proposed::are_wanted;
use crate::cli::rulebook::Rulebooks;
use crate::cli::{machine, subject};
use crate::config::{ImageSettings, Located, ProjectSettings};
use crate::model::{
    BuildContext, Model, Operation, ResolveOptions, Resolved, ShellChecker, Surroundings, analyze, resolve,
};
use crate::report::ContextNote;
use crate::syntax::{Parsed, SyntaxError, parse};
use crate::text::SourceFile;
use crate::workspace::builds::{Build, Facts, Recipe};
use crate::workspace::discover::absolute;
use crate::workspace::{Context, ContextRoot, ShellCheck, context_root};

/// How many past commits a rule looks at.
const COMMITS: usize = 200;

/// What builders make of the platform that they build for.
const ARGS_OF_PLATFORM: [&str; 5] = ["TARGETPLATFORM", "TARGETOS", "TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT"];

/// What was typed about the surroundings of every file.
pub(super) struct Situations {
    context: Option<PathBuf>,
    options: ResolveOptions,
    here: PathBuf,
    today: String,
    /// Where some file is judged by its rules.
    shellcheck: Option<Arc<ShellCheck>>,
    /// How many past commits some file is judged by.
    commits: Option<usize>,
    images: ImagesAtHand,
    contexts: Contexts,
}

/// One file, read and resolved, with what is around it.
pub(super) struct Situation {
    /// What was wrong with its shape.
    pub(super) errors: Vec<SyntaxError>,
    /// Every word with its value.
    pub(super) resolved: Resolved,
    /// What it was read under.
    pub(super) options: ResolveOptions,
    /// What is around it.
    pub(super) around: Surroundings,
    /// Its context, where that could be opened.
    pub(super) opened: Option<Arc<Context>>,
    /// Its context, in words.
    pub(super) context: ContextNote,
}

impl Situations {
    /// What was typed, for files that are judged by these books.
    pub(super) fn of(args: &FilesArgs, books: &Rulebooks) -> Answer<Self> {
        Ok(Self {
            context: args.context.clone(),
            options: subject::resolve_options(&args.build_args, args.target.as_deref(), None),
            here: absolute(Path::new(".")),
            today: subject::today(),
            commits: (books.want("often-changed-first") || are_wanted(books)).then_some(COMMITS),
            shellcheck: if books.want("shellcheck") { Some(Arc::new(machine::shellcheck()?)) } else { None },
            images: ImagesAtHand::open()?,
            contexts: Contexts::default(),
        })
    }

    /// What was typed, for files that are to be planned, and judged by as many past commits.
    pub(super) fn of_builds(args: &FilesArgs, platform: Option<&str>, commits: Option<usize>) -> Answer<Self> {
        Ok(Self {
            context: args.context.clone(),
            options: subject::resolve_options(&args.build_args, args.target.as_deref(), platform),
            here: absolute(Path::new(".")),
            today: subject::today(),
            commits,
            shellcheck: None,
            images: ImagesAtHand::open()?,
            contexts: Contexts::default(),
        })
    }

    /// Whether ShellCheck is asked, and answers.
    pub(super) fn ask_shellcheck(&self) -> bool {
        self.shellcheck.as_ref().is_some_and(|shellcheck| shellcheck.trouble().is_none())
    }

    /// Tells why something is missing in what was found.
    pub(super) fn tell_trouble(&self, console: &mut Console) {
        if let Some(trouble) = self.shellcheck.as_ref().and_then(|shellcheck| shellcheck.trouble()) {
            console.note(trouble);
        }
    }

    /// Forgets the contexts that were opened: what follows is about files that were written since.
    pub(super) fn look_anew(&mut self) {
        self.contexts = Contexts::default();
    }

    /// The situation of one file.
    pub(super) fn around(&self, input: &Input, source: &SourceFile) -> Situation {
        let facts = facts(input);
        let Parsed { tree, errors } = parse(source);
        let model = analyze(tree);
        let mut around = Surroundings { today: Some(self.today.clone()), ..Surroundings::default() };
        around.shell_checker = self.shellcheck.clone().map(|checker| checker as Arc<dyn ShellChecker>);
        around.targets = targets(&facts, &model);
        around.named_contexts = facts.named_contexts.clone();
        let options = self.options(&facts, input.is_declared || input.inline.is_some(), &model);
        let mut resolved = resolve(model, &options, &around);
        around.images = self.images.of(&resolved, &around);
        if !around.images.is_empty() {
            resolved = resolve(resolved.model, &options, &around);
        }
        let root = self.root(input, &facts, &resolved);
        let mut context = subject::note(&root);
        let mut opened_context = None;
        if let Some(directory) = root.path() {
            let file = input.inline.is_none().then_some(input.path.as_path());
            match self.contexts.open(directory, file) {
                Some(opened) => {
                    around.history = self.commits.and_then(|most| opened.history(most));
                    around.context = Some(Arc::clone(&opened.context) as Arc<dyn BuildContext>);
                    opened_context = Some(Arc::clone(&opened.context));
                }
                // A context that cannot be had is one that is not known; whoever builds will be told why.
                None => context = ContextNote::Unknown,
            }
        }
        Situation { errors, resolved, options, around, opened: opened_context, context }
    }

    /// What was typed, and what is said of the builds of the file besides.
    fn options(&self, facts: &Facts, is_declared: bool, model: &Model) -> ResolveOptions {
        let mut options = self.options.clone();
        options.build_args = facts.args.clone().into_iter().chain(options.build_args).collect();
        options.unknown_args = facts.unknown_args.clone();
        if facts.has_further_args {
            options.unknown_args.extend(declared_args(model));
        }
        match &facts.only_platform {
            Some(platform) => options.platform = platform.clone(),
            None if facts.has_unknown_platform => options.unknown_args.extend(ARGS_OF_PLATFORM.map(str::to_owned)),
            None => {}
        }
        if is_declared {
            options.target = options.target.or_else(|| facts.only_target.clone());
        }
        options
    }

    fn root(&self, input: &Input, facts: &Facts, resolved: &Resolved) -> ContextRoot {
        match self.context.as_ref().or(facts.context.as_ref()) {
            Some(context) => ContextRoot::Known(shorter(&self.here, context.clone())),
            None if input.stdin.is_some() && input.name() == "<stdin>" => ContextRoot::Unknown,
            None if input.inline.is_some() => ContextRoot::Unknown,
            None => context_root(&input.path, resolved, &self.here),
        }
    }
}

/// What the settings say of the builds of a file, or else what Compose and Bake files say. Whatever stage any of them
/// builds is built on purpose.
pub(super) fn facts(input: &Input) -> Facts {
    let mut facts = Facts::of(&input.builds);
    let images = images_of(input);
    if !images.is_empty() {
        let Facts { targets, has_unknown_target, named_contexts, only_platform, has_unknown_platform, .. } = facts;
        facts = Facts::of(&images);
        facts.targets.extend(targets);
        facts.has_unknown_target |= has_unknown_target;
        facts.named_contexts = named_contexts;
        (facts.only_platform, facts.has_unknown_platform) = (only_platform, has_unknown_platform);
    }
    let declared = input.settings.iter().flat_map(|located| &located.settings.lint.targets);
    facts.targets.extend(declared.map(|target| target.value.clone()));
    facts
}

/// The stages that are built on purpose; none where nobody says so. One that nobody knows may be any of them.
fn targets(facts: &Facts, model: &Model) -> Option<BTreeSet<String>> {
    let mut targets = facts.targets.clone();
    if facts.has_unknown_target {
        targets.extend(model.stages.iter().filter_map(|stage| stage.name.as_ref()).map(|name| name.value.clone()));
    }
    (!targets.is_empty()).then_some(targets)
}

/// The name of every ARG.
fn declared_args(model: &Model) -> Vec<String> {
    let args = model.instructions().filter_map(|instruction| match &instruction.operation {
        Operation::Arg(args) => Some(args),
        _ => None,
    });
    args.flatten().map(|arg| arg.name.value.clone()).collect()
}

/// The images of the settings that are built from this file.
fn images_of(input: &Input) -> Vec<Build> {
    let Some(located) = &input.settings else { return Vec::new() };
    let file = absolute(&input.path);
    let images = located.settings.images.iter().filter(|image| built_from(located, image) == file);
    let build = |image: &ImageSettings| Build {
        name: String::new(),
        recipe: Recipe::File(input.path.clone()),
        context: Some(absolute(&located.folder().join(&image.context.value))),
        target: image.target.as_ref().map(|target| Some(target.value.clone())),
        args: image.build_args.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect(),
        has_further_args: false,
        named_contexts: BTreeSet::new(),
        platforms: None,
    };
    images.map(build).collect()
}

/// The Dockerfile of an image, in full.
fn built_from(located: &Located<ProjectSettings>, image: &ImageSettings) -> PathBuf {
    let below = |path: &str| absolute(&located.folder().join(path));
    match &image.file {
        Some(file) => below(&file.value),
        None => below(&image.context.value).join("Dockerfile"),
    }
}
