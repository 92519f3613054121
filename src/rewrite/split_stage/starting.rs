//! How the program of a stage starts: what CMD and ENTRYPOINT run together.

use super::Site;
use super::data::Contents;
use super::packages::Packages;
use crate::effect::paths;
use crate::model::{Command, Instruction, Operation};
use crate::rewrite::Refusal;
use crate::text::Span;

/// What starts, word by word.
pub(super) struct Starting<'a> {
    /// The instruction that names the program.
    pub(super) instruction: &'a Instruction,
    pub(super) words: Vec<String>,
    /// The script that runs them.
    pub(super) script: Option<String>,
}

impl Starting<'_> {
    /// The program, by its name.
    pub(super) fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }
}

/// The words of one command; none where it is more than one.
pub(super) fn words(command: &Command) -> Option<Vec<String>> {
    let Some(body) = command.body() else {
        let Command::Exec(words) = command else { return None };
        return Some(words.iter().map(|word| word.value.clone()).collect());
    };
    let [command] = body.commands() else { return None };
    let words: Vec<String> =
        command.words.iter().map(|word| word.literal.clone().unwrap_or_else(|| word.raw.clone())).collect();
    let skipped = usize::from(words.first().is_some_and(|word| word == "exec"));
    Some(words.into_iter().skip(skipped).collect())
}

impl<'a> Site<'a> {
    /// The programs that CMD, ENTRYPOINT start, each with its place; refused where nothing says what runs.
    pub(super) fn names_started(&self) -> Result<Vec<(&'a str, Span)>, Refusal> {
        let mut names = Vec::new();
        for instruction in &self.stage.instructions {
            let (Operation::Cmd(command) | Operation::Entrypoint(command)) = &instruction.operation else { continue };
            match command {
                Command::Exec(words) => {
                    names.extend(words.first().map(|word| (word.value.as_str(), instruction.span)));
                }
                shell => {
                    let commands = shell.body().map(|body| body.commands()).unwrap_or_default();
                    names.extend(commands.iter().filter_map(|command| Some((command.name()?, instruction.span))));
                }
            }
        }
        match names.is_empty() {
            true => Err(self.refuse(self.stage.span, "no CMD or ENTRYPOINT says what runs")),
            false => Ok(names),
        }
    }

    /// The working directory, where it is one of its own.
    pub(super) fn home_of_its_own(&self) -> Result<String, Refusal> {
        let reason = "its files have no directory of their own: no WORKDIR says where they are";
        self.workdir().filter(|directory| directory != "/").ok_or_else(|| self.refuse(self.stage.span, reason))
    }

    fn last(&self, is: impl Fn(&Operation) -> bool) -> Option<&'a Instruction> {
        self.stage.instructions.iter().rev().find(|instruction| is(&instruction.operation))
    }

    /// What starts the container; refused where nothing does, or where it is more than one command.
    pub(super) fn starting(&self) -> Result<Starting<'a>, Refusal> {
        let entrypoint = self.last(|operation| matches!(operation, Operation::Entrypoint(_)));
        let cmd = self.last(|operation| matches!(operation, Operation::Cmd(_)));
        let Some(instruction) = entrypoint.or(cmd) else {
            return Err(self.refuse(self.stage.span, "no CMD or ENTRYPOINT says what runs"));
        };
        let mut starting = Starting { instruction, words: Vec::new(), script: None };
        for one in [entrypoint, cmd].into_iter().flatten() {
            let (Operation::Cmd(command) | Operation::Entrypoint(command)) = &one.operation else { continue };
            let Some(words) = words(command) else {
                return Err(self.refuse(one.span, "what it starts is more than one command"));
            };
            starting.words.extend(words);
        }
        Ok(starting)
    }

    /// The program that is started in the end, where what starts first is a script of the build context that passes its
    /// arguments on; without the words of the script.
    pub(super) fn starting_through(&self, contents: &Contents) -> Result<Starting<'a>, Refusal> {
        let mut starting = self.starting()?;
        let home = self.workdir().unwrap_or_else(|| "/".to_owned());
        let Some(first) = starting.words.first() else { return Ok(starting) };
        let place = match first.contains('/') {
            true => paths::join(&home, first),
            false => format!("/usr/local/bin/{first}"),
        };
        let Some(path) = contents.source_of(&place) else { return Ok(starting) };
        let text = self.source_text(path);
        if text.starts_with("#!") && text.lines().any(|line| line.trim() == r#"exec "$@""#) {
            starting.words.remove(0);
            starting.script = Some(place);
            if starting.words.is_empty() {
                return Err(self.refuse(starting.instruction.span, "its script is not told what to run"));
            }
        }
        Ok(starting)
    }

    /// Refuses whatever needs a shell.
    pub(super) fn needs_no_shell(&self) -> Result<(), Refusal> {
        for instruction in &self.stage.instructions {
            let command = match &instruction.operation {
                Operation::Cmd(command) | Operation::Entrypoint(command) => Some(command),
                Operation::Healthcheck(health) => health.command.as_ref(),
                _ => None,
            };
            if command.is_some_and(|command| !matches!(command, Command::Exec(_))) {
                let refusal = self.refuse(instruction.span, "it needs a shell, and an empty image has none");
                return Err(refusal.help("write it in exec form: a JSON array"));
            }
        }
        Ok(())
    }

    /// Refuses a health check by a program that is not one of `known` and comes with none of the packages.
    pub(super) fn health_is_checked_by(&self, known: &[&str], packages: &Packages) -> Result<(), Refusal> {
        for instruction in &self.stage.instructions {
            let Operation::Healthcheck(health) = &instruction.operation else { continue };
            let Some(command) = &health.command else { continue };
            let names: Vec<&str> = match command {
                Command::Exec(words) => words.first().map(|word| word.value.as_str()).into_iter().collect(),
                shell => {
                    let commands = shell.body().map(|body| body.commands()).unwrap_or_default();
                    commands.iter().filter_map(|command| command.name()).collect()
                }
            };
            const OF_ANY_SHELL: &[&str] = &["exit", "test", "[", "true", "false", "echo", "cat", "sh"];
            let is_there = |name: &str| known.contains(&name) || OF_ANY_SHELL.contains(&name) || packages.bring(name);
            let missing = names.iter().find(|name| !is_there(name));
            if let Some(name) = missing {
                let reason = format!("it calls `{name}`, which the image that it would run on may not have");
                return Err(self.refuse(instruction.span, reason));
            }
        }
        Ok(())
    }
}
