//! Symbolic and hard links that a file itself or its context makes: whoever names a path that leads through one reads
//! and writes what the link leads to.
//!
//! Links that a base image brings, or a command without a model, are not known here.

use crate::effect::command::CommandEffect;
use crate::effect::instruction::{commands_of, workdir_before};
use crate::effect::{EffectSet, PathSet, paths, transfer};
use crate::model::{Base, EntryKind, Operation, Resolved, Stage, Surroundings};

/// A link may lead to another one, but not for ever.
const MOST_STEPS: usize = 8;

/// Links by path, each with what it leads to, absolute. What was a link once stays one here.
#[derive(Debug, Clone, Default)]
pub(super) struct Links(Vec<(String, String)>);

impl Links {
    /// Those that are there before the instruction at `index` of the stage.
    pub(super) fn before(resolved: &Resolved, around: &Surroundings, stage: &Stage, index: usize) -> Self {
        let mut links = match resolved.bases[stage.id.0] {
            Base::Stage(parent) => {
                let parent = resolved.model.stage(parent);
                Self::before(resolved, around, parent, parent.instructions.len())
            }
            _ => Self::default(),
        };
        for (at, instruction) in stage.instructions[..index].iter().enumerate() {
            match &instruction.operation {
                Operation::Run(run) => {
                    let written = run.command.body().map(|body| body.commands()).unwrap_or_default();
                    let relinks = |name: &str| name == "ln" || !links.0.is_empty() && matches!(name, "cp" | "mv");
                    if written.iter().any(|command| command.name().is_some_and(relinks)) {
                        let commands = commands_of(resolved, around, stage, at).unwrap_or_default();
                        commands.iter().for_each(|command| links.learn(command));
                    }
                }
                Operation::Copy(_) | Operation::Add(_) => links.arrive(resolved, around, stage, at),
                _ => {}
            }
        }
        links
    }

    /// The links of the build context that a COPY or ADD brings.
    fn arrive(&mut self, resolved: &Resolved, around: &Surroundings, stage: &Stage, index: usize) {
        let Some(context) = around.context.as_deref() else { return };
        if !context.entries().iter().any(|entry| matches!(entry.kind, EntryKind::Symlink(_))) {
            return;
        }
        let workdir = workdir_before(resolved, around, stage.id, index);
        let operation = &stage.instructions[index].operation;
        let Ok(brought) = transfer::brought(operation, workdir.as_deref(), resolved, context) else { return };
        for (path, source) in &brought.paths {
            if let Some(EntryKind::Symlink(target)) = context.entry(source).map(|entry| &entry.kind) {
                self.add(path, target);
            }
        }
    }

    /// Takes in what a command links, copies or moves.
    pub(super) fn learn(&mut self, command: &CommandEffect) {
        let plain = command.words.iter().map(String::as_str).filter(|word| !word.starts_with('-'));
        let (name, operands) = match plain.collect::<Vec<_>>().split_first() {
            Some((name, operands)) => (name.rsplit('/').next().unwrap_or(name).to_owned(), operands.to_vec()),
            None => return,
        };
        let Some((last, others)) = operands.split_last() else { return };
        let place = paths::join(&command.directory, last);
        let is_symbolic = command
            .words
            .iter()
            .any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('s') || word == "--symbolic");
        match (name.as_str(), others) {
            // `ln -s target` makes a link here.
            ("ln", []) => self.link(&paths::join(&command.directory, file_name(last)), last, is_symbolic),
            ("ln", targets) => {
                for target in targets {
                    let target =
                        if is_symbolic { (*target).to_owned() } else { paths::join(&command.directory, target) };
                    self.link(&place, &target, is_symbolic);
                    self.link(&paths::join(&place, file_name(&target)), &target, is_symbolic);
                }
            }
            ("cp" | "mv", sources) => {
                for source in sources.iter().map(|source| paths::join(&command.directory, source)) {
                    self.take_along(&source, &place);
                    self.take_along(&source, &paths::join(&place, file_name(&source)));
                }
            }
            _ => {}
        }
    }

    /// A link at `path`, and wherever else that path leads. A hard link is both files at once.
    fn link(&mut self, path: &str, target: &str, is_symbolic: bool) {
        self.add(path, target);
        if !is_symbolic {
            self.add(target, path);
        }
    }

    fn add(&mut self, path: &str, target: &str) {
        let parent = path.rfind('/').map_or("/", |end| &path[..end.max(1)]);
        for place in self.follow(PathSet::path(path)).paths() {
            let parent = if place == path { parent } else { place.rfind('/').map_or("/", |end| &place[..end.max(1)]) };
            let link = (place.to_owned(), paths::join(parent, target));
            if link.0 != link.1 && !self.0.contains(&link) {
                self.0.push(link);
            }
        }
    }

    /// Links at or below `source` are at or below `target` too.
    fn take_along(&mut self, source: &str, target: &str) {
        let inside = |path: &str| {
            path.strip_prefix(source).filter(|rest| rest.is_empty() || rest.starts_with('/')).map(str::to_owned)
        };
        let taken: Vec<(String, String)> =
            self.0.iter().filter_map(|(path, to)| Some((format!("{target}{}", inside(path)?), to.clone()))).collect();
        taken.iter().for_each(|(path, to)| self.add(path, to));
    }

    /// The set with all that its paths lead to.
    pub(super) fn follow(&self, mut paths: PathSet) -> PathSet {
        for _ in 0..MOST_STEPS {
            let led = self.0.iter().fold(paths.clone(), |set, (link, target)| {
                let through = paths.through(link, target);
                set.union(through)
            });
            if led == paths {
                return paths;
            }
            paths = led;
        }
        PathSet::everything()
    }

    /// What a step does whose paths may lead through these links.
    pub(super) fn widen(&self, mut effect: EffectSet) -> EffectSet {
        if self.0.is_empty() {
            return effect;
        }
        effect.reads = self.follow(effect.reads);
        effect.writes = self.follow(effect.writes);
        // Which directory is made depends on the link that leads there.
        let ensured = effect.ensures.iter().fold(PathSet::empty(), |set, path| set.union(PathSet::path(path)));
        let led = self.follow(ensured.clone());
        if led != ensured {
            effect.reads.add(ensured);
            effect.writes.add(led);
        }
        effect
    }
}

fn file_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}
