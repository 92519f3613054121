//! What a stage does to the image itself rather than for its build: accounts, empty directories, owners. Such a RUN is
//! repeated where the program runs, or stays there.

use std::collections::BTreeSet;

use super::Site;
use crate::effect::paths;
use crate::model::Operation;
use crate::model::shell::SimpleCommand;
use crate::rewrite::Refusal;

/// Commands that make accounts.
const ACCOUNTS: &[&str] = &["useradd", "adduser", "groupadd", "addgroup", "usermod"];
/// Commands that may stand beside them in a RUN that is repeated.
const BESIDE: &[&str] = &["mkdir", "true", "set"];
/// Commands that change files which are there already.
const OWNERS: &[&str] = &["chown", "chmod", "chgrp"];

/// Where accounts are kept, and what making one leaves besides.
pub(super) const ACCOUNT_FILES: &[&str] = &[
    "/etc/passwd",
    "/etc/passwd-",
    "/etc/group",
    "/etc/group-",
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/subuid",
    "/etc/subuid-",
    "/etc/subgid",
    "/etc/subgid-",
    "/var/log",
];

impl<'a> Site<'a> {
    /// The last RUN from `build` on that is for the build: what comes after it is left to the image.
    pub(super) fn end_of_build(&self, build: usize) -> usize {
        let is_for_build = |index: &usize| {
            let instruction = &self.stage.instructions[*index];
            matches!(instruction.operation, Operation::Run(_)) && !self.calls_only(*index, &[ACCOUNTS, BESIDE, OWNERS])
        };
        (build..self.stage.instructions.len()).rev().find(is_for_build).unwrap_or(build)
    }

    /// The RUNs up to `last` that make accounts and directories: they are repeated.
    pub(super) fn repeated(&self, last: usize) -> BTreeSet<usize> {
        (1..=last).filter(|index| self.calls_only(*index, &[ACCOUNTS, BESIDE])).collect()
    }

    /// Refuses what a RUN up to `last` does to the image that would get lost.
    pub(super) fn nothing_of_the_image_is_lost(&self, last: usize) -> Result<(), Refusal> {
        let repeated = self.repeated(last);
        for (index, command) in self.commands().filter(|(index, _)| *index <= last && !repeated.contains(index)) {
            let name = command.name().unwrap_or_default();
            if ACCOUNTS.contains(&name) || ["chown", "chgrp"].contains(&name) {
                let reason = format!("what `{name}` does would be missing in the image");
                let refusal = self.refuse(self.stage.instructions[index].span, reason);
                return Err(refusal.help("write it as a RUN of its own behind the build"));
            }
        }
        Ok(())
    }

    /// The names that RUNs which only make accounts mention, wherever they stand.
    pub(super) fn accounts(&self) -> BTreeSet<&'a str> {
        let end = self.stage.instructions.len();
        let alone: Vec<usize> = (1..end).filter(|index| self.calls_only(*index, &[ACCOUNTS, BESIDE, OWNERS])).collect();
        let made = self.commands().filter(|(index, command)| {
            alone.contains(index) && command.name().is_some_and(|name| ACCOUNTS.contains(&name))
        });
        made.flat_map(|(_, command)| command.arguments().iter().filter_map(|word| word.literal.as_deref())).collect()
    }

    /// The owner that every COPY from the build context up to `last` gives; refused where some give another.
    pub(super) fn owner(&self, last: usize) -> Result<Option<String>, Refusal> {
        let mut owners = BTreeSet::new();
        for instruction in &self.stage.instructions[..=last] {
            let transfer = match &instruction.operation {
                Operation::Copy(copy) if copy.from.is_none() => &copy.transfer,
                Operation::Add(add) => &add.transfer,
                _ => continue,
            };
            owners.insert(transfer.chown.as_ref().map(|word| word.raw.as_str().to_owned()));
            if owners.len() > 1 {
                return Err(self.refuse(instruction.span, "files have several owners, and all would get the same one"));
            }
        }
        Ok(owners.into_iter().flatten().next())
    }

    /// Whether the instruction is a RUN that calls nothing but these.
    fn calls_only(&self, index: usize, names: &[&[&str]]) -> bool {
        let Operation::Run(run) = &self.stage.instructions[index].operation else { return false };
        let script = run.command.body().and_then(|body| body.script());
        let is_known = |command: &SimpleCommand| {
            command.name().is_some_and(|name| names.iter().any(|group| group.contains(&name)))
        };
        script.is_some_and(|script| {
            script.is_plain && !script.commands.is_empty() && script.commands.iter().all(is_known)
        })
    }

    /// Refuses volumes that hold what comes along: builders disagree on what becomes of it.
    pub(super) fn no_volume_holds(&self, brought: &[String], last: usize) -> Result<(), Refusal> {
        for instruction in &self.stage.instructions[..=last] {
            let Operation::Volume(volume) = &instruction.operation else { continue };
            let paths = volume.paths.iter().filter_map(|path| self.resolved.known(path));
            for path in paths {
                if let Some(inside) = brought.iter().find(|one| paths::is_below(one, path)) {
                    let reason =
                        format!("{inside} is in the volume {path}, and builders disagree on what becomes of it");
                    return Err(self.refuse(instruction.span, reason).help("move VOLUME below the build"));
                }
            }
        }
        Ok(())
    }
}
