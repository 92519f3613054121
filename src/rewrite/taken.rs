//! What the build takes from its context, path by path, and by which instruction: the part that the rewrites of the
//! ignore file have in common.

use std::collections::BTreeMap;

use crate::effect::instruction::workdir_before;
use crate::effect::transfer::brought;
use crate::model::ignore::IgnoreFile;
use crate::model::shell::SimpleCommand;
use crate::model::{Base, BuildContext, CopySource, Instruction, MountKind, Operation, Resolved, Surroundings, path};
use crate::text::amount;

/// What is taken from a context.
pub(super) struct Taken<'a> {
    pub(super) context: &'a dyn BuildContext,
    resolved: &'a Resolved,
    /// By path in the context: where it arrives, and the first instruction that takes it.
    paths: BTreeMap<String, (String, &'a Instruction)>,
    /// The sources as they are written, without the root.
    named: Vec<String>,
}

impl<'a> Taken<'a> {
    /// None where some instruction takes what cannot be said.
    pub(super) fn of(resolved: &'a Resolved, around: &'a Surroundings) -> Option<Self> {
        let context = around.context.as_deref()?;
        let mut taken = Self { context, resolved, paths: BTreeMap::new(), named: Vec::new() };
        for stage in &resolved.model.stages {
            for (index, instruction) in stage.instructions.iter().enumerate() {
                taken.take(instruction, workdir_before(resolved, around, stage.id, index).as_deref())?;
            }
        }
        Some(taken)
    }

    fn take(&mut self, instruction: &'a Instruction, workdir: Option<&str>) -> Option<()> {
        let transfer = match &instruction.operation {
            Operation::Copy(copy) if copy.from.is_none() => &copy.transfer,
            Operation::Add(add) => &add.transfer,
            Operation::Run(run) => {
                let binds = run.mounts.iter().any(|mount| {
                    matches!(mount.kind, Some(MountKind::Bind) | None) && mount.option(&["from"]).is_none()
                });
                return (!binds).then_some(());
            }
            _ => return Some(()),
        };
        for source in &transfer.sources {
            let CopySource::Path(word) = source else { continue };
            let inside = path::inside(self.resolved.known(word)?);
            if !inside.is_empty() {
                self.named.push(inside);
            }
        }
        // What a pattern or ADD takes is named: only whole directories bring what nobody thought of.
        if let Ok(brought) = brought(&instruction.operation, workdir.or(Some("/")), self.resolved, self.context) {
            for (target, source) in brought.paths {
                self.paths.entry(source).or_insert((target, instruction));
            }
        }
        Some(())
    }

    /// Whether a source names the path, or something below it.
    pub(super) fn is_named(&self, wanted: &str) -> bool {
        self.named.iter().any(|named| {
            let goes_into = named.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/'));
            let covers = || IgnoreFile::from_patterns([named.as_str()]).is_ok_and(|pattern| pattern.excludes(wanted));
            let is_pattern = named.contains(['*', '?', '[']);
            named == wanted || goes_into || (is_pattern && covers())
        })
    }

    /// The instruction that takes the path, and where it arrives.
    pub(super) fn taker(&self, path: &str) -> Option<&(String, &'a Instruction)> {
        self.paths.get(path)
    }

    /// How much the path and all below it is.
    pub(super) fn size(&self, path: &str) -> String {
        let is_inside =
            |entry: &str| entry == path || entry.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        let entries = self.context.entries().iter().filter(|entry| is_inside(&entry.path));
        amount(entries.map(|entry| entry.size).sum())
    }

    /// Whether the stage of the instruction is shipped, so that what it takes is in the image.
    pub(super) fn ships(&self, instruction: &Instruction) -> bool {
        let mut stage = Some(self.resolved.target);
        while let Some(id) = stage {
            if instruction.stage == Some(id) {
                return true;
            }
            stage = match &self.resolved.bases[id.0] {
                Base::Stage(parent) => Some(*parent),
                _ => None,
            };
        }
        false
    }

    /// Every simple command of every RUN.
    pub(super) fn commands(&self) -> impl Iterator<Item = &'a SimpleCommand> {
        let bodies = self.resolved.model.instructions().filter_map(|instruction| match &instruction.operation {
            Operation::Run(run) => run.command.body(),
            _ => None,
        });
        bodies.flat_map(|body| body.commands())
    }
}
