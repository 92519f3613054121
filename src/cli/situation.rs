//! What a file is judged in: the values it is read under, and what is around it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::args::FilesArgs;
use crate::cli::files::Input;
use crate::cli::subject;
use crate::config::{ImageSettings, Located, ProjectSettings};
use crate::model::{ResolveOptions, Resolved, Surroundings, analyze, resolve};
use crate::report::ContextNote;
use crate::syntax::{Parsed, SyntaxError, parse};
use crate::text::SourceFile;
use crate::workspace::discover::absolute;
use crate::workspace::{Context, ContextRoot, StatCache, context_root};

/// What was typed about the surroundings of every file.
pub(super) struct Situations {
    context: Option<PathBuf>,
    options: ResolveOptions,
    here: PathBuf,
    today: String,
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
    /// Its context, in words.
    pub(super) context: ContextNote,
}

impl Situations {
    /// What was typed.
    pub(super) fn of(args: &FilesArgs) -> Self {
        Self {
            context: args.context.clone(),
            options: subject::resolve_options(&args.build_args, args.target.as_deref()),
            here: absolute(Path::new(".")),
            today: subject::today(),
        }
    }

    /// The situation of one file.
    pub(super) fn around(&self, input: &Input, source: &SourceFile) -> Situation {
        let images = images_of(input);
        let mut options = self.options.clone();
        if let Some((_, image)) = images.first() {
            let set: BTreeMap<String, String> = image.build_args.clone();
            options.build_args = set.into_iter().chain(options.build_args).collect();
        }
        let targets: BTreeSet<String> =
            images.iter().filter_map(|(_, image)| image.target.as_ref()).map(|target| target.value.clone()).collect();
        let mut around = Surroundings { today: Some(self.today.clone()), ..Surroundings::default() };
        around.targets = (!targets.is_empty()).then_some(targets);
        let Parsed { tree, errors } = parse(source);
        let resolved = resolve(analyze(tree), &options, &around);
        let root = self.root(input, &images, &resolved);
        let mut context = subject::note(&root);
        if let Some(directory) = root.path() {
            match Context::open(directory, Some(&input.path), StatCache::in_memory()) {
                Ok(open) => around.context = Some(Arc::new(open)),
                // A context that cannot be had is one that is not known; whoever builds will be told why.
                Err(_) => context = ContextNote::Unknown,
            }
        }
        Situation { errors, resolved, options, around, context }
    }

    fn root(&self, input: &Input, images: &[(PathBuf, &ImageSettings)], resolved: &Resolved) -> ContextRoot {
        if let Some(context) = &self.context {
            return ContextRoot::Known(context.clone());
        }
        match images.first() {
            Some((context, _)) => ContextRoot::Known(context.clone()),
            None if input.stdin.is_some() && input.name() == "<stdin>" => ContextRoot::Unknown,
            None => context_root(&input.path, resolved, &self.here),
        }
    }
}

/// The images of the settings that are built from this file, each with its context directory.
fn images_of(input: &Input) -> Vec<(PathBuf, &ImageSettings)> {
    let Some(located) = &input.settings else { return Vec::new() };
    let file = absolute(&input.path);
    let of = |image: &'_ ImageSettings| built_from(located, image) == file;
    let images = located.settings.images.iter().filter(|image| of(image));
    images.map(|image| (below(located, &image.context.value), image)).collect()
}

/// The Dockerfile of an image, in full.
fn built_from(located: &Located<ProjectSettings>, image: &ImageSettings) -> PathBuf {
    match &image.file {
        Some(file) => absolute(&below(located, &file.value)),
        None => absolute(&below(located, &image.context.value)).join("Dockerfile"),
    }
}

fn below(located: &Located<ProjectSettings>, path: &str) -> PathBuf {
    let joined = absolute(&located.folder().join(path));
    // Shown as it would be typed, where that is shorter.
    match joined.strip_prefix(absolute(Path::new("."))) {
        Ok(relative) if relative == Path::new("") => PathBuf::from("."),
        Ok(relative) => relative.to_owned(),
        Err(_) => joined,
    }
}
