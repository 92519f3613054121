//! sudo in RUN. The fix takes it away where the step certainly runs as root and sudo is asked for nothing else.

use super::{Check, Cx, Out, RunCommand, account, removal};

pub(super) struct SudoInRun;

/// The options without which the command does the same for root.
const PLAIN: &[&str] = &["-E", "-H", "-n", "-EH", "-HE", "--preserve-env", "--set-home", "--non-interactive", "--"];

impl Check for SudoInRun {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        if command.command.name() != Some("sudo") {
            return;
        }
        let word = command.command.words[0].span;
        out.find(word, "sudo has no place in a build")
            .help("use USER, or leave sudo out: without a USER the base image decides, and most start as root")
            .fix("leave sudo out", || {
                let options = command.literals().take_while(|word| PLAIN.contains(word)).count();
                let runs = command.command.arguments().get(options)?;
                let is_program =
                    runs.literal.as_deref().is_some_and(|word| !word.starts_with('-') && !word.contains('='));
                (is_program && account::runs_as_root(command.instruction, cx))
                    .then(|| removal::lead(&command, 1 + options, cx).map(|edit| vec![edit]))?
            });
    }
}
