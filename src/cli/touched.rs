//! `rplan plan --since`: what the changes since a commit do to one image, or with `--all` to every image of a repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::cli::args::{PlanArgs, PlanFormatName};
use crate::cli::console::Console;
use crate::cli::earlier::{self, measured, recall};
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::formats;
use crate::cli::plan::{costs, planned};
use crate::cli::since::refused;
use crate::cli::subject::Subject;
use crate::cli::subjects::Subjects;
use crate::model::{analyze, resolve};
use crate::plan::record::StepRecord;
use crate::plan::since::{Difference, since};
use crate::plan::stale::{Builder, Cause, Changes, Fate, invalidated};
use crate::plan::{Planned, critical};
use crate::report::{TouchedImage, TouchedView, write_touched_json, write_touched_names, write_touched_text};
use crate::syntax::parse;
use crate::text::SourceFile;
use crate::workspace::history::changed_since;
use crate::workspace::repository_root;
use crate::workspace::revision::{Before, Revision};

/// What is asked of git once, however many Dockerfiles share a repository or a context.
pub(super) struct SinceRevision<'a> {
    revision: &'a str,
    repositories: BTreeMap<PathBuf, Revision>,
    contexts: BTreeMap<PathBuf, BTreeSet<String>>,
}

impl<'a> SinceRevision<'a> {
    pub(super) fn new(revision: &'a str) -> Self {
        Self { revision, repositories: BTreeMap::new(), contexts: BTreeMap::new() }
    }

    /// What has changed for the plan of a subject: files of its context, and its own lines.
    pub(super) fn difference(&mut self, subject: &Subject, planned: &Planned) -> Answer<Difference> {
        let context = subject.around.context.as_deref();
        let paths = match &subject.context {
            Some(context) => self.paths(context.root())?,
            None => BTreeSet::new(),
        };
        let files = Changes::of_paths(paths.iter().map(String::as_str), context);
        let Difference { reasons, changes } = self.lines(subject, planned)?;
        Ok(Difference { reasons, changes: files.and(changes) })
    }

    fn paths(&mut self, root: &Path) -> Answer<BTreeSet<String>> {
        if let Some(known) = self.contexts.get(root) {
            return Ok(known.clone());
        }
        let paths = changed_since(root, self.revision).map_err(refused)?;
        self.contexts.insert(root.to_owned(), paths.clone());
        Ok(paths)
    }

    /// The steps whose line, base or settings are others than in the Dockerfile as it was.
    fn lines(&mut self, subject: &Subject, planned: &Planned) -> Answer<Difference> {
        let Some(path) = &subject.path else { return Ok(Difference::default()) };
        let full = path.canonicalize().unwrap_or_else(|_| path.clone());
        let folder = full.parent().unwrap_or(&full);
        let root = repository_root(folder).unwrap_or(folder).to_owned();
        if !self.repositories.contains_key(&root) {
            self.repositories.insert(root.clone(), Revision::open(folder, self.revision).map_err(refused)?);
        }
        let old = match self.repositories[&root].before(path).map_err(refused)? {
            Before::Same => return Ok(Difference::default()),
            Before::Nothing => None,
            Before::Bytes(bytes) => old_plan(subject, bytes),
        };
        let records = |old: &Planned| old.steps.iter().map(|step| StepRecord::of(old, step)).collect::<Vec<_>>();
        let records = old.as_ref().map(records).unwrap_or_default();
        // Without a context the files that steps took count as unchanged: those are told by their paths.
        Ok(since(planned, &records, &|_| None, None))
    }
}

/// The plan of the Dockerfile as it was; none where nobody could have built that.
fn old_plan(subject: &Subject, bytes: Vec<u8>) -> Option<Planned> {
    let parsed = parse(&SourceFile::new(subject.source.name(), bytes));
    let resolved = resolve(analyze(parsed.tree), &subject.resolved.options, &subject.around);
    planned(subject, &resolved).ok().filter(|_| parsed.errors.is_empty())
}

/// Shows which images of a repository change.
pub(super) fn show(args: &PlanArgs, revision: &str, console: &mut Console) -> Answer {
    let subjects = Subjects::below(&args.dockerfile, None, console)?;
    let count = subjects.found.len();
    let mut git = SinceRevision::new(revision);
    let mut images = Vec::new();
    for (name, mut subject) in subjects.found {
        images.extend(touched(name, &mut subject, args.builder.map(Builder::from), &mut git)?);
    }
    let view = TouchedView { images, of: count, revision: revision.to_owned() };
    let drawn = |name: &PlanFormatName| matches!(name, PlanFormatName::Dot | PlanFormatName::Mermaid);
    if args.formats.iter().any(|format| drawn(&format.name)) {
        return Err(Failure::usage("a graph is that of one image: --all has the forms pretty, json and names"));
    }
    formats::write_all(&args.formats, PlanFormatName::Pretty, console, |name, style, out| match name {
        PlanFormatName::Json => write_touched_json(&view, out),
        PlanFormatName::Names => write_touched_names(&view, out),
        _ => write_touched_text(&view, style, out),
    })?;
    Ok(subjects.exit.or(Exit::Fine))
}

/// What becomes of an image; none if all of it stays cached.
fn touched(
    name: String,
    subject: &mut Subject,
    builder: Option<Builder>,
    git: &mut SinceRevision<'_>,
) -> Answer<Option<TouchedImage>> {
    let last_build = recall(subject, None, None)?;
    let planned = planned(subject, &subject.resolved)?;
    let costs = costs(measured(last_build.as_ref(), &planned)?, &planned);
    let builder = builder.unwrap_or_else(|| earlier::builder(last_build.as_ref()));
    let changes = git.difference(subject, &planned)?.changes;
    let fates = invalidated(&planned, &changes, subject.around.context.as_deref(), builder);
    let live = fates.iter().filter(|fate| fate.is_stale()).count();
    // What is done in every build changes nothing.
    if fates.iter().all(|fate| !fate.is_stale() || fate.is_repeated()) {
        return Ok(None);
    }
    let path = critical::path(&planned, &|step| costs[step.0], &|step| fates[step.0].is_stale());
    let known = path.steps.iter().map(|step| costs[step.0]).reduce(critical::Cost::and).unwrap_or_default();
    Ok(Some(TouchedImage {
        name,
        dockerfile: subject.source.name().to_owned(),
        context: subject.context_note.clone(),
        steps: planned.steps.len(),
        runs: fates.iter().filter(|fate| fate.runs()).count(),
        may_run: live - fates.iter().filter(|fate| fate.runs()).count(),
        takes: known,
        because: because(&fates, subject),
    }))
}

/// What it begins with: the changed files, and the Dockerfile where a line of it changed.
fn because(fates: &[Fate], subject: &Subject) -> Vec<String> {
    let mut because = BTreeSet::new();
    for cause in fates.iter().flat_map(Fate::causes) {
        match cause {
            Cause::Takes(paths) => because.extend(paths.iter().cloned()),
            Cause::IgnoreRules => drop(because.insert(".dockerignore".to_owned())),
            Cause::Itself => {
                let name = subject.path.as_ref().and_then(|path| path.file_name());
                because.insert(name.map_or("Dockerfile".to_owned(), |name| name.to_string_lossy().into_owned()));
            }
            Cause::Repeated | Cause::Follows(_) | Cause::Output { .. } => {}
        }
    }
    because.into_iter().collect()
}
