//! A heredoc of several commands of which only the last one decides whether the step succeeds. Silent where SHELL, the
//! first line or the text sets errexit or a trap, and where nothing but the last command can fail unseen.

use super::{Check, Cx, Out, shell_in_force};
use crate::model::shell::{Connector, Script, SimpleCommand};
use crate::model::{Command, Instruction, Operation};
use crate::text::Edit;

pub(super) struct HeredocWithoutErrexit;

/// Commands that do not fail, or whose failure is an answer.
const HARMLESS: &[&str] = &[
    "echo", "printf", "true", ":", "export", "unset", "umask", "set", "exit", "return", "exec", "test", "[", "[[",
    "command", "which", "type", "grep", "id", "getent",
];

impl Check for HeredocWithoutErrexit {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Run(run) = &instruction.operation else { return };
        let Command::Script { heredoc, body } = &run.command else { return };
        // With carriage returns the shell reads other words than those that are seen.
        let Some(script) = body.script().filter(|_| !heredoc.content.contains('\r')) else { return };
        let shebang = heredoc.content.lines().next().filter(|line| line.starts_with("#!"));
        let shell: Vec<&str> = match shebang {
            Some(line) => line.split_whitespace().collect(),
            None => shell_in_force::words(instruction, cx).unwrap_or_default(),
        };
        if shell.iter().any(|word| is_errexit(word)) || script.commands.iter().any(sets_errexit) {
            return;
        }
        let Some(lost) = lost(script) else { return };
        let Some(name) = lost.words.first() else { return };
        out.find(name.span, format!("the step goes on, and may succeed, when `{}` fails", name.raw))
            .related(heredoc.span, "only the last command of this decides")
            .help("begin the text with `set -e`")
            .fix("begin with `set -e`", || {
                let first = cx.text(heredoc.body).split_inclusive('\n').next()?;
                let at = heredoc.body.start + if shebang.is_some() { first.len() } else { 0 };
                Some(vec![Edit::insert(at, format!("set -e{}", cx.line_end()))])
            });
    }
}

/// Whether a word of the shell's command line, or of set, ends the shell when a command fails.
fn is_errexit(word: &str) -> bool {
    word == "errexit"
        || word.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.contains('e'))
}

fn sets_errexit(command: &SimpleCommand) -> bool {
    match command.name() {
        Some("set") => command.arguments().iter().any(|word| is_errexit(&word.raw)),
        Some("trap") => true,
        _ => false,
    }
}

/// The first command that may fail while another statement follows.
fn lost(script: &Script) -> Option<&SimpleCommand> {
    script.commands.iter().enumerate().find_map(|(index, command)| {
        let may_fail = !command.words.is_empty() && command.name().is_none_or(|name| !HARMLESS.contains(&name));
        let mut following = script.commands[index + 1..].iter().filter(|later| !command.span.encloses(later.span));
        let next = following.next()?;
        (command.depth == 0 && may_fail && next.joined_by == Connector::Sequence).then_some(command)
    })
}
