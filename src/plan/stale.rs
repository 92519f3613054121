//! What a change makes stale: for each step whether it runs, may run, or stays cached.
//!
//! The one place that decides this: `plan --changed`, the cost model and the rebuild log all ask here.
//! Invariant: what is said to run does run, and whatever runs was said to run or to be able to. (Steps that are the same
//! work, which their equal definitions tell, run as one.)

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::model::{BuildContext, path};
use crate::plan::selection::{Selection, Taken, Winners};
use crate::plan::{Filesystem, Input, Operation, Origin, Planned, Step, StepId};

/// Whose rules of caching apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Builder {
    /// BuildKit: behind a step that ran, everything in its stage runs.
    #[default]
    Buildkit,
    /// Buildah with `--layers`, which podman has by default: the same, but files are copied in every build before the
    /// cache is asked, and a RUN that mounts a stage which ran is not looked up at all.
    Buildah,
    /// Kaniko: the same, but it keeps no layers of COPY and ADD (without `--cache-copy-layers`), so that files are copied
    /// in every build, and it stacks no linked copy on what is below.
    Kaniko,
    /// rplan: where a step that ran gave the same layer, what follows stays cached.
    Rplan,
}

impl Builder {
    /// Whether it does such a step in every build, although what follows may stay cached.
    fn repeats(self, operation: &Operation) -> bool {
        matches!(self, Builder::Buildah | Builder::Kaniko)
            && matches!(operation, Operation::Copy(_) | Operation::Add(_))
    }

    /// Whether stages that do not need each other are built at once, without being told.
    pub fn builds_at_once(self) -> bool {
        matches!(self, Builder::Buildkit | Builder::Rplan)
    }

    /// Whether it asks in each build which image a tag is, and does not take one that is there.
    pub fn asks_for_tags(self) -> bool {
        matches!(self, Builder::Buildkit | Builder::Kaniko)
    }

    /// What people type.
    pub fn as_str(self) -> &'static str {
        match self {
            Builder::Buildkit => "buildkit",
            Builder::Buildah => "buildah",
            Builder::Kaniko => "kaniko",
            Builder::Rplan => "rplan",
        }
    }
}

/// What has changed since a build.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    paths: BTreeSet<String>,
    touches_ignore_rules: bool,
    steps: BTreeSet<StepId>,
}

impl Changes {
    /// Changed content of these paths of the context, which need not exist (any more). What the ignore rules exclude
    /// does not count; a directory stands for everything in it.
    pub fn of_paths<'p>(paths: impl IntoIterator<Item = &'p str>, context: Option<&dyn BuildContext>) -> Self {
        let mut changes = Self::default();
        for path in paths {
            let path = path::inside(path);
            changes.touches_ignore_rules |= path.ends_with(".dockerignore");
            match context {
                Some(context) => changes.add(path, context),
                None => drop(changes.paths.insert(path)),
            }
        }
        changes
    }

    /// Steps that run whatever the files are: their line, their base or something in their environment has changed.
    pub fn of_steps(steps: impl IntoIterator<Item = StepId>) -> Self {
        Self { steps: steps.into_iter().collect(), ..Self::default() }
    }

    /// Both together.
    pub fn and(mut self, mut other: Self) -> Self {
        self.paths.append(&mut other.paths);
        self.steps.append(&mut other.steps);
        self.touches_ignore_rules |= other.touches_ignore_rules;
        self
    }

    /// The paths that count.
    pub fn paths(&self) -> &BTreeSet<String> {
        &self.paths
    }

    fn add(&mut self, path: String, context: &dyn BuildContext) {
        let entries = context.entries();
        let inside = format!("{path}/");
        let first = entries.partition_point(|entry| entry.path < inside);
        let mut below = entries[first..].iter().take_while(|entry| entry.path.starts_with(&inside)).peekable();
        match (path.is_empty(), below.peek()) {
            (true, _) => self.paths.extend(entries.iter().map(|entry| entry.path.clone())),
            (false, Some(_)) => self.paths.extend(below.map(|entry| entry.path.clone())),
            (false, None) if context.excludes(&path) => {}
            (false, None) => drop(self.paths.insert(path)),
        }
    }
}

/// What becomes of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", content = "because", rename_all = "snake_case")]
pub enum Fate {
    /// Its result is still good.
    Cached,
    /// It runs if something turns out that is not known before.
    MayRun(Vec<Cause>),
    /// It runs.
    Runs(Vec<Cause>),
}

impl Fate {
    /// Whether it runs for certain.
    pub fn runs(&self) -> bool {
        matches!(self, Fate::Runs(_))
    }

    /// Whether it runs or may.
    pub fn is_stale(&self) -> bool {
        !matches!(self, Fate::Cached)
    }

    /// Whether it runs for no other reason than that the builder does so in every build.
    pub fn is_repeated(&self) -> bool {
        self.causes() == [Cause::Repeated]
    }

    /// Why it runs or may.
    pub fn causes(&self) -> &[Cause] {
        match self {
            Fate::Cached => &[],
            Fate::MayRun(causes) | Fate::Runs(causes) => causes,
        }
    }
}

/// Why a step runs, or may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It takes these changed paths from the context.
    Takes(Vec<String>),
    /// The ignore rules may have changed what it takes.
    IgnoreRules,
    /// The caller said that it runs.
    Itself,
    /// The builder does such a step in every build; what it leaves is the same.
    Repeated,
    /// What is below it changes, or may: this step is where that begins.
    Follows(StepId),
    /// It takes files from a stage whose output differs, or may: this step is where that begins.
    Output {
        /// The stage, or the image.
        origin: Origin,
        /// Where it begins.
        step: StepId,
    },
}

/// For each step of a plan what becomes of it under these changes.
pub fn invalidated(
    planned: &Planned,
    changes: &Changes,
    context: Option<&dyn BuildContext>,
    builder: Builder,
) -> Vec<Fate> {
    Watch::new(planned, context).invalidated(changes, builder)
}

/// A plan made ready to be asked about many changes.
pub struct Watch<'a> {
    planned: &'a Planned,
    context: Option<&'a dyn BuildContext>,
    /// What each step takes from the context.
    selections: Vec<Option<Selection>>,
    winners: Vec<OnceLock<Winners>>,
    inputs: Vec<Vec<Input>>,
}

/// What is known of the file system that a step leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Output {
    Same,
    MayDiffer(StepId),
    Differs(StepId),
}

impl<'a> Watch<'a> {
    /// Watches a plan over a context.
    pub fn new(planned: &'a Planned, context: Option<&'a dyn BuildContext>) -> Self {
        let steps = &planned.steps;
        Self {
            planned,
            context,
            selections: steps.iter().map(|step| Selection::of(step, context)).collect(),
            winners: steps.iter().map(|_| OnceLock::new()).collect(),
            inputs: steps.iter().map(Step::inputs).collect(),
        }
    }

    /// For each step what becomes of it under these changes.
    pub fn invalidated(&self, changes: &Changes, builder: Builder) -> Vec<Fate> {
        let mut fates: Vec<Fate> = Vec::with_capacity(self.planned.steps.len());
        let mut outputs: Vec<Output> = Vec::with_capacity(self.planned.steps.len());
        for step in &self.planned.steps {
            let fate = self.fate(step, changes, &outputs, builder);
            outputs.push(self.output(step, &fate, &outputs, builder));
            fates.push(fate);
        }
        fates
    }

    fn fate(&self, step: &Step, changes: &Changes, outputs: &[Output], builder: Builder) -> Fate {
        let mut surely = Vec::new();
        let mut maybe = Vec::new();
        if changes.steps.contains(&step.id) {
            surely.push(Cause::Itself);
        }
        if let Some(selection) = &self.selections[step.id.0] {
            let (mut taken, mut perhaps) = (Vec::new(), Vec::new());
            for path in &changes.paths {
                match selection.takes(path) {
                    Taken::Yes => taken.push(path.clone()),
                    Taken::Maybe => perhaps.push(path.clone()),
                    Taken::No => {}
                }
            }
            surely.extend((!taken.is_empty()).then_some(Cause::Takes(taken)));
            maybe.extend((!perhaps.is_empty()).then_some(Cause::Takes(perhaps)));
            maybe.extend(changes.touches_ignore_rules.then_some(Cause::IgnoreRules));
        }
        let linked_below = step.below.filter(|_| builder == Builder::Kaniko && !step.reads_below()).map(Input::Below);
        for input in self.inputs[step.id.0].iter().chain(&linked_below) {
            let (output, origin) = match input {
                Input::Below(filesystem) => (of(*filesystem, outputs), None),
                Input::Files(origin) => (origin.filesystem().map_or(Output::Same, |it| of(it, outputs)), Some(*origin)),
            };
            match (output, origin) {
                (Output::Same, _) => {}
                (Output::Differs(root), None) => surely.push(Cause::Follows(root)),
                (Output::MayDiffer(root), None) => maybe.push(Cause::Follows(root)),
                (Output::Differs(root), Some(origin))
                    if builder == Builder::Buildah && matches!(step.operation, Operation::Run(_)) =>
                {
                    surely.push(Cause::Output { origin, step: root });
                }
                // The files that are taken may be the same although others are not.
                (Output::Differs(root) | Output::MayDiffer(root), Some(origin)) => {
                    maybe.push(Cause::Output { origin, step: root });
                }
            }
        }
        match (surely.is_empty(), maybe.is_empty()) {
            (false, _) => Fate::Runs(surely),
            (true, _) if builder.repeats(&step.operation) => {
                Fate::Runs(maybe.into_iter().chain([Cause::Repeated]).collect())
            }
            (true, false) => Fate::MayRun(maybe),
            (true, true) => Fate::Cached,
        }
    }

    /// The file system that a step leaves is what is below it and what it adds; either may differ.
    fn output(&self, step: &Step, fate: &Fate, outputs: &[Output], builder: Builder) -> Output {
        let below = step.below.map_or(Output::Same, |below| of(below, outputs));
        // What follows within the stage names the step of the stage where the difference came in.
        let root = match fate.causes().first() {
            Some(Cause::Follows(root)) => *root,
            _ => step.id,
        };
        let own = match fate {
            Fate::Cached => Output::Same,
            Fate::Runs(_) if fate.is_repeated() => Output::Same,
            Fate::Runs(causes) if causes.contains(&Cause::Repeated) => Output::MayDiffer(root),
            Fate::MayRun(_) => Output::MayDiffer(root),
            // Whoever keys a step by the key of the one below, and not by what that left, takes all that follows along.
            Fate::Runs(_) if builder != Builder::Rplan => Output::Differs(root),
            Fate::Runs(causes) if causes.iter().any(|cause| self.is_decisive(step, cause)) => Output::Differs(root),
            Fate::Runs(_) => Output::MayDiffer(root),
        };
        // Where both say the same, the change that came first is the one to name.
        match (below, own) {
            (Output::Differs(_), _) | (Output::MayDiffer(_), Output::Same | Output::MayDiffer(_)) => below,
            (_, own) => own,
        }
    }

    /// Whether a step that runs for this cause surely leaves something else than before.
    fn is_decisive(&self, step: &Step, cause: &Cause) -> bool {
        match (cause, &self.selections[step.id.0], &step.operation) {
            (Cause::Takes(paths), Some(selection), Operation::Copy(_) | Operation::Add(_)) => {
                let winners = self.winners[step.id.0].get_or_init(|| selection.winners(self.context));
                paths.iter().any(|path| selection.is_decisive(path, winners))
            }
            (Cause::Itself, _, Operation::Base(_)) => true,
            _ => false,
        }
    }
}

fn of(filesystem: Filesystem, outputs: &[Output]) -> Output {
    filesystem.step().map_or(Output::Same, |step| outputs[step.0])
}
