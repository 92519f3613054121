//! Copy the dependency manifests, install, then copy the sources: an edit of the sources leaves the install cached.
//!
//! Looks, in each stage, for a RUN that calls an installer and for the COPYs above it that bring more than it reads.
//! Those move below the install, and a COPY of the manifests alone takes their place. Where the call itself needs the
//! sources, its early form is put in before them and the call stays. A RUN is taken whole; cutting it is another rewrite.

mod argument;
mod copies;
mod early;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};

use crate::effect::command::CommandEffect;
use crate::effect::ecosystem::{self, Asked, Call, Ecosystem, Manifests};
use crate::effect::instruction::{made_before, of_instruction, of_run, workdir_before};
use crate::effect::{EffectSet, PathSet, Split, exchange, paths, split};
use crate::model::{Add, BuildContext, Copy, EntryKind, Instruction, Operation, Resolved, Stage, Surroundings};
use crate::rewrite::change::{Change, Changed, keyword_like};
use crate::rewrite::search::Found;
use crate::rewrite::{Proposal, Refusal, Rewrite, ids};
use crate::syntax::{ItemKind, Tree};

use copies::{Copied, Copies};
use early::Install;

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::HOIST_MANIFESTS, page: include_str!("../../../rules/rewrite/hoist-manifests.yaml"), find };

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    let Some(context) = around.context.as_deref() else { return };
    for stage in &resolved.model.stages {
        for (index, instruction) in stage.instructions.iter().enumerate() {
            if !matches!(instruction.operation, Operation::Run(_)) {
                continue;
            }
            let commands = of_run(resolved, around, stage, index);
            let called = |command| ecosystem::of(command).map(|(ecosystem, call)| (command, ecosystem, call));
            let Some((command, ecosystem, call)) = commands.iter().flatten().find_map(called) else {
                unknown::refuse(resolved, around, (stage, index), commands.as_deref(), found);
                continue;
            };
            let workdir = workdir_before(resolved, around, stage.id, index);
            let site = Site { resolved, around, context, stage, index, workdir, ecosystem, call };
            found.take(site.hoist(command, commands.as_deref().unwrap_or_default()));
        }
    }
}

/// An install and where it stands.
struct Site<'a> {
    resolved: &'a Resolved,
    around: &'a Surroundings,
    context: &'a dyn BuildContext,
    stage: &'a Stage,
    /// The index of the RUN in the stage.
    index: usize,
    workdir: Option<String>,
    ecosystem: &'static Ecosystem,
    call: &'static Call,
}

impl Site<'_> {
    fn install(&self) -> &Instruction {
        &self.stage.instructions[self.index]
    }

    fn refuse(&self, instruction: &Instruction, reason: impl Into<String>) -> Refusal {
        Refusal { span: instruction.span, id: ids::HOIST_MANIFESTS, reason: reason.into(), help: None }
    }

    /// The proposal for this install; none when there is nothing to gain.
    fn hoist(
        &self,
        command: &CommandEffect,
        commands: &[CommandEffect],
    ) -> Result<Option<(Proposal, Changed)>, Refusal> {
        let copies = Copies::above(self)?;
        let install = self.early_install(command, commands);
        let asked_of = install.as_ref().map_or(command, |install| &install.command);
        let Some(directory) = copies.source_of(&asked_of.directory) else { return Ok(None) };
        let named: Vec<String> = asked_of.manifests.iter().filter_map(|path| copies.winner(path)).collect();
        // What the command reads may well not come from the build context.
        let looks_elsewhere = named.is_empty() && !asked_of.manifests.is_empty();
        if looks_elsewhere || !copies.bring_more_than(&named) || self.is_done_before(command) {
            return Ok(None);
        }
        let install = install.map_err(|reason| self.refuse(self.install(), reason))?;
        self.are_files(named.iter())?;
        let words = &install.command.words;
        let asked = Asked { named: &named, directory: &directory, words, context: self.context };
        let mut manifests = self.ecosystem.manifests(&asked).map_err(|reason| self.refuse(self.install(), reason))?;
        if manifests.paths.is_empty() {
            return Ok(None);
        }
        self.are_files(manifests.paths.iter())?;
        let first = copies.targets(&manifests).map_err(|reason| self.refuse(self.install(), reason))?;
        let moved: Vec<&Copied> = self.to_be_moved(&copies, &first, &install, &mut manifests)?;
        if moved.is_empty() {
            return Ok(None);
        }
        self.fit_in_the_same_directories(&moved, &first)?;
        let lines = self.manifest_lines(&copies, &moved, &manifests);
        let changed = self.change(&moved, lines, &install)?;
        Ok(Some((self.proposal(&moved, &install, &manifests), changed)))
    }

    /// Whether an earlier RUN has installed from the same manifests already: then this is a second go. One whose
    /// manifests are mounted counts whatever it mounts.
    fn is_done_before(&self, command: &CommandEffect) -> bool {
        let is_same = |earlier: &CommandEffect| {
            ecosystem::of(earlier).is_some_and(|(ecosystem, _)| std::ptr::eq(ecosystem, self.ecosystem))
                && earlier.directory == command.directory
                && command.manifests.iter().all(|path| earlier.manifests.contains(path))
        };
        let calls_it = |index: usize| match &self.stage.instructions[index].operation {
            Operation::Run(run) => {
                let commands = run.command.body().map(|body| body.commands()).unwrap_or_default();
                commands.iter().any(|command| command.name() == Some(self.ecosystem.tool))
            }
            _ => false,
        };
        (0..self.index).any(|index| match of_run(self.resolved, self.around, self.stage, index) {
            Ok(commands) => commands.iter().any(is_same),
            Err(_) => calls_it(index),
        })
    }

    fn are_files<'p>(&self, mut paths: impl Iterator<Item = &'p String>) -> Result<(), Refusal> {
        let kind = |path: &String| self.context.entry(path).map(|entry| &entry.kind);
        let is_other = |path: &&String| matches!(kind(path), Some(EntryKind::Symlink(_) | EntryKind::Other));
        match paths.find(is_other) {
            Some(path) => {
                Err(self.refuse(self.install(), format!("`{path}` is a symbolic link, not a file of its own")))
            }
            None => Ok(()),
        }
    }

    /// The copies that move below the install, in order.
    fn to_be_moved<'c>(
        &self,
        copies: &'c Copies,
        first: &BTreeSet<String>,
        install: &Install,
        manifests: &mut Manifests,
    ) -> Result<Vec<&'c Copied>, Refusal> {
        let effect = self.effect(copies, first, install, manifests);
        let mut moved: Vec<&Copied> = Vec::new();
        for copied in copies.all.iter().rev() {
            let brings_manifests = copied.brought.paths.keys().any(|path| first.contains(path));
            if brings_manifests && copied.brought.paths.keys().all(|path| first.contains(path)) {
                continue;
            }
            match self.legal(copied, &moved, brings_manifests.then_some(first), &effect) {
                Ok(()) => moved.push(copied),
                Err(refusal) if brings_manifests => return Err(refusal),
                Err(_) => {}
            }
        }
        moved.reverse();
        Ok(moved)
    }

    /// What the early install does, as narrow as its manifests allow. A lock file that it may write has to be up to date.
    fn effect(
        &self,
        copies: &Copies,
        first: &BTreeSet<String>,
        install: &Install,
        manifests: &mut Manifests,
    ) -> EffectSet {
        let mut effect = install.effect.clone();
        if manifests.is_all {
            let directory = &install.command.directory;
            effect.reads = effect.reads.without(directory);
            effect.writes = effect.writes.without(directory);
        }
        for directory in &manifests.writes {
            if let Some(target) = copies.target_of_directory(directory) {
                effect.writes.add(PathSet::below(&target));
            }
        }
        for path in first {
            let remaining = effect.writes.clone().without(path);
            if remaining != effect.writes && !remaining.contains(path) {
                effect.writes = remaining;
                let is_frozen = install.command.words.iter().any(|word| self.call.frozen.contains(&word.as_str()));
                if install.is_whole && !is_frozen {
                    let name = path.rsplit('/').next().unwrap_or(path);
                    manifests.doubts.push(format!("{name} is up to date, so that the install leaves it as it is"));
                }
            }
            effect.reads.add(PathSet::path(path));
        }
        effect
    }

    /// Whether a copy may move below the install, past all that does not move with it.
    fn legal(
        &self,
        copied: &Copied,
        moved: &[&Copied],
        first: Option<&BTreeSet<String>>,
        effect: &EffectSet,
    ) -> Result<(), Refusal> {
        let mut copy = of_instruction(self.resolved, self.around, self.stage, copied.index);
        let made = made_before(self.resolved, self.around, self.stage, copied.index);
        copy.ensures.retain(|path| !made.contains(path));
        let stays = |index: &usize| !moved.iter().any(|copied| copied.index == *index);
        for between in (copied.index + 1..self.index).filter(stays) {
            let mut other = of_instruction(self.resolved, self.around, self.stage, between);
            other.ensures.retain(|path| !made.contains(path));
            if let Err(conflict) = exchange(&copy, &other) {
                let passed = &self.stage.instructions[between];
                return Err(self.refuse(passed, format!("the COPY may not move below this line: {conflict}")));
            }
        }
        let Some(first) = first else {
            return exchange(&copy, effect).map_err(|conflict| self.refuse(self.install(), conflict.to_string()));
        };
        let brought = copied.brought.targets();
        let destination = match copied.brought.into_directory {
            true => copied.brought.destination.as_str(),
            false => "/",
        };
        let question = Split { brought: &brought, destination, first, copy: &copy, command: effect };
        split(&question).map_err(|breach| {
            let text = breach.to_string();
            let output = self.ecosystem.outputs.iter().find(|output| text.contains(&format!("/{output}")));
            let help = output.map(|output| format!("add `{output}` to .dockerignore"));
            Refusal { help, ..self.refuse(self.install(), text) }
        })
    }

    /// Directories that the manifests need are made by the first COPY: they must look as the second would make them.
    fn fit_in_the_same_directories(&self, moved: &[&Copied], first: &BTreeSet<String>) -> Result<(), Refusal> {
        for copied in moved {
            let copy = &self.stage.instructions[copied.index];
            let (Operation::Copy(Copy { transfer, .. }) | Operation::Add(Add { transfer, .. })) = &copy.operation
            else {
                continue;
            };
            for (target, source) in &copied.brought.paths {
                let Some(entry) = self.context.entry(source).filter(|entry| entry.kind == EntryKind::Directory) else {
                    continue;
                };
                let made_first = first.iter().any(|path| path.starts_with(&format!("{target}/")));
                if made_first && (transfer.chmod.is_some() || entry.mode & 0o7777 != 0o755) {
                    let reason = format!("the directory `{source}` would be made with another mode than it has");
                    return Err(self.refuse(copy, reason));
                }
            }
        }
        Ok(())
    }

    /// The manifests and the early form stand before the copies, which stand before what the install leaves to do.
    fn change(&self, moved: &[&Copied], lines: Vec<String>, install: &Install) -> Result<Changed, Refusal> {
        let copies = || moved.iter().map(|copied| &self.stage.instructions[copied.index]);
        let mut change = Change::of(self.resolved);
        change.insert_before(self.install(), lines);
        match &install.text {
            None => copies().for_each(|copy| change.move_after(copy, self.install())),
            Some(text) => {
                change.insert_before(self.install(), [text.clone()]);
                copies().for_each(|copy| change.move_before(copy, self.install()));
            }
        }
        change
            .finish()
            .map_err(|span| Refusal { span, ..self.refuse(self.install(), "it holds bytes that are not UTF-8") })
    }

    /// One COPY per directory of manifests, with the flags of the COPY that they are taken from.
    fn manifest_lines(&self, copies: &Copies, moved: &[&Copied], manifests: &Manifests) -> Vec<String> {
        let tree = &self.resolved.model.tree;
        let stays = |index: usize| !moved.iter().any(|copied| copied.index == index);
        let mut by_place = BTreeMap::<(String, usize), Vec<&str>>::new();
        let mut lines = Vec::new();
        for path in &manifests.paths {
            let Some((index, target)) = copies.bringer(path) else { continue };
            if copies.brought_already(path, &target, &stays) {
                continue;
            }
            let directory = target.rfind('/').map_or("/", |end| &target[..end.max(1)]).to_owned();
            by_place.entry((directory, index)).or_default().push(path);
        }
        let prefix = |index: usize| {
            let copy = &self.stage.instructions[index];
            format!("{} {}", keyword_like(tree, copy, "COPY"), flags_of(tree, copy))
        };
        for ((directory, index), files) in by_place {
            lines.push(format!("{}{} {}", prefix(index), files.join(" "), self.shown(&directory)));
        }
        for directory in &manifests.directories {
            if let (Some(target), Some(index)) = (copies.target_of_directory(directory), copies.bringer_of(directory)) {
                lines.push(format!("{}{} {}", prefix(index), directory, self.shown(&target)));
            }
        }
        lines
    }

    /// A directory of the image as it is written most briefly, with a slash at its end.
    fn shown(&self, directory: &str) -> String {
        match &self.workdir {
            Some(workdir) if *workdir == directory => "./".to_owned(),
            Some(workdir) if paths::is_below(directory, workdir) && workdir != "/" => {
                format!("{}/", &directory[workdir.len() + 1..])
            }
            _ => format!("{}/", directory.trim_end_matches('/')),
        }
    }
}

/// The flags of an instruction as written, each followed by a blank.
fn flags_of(tree: &Tree, instruction: &Instruction) -> String {
    let ItemKind::Instruction(written) = &tree.items[instruction.item].kind else { return String::new() };
    written.flags.iter().map(|flag| format!("{} ", tree.source.slice(flag.span))).collect()
}
