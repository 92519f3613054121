//! Let COPY set the owner that a later `chown -R` sets: the files are stored once instead of twice.
//!
//! The chown stays for the directory itself, which WORKDIR or COPY may have made, and no longer goes into it. Deliberately
//! refuses directories into which anything but COPY writes, owners without a group where the group matters, and users that
//! come later than the files.

use crate::effect::instruction::{of_instruction, workdir_before};
use crate::effect::transfer::brought;
use crate::effect::{Cell, PathSet, paths};
use crate::model::shell::SimpleCommand;
use crate::model::{Base, BuildContext, Command, Instruction, Operation, Resolved, Stage, Surroundings};
use crate::rewrite::change::{Change, Changed};
use crate::rewrite::search::Found;
use crate::rewrite::{Class, Proposal, Refusal, Rewrite, ids};

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::CHOWN_IN_COPY, page: include_str!("../../rules/rewrite/chown-in-copy.yaml"), find };

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    let Some(context) = around.context.as_deref() else { return };
    for stage in &resolved.model.stages {
        for index in 1..stage.instructions.len() {
            let Some(chown) = Chown::of(resolved, around, stage, index) else { continue };
            let site = Site { resolved, around, context, stage, index, chown };
            found.take(site.rewrite());
        }
    }
}

/// A RUN that is nothing but `chown -R OWNER DIRECTORY`.
struct Chown<'a> {
    command: &'a SimpleCommand,
    owner: &'a str,
    /// Absolute.
    directory: String,
}

impl<'a> Chown<'a> {
    fn of(resolved: &'a Resolved, around: &Surroundings, stage: &'a Stage, index: usize) -> Option<Self> {
        let Operation::Run(run) = &stage.instructions[index].operation else { return None };
        let Command::Shell { body, .. } = &run.command else { return None };
        let [command] = body.commands() else { return None };
        let words: Vec<&str> = command.words.iter().map(|word| word.literal.as_deref()).collect::<Option<_>>()?;
        let ["chown", "-R" | "--recursive", owner, directory] = words[..] else { return None };
        let is_plain = run.mounts.is_empty() && command.redirects.is_empty() && command.assignments.is_empty();
        let is_pattern = directory.contains(['*', '?', '[']);
        let workdir = workdir_before(resolved, around, stage.id, index);
        let base = if directory.starts_with('/') { "/" } else { workdir.as_deref()? };
        (is_plain && !is_pattern).then(|| Self { command, owner, directory: paths::join(base, directory) })
    }

    /// The owner as COPY takes it: without a group, chown leaves that of root, and COPY would take the user's own.
    fn flag(&self) -> Option<String> {
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || "_-".contains(char))
        };
        match self.owner.split_once(':') {
            None => is_name(self.owner).then(|| format!("--chown={}:0", self.owner)),
            Some((user, group)) => (is_name(user) && is_name(group)).then(|| format!("--chown={}", self.owner)),
        }
    }

    fn is_numeric(&self) -> bool {
        self.owner.chars().all(|char| char.is_ascii_digit() || char == ':')
    }
}

struct Site<'a> {
    resolved: &'a Resolved,
    around: &'a Surroundings,
    context: &'a dyn BuildContext,
    stage: &'a Stage,
    /// The index of the RUN in the stage.
    index: usize,
    chown: Chown<'a>,
}

impl Site<'_> {
    fn refuse(&self, at: &Instruction, reason: impl Into<String>) -> Refusal {
        Refusal::new(ids::CHOWN_IN_COPY, at.span, reason)
    }

    fn rewrite(&self) -> Result<Option<(Proposal, Changed)>, Refusal> {
        let run = &self.stage.instructions[self.index];
        let copies = self.copies()?;
        let (Some(first), Some(flag)) = (copies.first(), self.chown.flag()) else { return Ok(None) };
        if self.resolved.bases[self.stage.id.0] == Base::Unknown {
            return Ok(None);
        }
        if !self.chown.is_numeric() {
            for (later, instruction) in self.stage.instructions.iter().enumerate().take(self.index).skip(*first) {
                let effect = of_instruction(self.resolved, self.around, self.stage, later);
                if effect.cells_written.contains(&Cell::Accounts) {
                    let reason = format!("the account {} may be made here, below the COPY", self.chown.owner);
                    return Err(self.refuse(instruction, reason));
                }
            }
        }
        let source = &self.resolved.model.tree.source;
        let mut change = Change::of(self.resolved);
        for copy in copies.iter().map(|index| &self.stage.instructions[*index]) {
            let (keyword, rest) = source.slice(copy.span).split_at(copy.keyword_span.len());
            change.rewrite(copy, format!("{keyword} {flag}{rest}"));
        }
        let option = &self.chown.command.words[1];
        let text = source.slice(run.span);
        let (before, after) = (&text[..option.span.start - run.span.start], &text[option.span.end - run.span.start..]);
        change.rewrite(run, format!("{before}{}", after.trim_start()));
        let changed = change
            .finish()
            .map_err(|span| Refusal::new(ids::CHOWN_IN_COPY, span, "it holds bytes that are not UTF-8"))?;
        Ok(Some((self.proposal(&copies, &flag), changed)))
    }

    fn proposal(&self, copies: &[usize], flag: &str) -> Proposal {
        let directory = &self.chown.directory;
        let run = &self.stage.instructions[self.index];
        let first = &self.stage.instructions[copies[0]];
        let assumed = match &self.resolved.bases[self.stage.id.0] {
            Base::Image(reference) => vec![format!("{reference} has nothing in {directory} (not looked at)")],
            _ => Vec::new(),
        };
        Proposal {
            because: vec![
                format!("nothing but COPY writes below {directory} up to here, so `{flag}` gives all of it its owner"),
                "a change of owner stores each file a second time, in another layer".to_owned(),
            ],
            assumed,
            ..Proposal::new(ids::CHOWN_IN_COPY, Class::Same, "same files, stored once", first.span.to(run.span))
        }
    }

    /// The COPYs that fill the directory; a refusal where something else does.
    fn copies(&self) -> Result<Vec<usize>, Refusal> {
        let directory = self.chown.directory.as_str();
        if directory == "/" || matches!(self.resolved.bases[self.stage.id.0], Base::Stage(_)) {
            return Ok(Vec::new());
        }
        let mut copies = Vec::new();
        let mut obstacle = None;
        for (index, instruction) in self.stage.instructions.iter().enumerate().take(self.index).skip(1) {
            let effect = of_instruction(self.resolved, self.around, self.stage, index);
            let writes = effect.writes.overlap(&PathSet::below(directory));
            let makes_inside = effect.ensures.iter().any(|path| path != directory && paths::is_below(path, directory));
            if writes.is_none() && !makes_inside {
                continue;
            }
            match self.is_fitting(instruction, index) {
                true => copies.push(index),
                false => {
                    obstacle.get_or_insert(instruction);
                }
            }
        }
        match obstacle {
            Some(instruction) if !copies.is_empty() => {
                Err(self.refuse(instruction, format!("it may write below {directory} too, and has no --chown")))
            }
            Some(_) => Ok(Vec::new()),
            None => Ok(copies),
        }
    }

    /// Whether it is a COPY of files of the context into just this directory, without an owner or a mode of its own.
    fn is_fitting(&self, instruction: &Instruction, index: usize) -> bool {
        let Operation::Copy(copy) = &instruction.operation else { return false };
        let workdir = workdir_before(self.resolved, self.around, self.stage.id, index);
        let transfer = &copy.transfer;
        // chown takes setuid bits away.
        let keeps_mode = |path: &String| self.context.entry(path).is_some_and(|entry| entry.mode & 0o6000 == 0);
        transfer.chown.is_none()
            && transfer.link.is_none()
            && brought(&instruction.operation, workdir.as_deref(), self.resolved, self.context).is_ok_and(|brought| {
                brought.into_directory
                    && brought.destination == self.chown.directory
                    && brought.paths.values().all(keeps_mode)
            })
    }
}
