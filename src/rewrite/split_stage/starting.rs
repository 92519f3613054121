//! How the program of a stage starts: what CMD and ENTRYPOINT run together.

use super::Site;
use crate::model::{Command, Instruction, Operation};
use crate::rewrite::Refusal;

/// What starts, word by word.
pub(super) struct Starting<'a> {
    /// The instruction that names the program.
    pub(super) instruction: &'a Instruction,
    pub(super) words: Vec<String>,
}

impl<'a> Site<'a> {
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
        let mut starting = Starting { instruction, words: Vec::new() };
        for one in [entrypoint, cmd].into_iter().flatten() {
            let (Operation::Cmd(command) | Operation::Entrypoint(command)) = &one.operation else { continue };
            match command {
                Command::Exec(words) => starting.words.extend(words.iter().map(|word| word.value.clone())),
                shell => {
                    let commands = shell.body().map(|body| body.commands()).unwrap_or_default();
                    let [command] = commands else {
                        return Err(self.refuse(one.span, "what it starts is more than one command"));
                    };
                    let words =
                        command.words.iter().map(|word| word.literal.clone().unwrap_or_else(|| word.raw.clone()));
                    let words: Vec<String> = words.collect();
                    let skipped = usize::from(words.first().is_some_and(|word| word == "exec"));
                    starting.words.extend(words.into_iter().skip(skipped));
                }
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

    /// Refuses a health check by a program that is not one of `known`.
    pub(super) fn health_is_checked_by(&self, known: &[&str]) -> Result<(), Refusal> {
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
            let missing = names.iter().find(|name| !known.contains(name) && !OF_ANY_SHELL.contains(name));
            if let Some(name) = missing {
                let reason = format!("it calls `{name}`, which the image that it would run on may not have");
                return Err(self.refuse(instruction.span, reason));
            }
        }
        Ok(())
    }
}
