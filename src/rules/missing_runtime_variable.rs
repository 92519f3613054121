//! A program that behaves as in development unless a variable says otherwise: Python holds its output back when nobody
//! watches, Node's libraries check and keep more than production needs.

use super::{Check, Cx, Out, insertion, purpose, userland};
use crate::model::{Command, Instruction, Operation, Stage};

pub(super) struct MissingRuntimeVariable;

/// Programs, the variable with its value, and what happens without it.
const PROGRAMS: &[(&[&str], &str, &str, &str)] = &[
    (&["python", "python3"], "PYTHONUNBUFFERED", "1", "Python holds its output back, and a crash loses it"),
    (&["node", "npm", "yarn"], "NODE_ENV", "production", "Node's libraries run as in development"),
];

impl Check for MissingRuntimeVariable {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !cx.is_target(stage.id) || !purpose::is_production(stage.id, cx) {
            return;
        }
        let mut starts = stage.instructions.iter().rev().filter_map(|one| Some((one, started(one)?)));
        let Some((instruction, words)) = starts.next() else { return };
        let name = words.first().map(|name| name.rsplit('/').next().unwrap_or(name));
        let Some((_, variable, value, what)) =
            PROGRAMS.iter().find(|(names, ..)| name.is_some_and(|it| names.contains(&it)))
        else {
            return;
        };
        // Alone it is an interactive interpreter.
        let is_said = words.len() < 2 || words.iter().any(|word| *word == "-u" || word.contains(variable));
        if is_said || userland::library(stage.id, cx).is_none() || cx.resolved.variable(variable, instruction).is_some()
        {
            return;
        }
        out.find(instruction.keyword_span, format!("{what}, since {variable} is not set"))
            .help(format!("ENV {variable}={value}"))
            .fix(format!("set {variable}"), || {
                Some(vec![insertion::above(instruction, "ENV", &format!("{variable}={value}"), cx)])
            });
    }
}

/// The words of the command that starts the container.
fn started(instruction: &Instruction) -> Option<Vec<&str>> {
    let (Operation::Cmd(command) | Operation::Entrypoint(command)) = &instruction.operation else { return None };
    Some(match command {
        Command::Exec(words) => words.iter().map(|word| word.value.as_str()).collect(),
        Command::Shell { text, .. } => text.as_str().split_whitespace().collect(),
        Command::Script { .. } | Command::ShellWithHeredocs { .. } => return None,
    })
}
