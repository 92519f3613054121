//! Who else would miss what no longer lies in the layer: later steps of the stage, stages that start from it, and copies
//! out of it.

use crate::effect::ecosystem::{arguments_of, is_one_of};
use crate::effect::instruction::of_run;
use crate::effect::paths;
use crate::model::{CopySource, Instruction, Operation, SourceRef, Stage};
use crate::rewrite::add_cache_mounts::run::{Mount, Mounted};
use crate::rewrite::add_cache_mounts::{File, as_run};
use crate::rewrite::{Refusal, is_at_or_below};

impl File<'_> {
    /// An error where somebody else needs what a RUN leaves in its caches, or may.
    pub(super) fn nobody_else_needs(&self, run: &Mounted<'_>, all: &[Mounted<'_>]) -> Result<(), Refusal> {
        if !run.leaves {
            return Ok(());
        }
        let heirs =
            self.resolved.model.stages.iter().filter(|stage| is_at_or_below(self.resolved, stage.id, run.stage.id));
        for stage in heirs {
            let first = if stage.id == run.stage.id { run.index + 1 } else { 0 };
            for index in first..stage.instructions.len() {
                let instruction = &stage.instructions[index];
                if !all.iter().any(|one| one.instruction.id == instruction.id) {
                    run.mounts.iter().try_for_each(|mount| self.does_without(stage, index, mount))?;
                }
            }
        }
        self.resolved.model.instructions().try_for_each(|instruction| self.takes_none(instruction, run))
    }

    /// An error where a later instruction may need what is in the cache.
    fn does_without(&self, stage: &Stage, index: usize, mount: &Mount) -> Result<(), Refusal> {
        let (instruction, tool) = (&stage.instructions[index], self.ecosystem.tool);
        let is_named = self.resolved.model.tree.source.slice(instruction.span).contains(&mount.target);
        let run = as_run(instruction).filter(|run| !self.is_mounted(run, &mount.target));
        if is_named && (run.is_some() || as_run(instruction).is_none()) {
            return Err(self.refuse(instruction.span, format!("it names {}, which would not be there", mount.target)));
        }
        let Some(run) = run.filter(|_| mount.cache.needed_later) else { return Ok(()) };
        let commands = run.command.body().map(|body| body.commands()).unwrap_or_default();
        let calls = commands.iter().filter_map(|command| arguments_of(command, tool));
        let unknown = match of_run(self.resolved, self.around, stage, index) {
            Err(reason) => Some(reason),
            Ok(commands) => commands.into_iter().find_map(|command| command.effect.barrier),
        };
        let needs = calls.into_iter().find(|arguments| !is_one_of(mount.cache.purged_by, arguments));
        match (needs, unknown) {
            (Some(arguments), _) => {
                let call = format!("{tool} {}", arguments.first().unwrap_or(&""));
                Err(self.refuse(instruction.span, format!("`{call}` may need what {tool} has fetched")))
            }
            (None, Some(reason)) => {
                Err(self.refuse(instruction.span, format!("this line may need what {tool} has fetched: {reason}")))
            }
            (None, None) => Ok(()),
        }
    }

    /// An error where an instruction takes what is in a cache out of the stage.
    fn takes_none(&self, instruction: &Instruction, run: &Mounted<'_>) -> Result<(), Refusal> {
        let graph = &self.resolved.model.graph;
        let is_heir = |position: usize| match graph.reference(instruction.id, position) {
            Some(SourceRef::Stage(stage)) => is_at_or_below(self.resolved, *stage, run.stage.id),
            _ => false,
        };
        let taken: Vec<Option<&str>> = match &instruction.operation {
            Operation::Copy(copy) if copy.from.is_some() && is_heir(0) => {
                let paths = copy.transfer.sources.iter().filter_map(|source| match source {
                    CopySource::Path(word) => Some(self.resolved.known(word)),
                    CopySource::Heredoc { .. } => None,
                });
                paths.collect()
            }
            Operation::Run(run) => {
                let mounts = run.mounts.iter().enumerate().filter(|(position, _)| is_heir(*position));
                mounts
                    .map(|(_, mount)| {
                        mount.option(&["source", "src"]).map_or(Some("/"), |word| self.resolved.known(word))
                    })
                    .collect()
            }
            _ => return Ok(()),
        };
        let meets = |path: &Option<&str>, target: &str| match path {
            // A pattern may stand for anything below the directory that it begins with.
            Some(path) => {
                let plain = path.split(['*', '?', '[']).next().unwrap_or(path);
                let path = paths::join("/", plain);
                paths::is_below(&path, target) || paths::is_below(target, &path)
            }
            None => true,
        };
        for mount in &run.mounts {
            if taken.iter().any(|path| meets(path, &mount.target)) {
                let reason =
                    format!("it takes along {}, in which {} keeps what it fetches", mount.target, self.ecosystem.tool);
                return Err(self.refuse(instruction.span, reason));
            }
        }
        Ok(())
    }
}
