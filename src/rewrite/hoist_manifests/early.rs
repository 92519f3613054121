//! The part of an install that can be done before the sources are there: the RUN itself, or its early form.

use crate::effect::command::{self, CommandEffect};
use crate::effect::ecosystem::Early;
use crate::effect::instruction::place_of;
use crate::effect::{EffectSet, paths};
use crate::model::shell::{Connector, SimpleCommand};
use crate::model::{Command, Operation};
use crate::rewrite::hoist_manifests::Site;

/// What runs before the sources come.
pub(super) struct Install {
    /// The call of the installer.
    pub(super) command: CommandEffect,
    /// All that runs then.
    pub(super) effect: EffectSet,
    /// The instruction that is put in for it; none where the RUN itself is what runs.
    pub(super) text: Option<String>,
    /// Whether nothing of the install is left for afterwards.
    pub(super) is_whole: bool,
}

impl Site<'_> {
    /// The early install, or why there is none.
    pub(super) fn early_install(&self, command: &CommandEffect, all: &[CommandEffect]) -> Result<Install, String> {
        let (words, early) = match self.call.early {
            Early::Itself => return Ok(whole(command, all)),
            Early::Never(reason) => return Err(reason.to_owned()),
            Early::With(options) => {
                let is_there = |one: &str| command.words.iter().any(|word| word == one);
                let missing: Vec<&str> = options
                    .iter()
                    .filter(|option| !option.split('|').any(is_there))
                    .filter_map(|option| option.split('|').next())
                    .collect();
                if missing.is_empty() {
                    return Ok(whole(command, all));
                }
                let words = command.words.iter().map(String::as_str).chain(missing.iter().copied());
                (words.collect::<Vec<_>>(), format!(" {}", missing.join(" ")))
            }
            Early::Run(call) => (call.split(' ').collect(), call.to_owned()),
        };
        let replaces = matches!(self.call.early, Early::Run(_));
        let written = self.written(command)?;
        let mut place = place_of(self.resolved, self.around, self.stage, self.index)?;
        place.workdir = self.directory_at(&written, &place.workdir)?;
        if replaces && place.workdir != command.directory {
            return Err("it is told to work in another directory than the one it is called in".to_owned());
        }
        let assigned: Vec<&str> = written.assignments.iter().map(|(name, _)| name.value.as_str()).collect();
        let call = command::of_words(&words, &assigned, &place, command.span);
        let source = &self.resolved.model.tree.source;
        let begins = self.install().span.start;
        let (Some(first), Some(last)) = (written.words.first(), written.words.last()) else {
            return Err("it has no words".to_owned());
        };
        let end = if replaces { first.span.start } else { last.span.end };
        let text = format!("{}{early}", source.slice(crate::text::Span::new(begins, end)));
        Ok(Install { effect: call.effect.clone(), command: call, text: Some(text), is_whole: false })
    }

    /// The command as it stands in the RUN; all that stands before it may stand there twice.
    fn written(&self, command: &CommandEffect) -> Result<SimpleCommand, String> {
        let Operation::Run(run) = &self.install().operation else { return Err("it is no RUN".to_owned()) };
        let (Command::Shell { body, .. }, Some(script)) =
            (&run.command, run.command.body().and_then(|body| body.script()))
        else {
            return Err("its early form cannot be put into a heredoc".to_owned());
        };
        let twice = |before: &&SimpleCommand| !matches!(before.name(), Some("cd" | "set" | "export"));
        let before = body.commands().iter().take_while(|one| one.span != command.span);
        if let Some(other) = before.clone().find(twice) {
            let name = other.name().unwrap_or("a command");
            return Err(format!("`{name}`, which stands before it in the same RUN, would run twice"));
        }
        let found = script.commands.iter().find(|one| one.span == command.span);
        let found = found.filter(|one| !one.conditional && !one.in_pipeline && one.joined_by != Connector::Or);
        found.cloned().ok_or_else(|| "whether it runs is only known when the shell runs".to_owned())
    }

    /// The directory that the commands before this one have changed to.
    fn directory_at(&self, command: &SimpleCommand, workdir: &str) -> Result<String, String> {
        let Operation::Run(run) = &self.install().operation else { return Ok(workdir.to_owned()) };
        let commands = run.command.body().map(|body| body.commands()).unwrap_or_default();
        let changes = commands.iter().take_while(|one| one.span != command.span).filter(|one| one.name() == Some("cd"));
        changes.into_iter().try_fold(workdir.to_owned(), |workdir, change| {
            let directory = change.arguments().first().and_then(|word| word.literal.as_deref());
            directory
                .map(|directory| paths::join(&workdir, directory))
                .ok_or_else(|| "where it works is unknown".to_owned())
        })
    }
}

/// The whole RUN.
fn whole(command: &CommandEffect, all: &[CommandEffect]) -> Install {
    let effect = all.iter().fold(EffectSet::default(), |all, one| all.then(one.effect.clone()));
    Install { command: command.clone(), effect, text: None, is_whole: true }
}
