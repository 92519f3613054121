//! `rm -r` of a path that begins with a variable which is empty, so that it begins at the root: an ARG without a value,
//! or one from before FROM that no stage sees. Silent where the text sets or asks about the variable, and where what
//! would be removed is no directory of the system.

use super::shell_expansion::{Expansion, expansions};
use super::{Check, Cx, Out, RunCommand};
use crate::model::{Instruction, Operation, Value};
use crate::text::Edit;

pub(super) struct RemovalWithEmptyVariable;

/// What stands at the root of every image, and must not go.
const OF_THE_SYSTEM: &[&str] =
    &["", "*", "bin", "etc", "home", "lib", "lib64", "opt", "root", "sbin", "srv", "usr", "var"];

impl Check for RemovalWithEmptyVariable {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        for command in cx.commands(instruction).filter(is_recursive_removal) {
            for word in command.command.arguments() {
                let raw = word.raw.trim_start_matches('"');
                let Some(expansion) = expansions(&word.raw).into_iter().next() else { continue };
                let begins = word.raw.len() - raw.len() == expansion.range.start;
                let rest = word.raw[expansion.range.end..].replace('"', "");
                let Some(why) = emptiness(&expansion, instruction, cx).filter(|_| begins) else { continue };
                if !removes_the_system(&rest) || is_minded(&expansion, &command, cx) {
                    continue;
                }
                let (name, span) = (expansion.name, expansion.span(word));
                out.find(span, format!("`{name}` {why}, and then `rm` removes `{rest}`"))
                    .help(format!("write ${{{name}:?}}: the shell stops when it is empty"))
                    .fix("let the shell stop when it is empty", || {
                        let is_whole = span.len() == expansion.range.len();
                        is_whole.then(|| vec![Edit::replace(span, format!("${{{name}:?}}"))])
                    });
            }
        }
    }

    /// What a variable will hold where ONBUILD fires, nobody knows.
    fn trigger(&self, _: &Instruction, _: &Cx<'_>, _: &mut Out<'_>) {}
}

fn is_recursive_removal(command: &RunCommand<'_>) -> bool {
    command.command.name() == Some("rm") && command.has_option(&["-r", "-R", "--recursive"])
}

/// Why the variable is empty, when it is.
fn emptiness(expansion: &Expansion<'_>, instruction: &Instruction, cx: &Cx<'_>) -> Option<&'static str> {
    let is_declared = |one: &Instruction| match &one.operation {
        Operation::Arg(args) => args.iter().any(|arg| arg.name.value == expansion.name),
        _ => false,
    };
    match cx.resolved.variable(expansion.name, instruction) {
        Some(variable) => match &variable.value {
            None => Some("is empty unless --build-arg sets it"),
            Some(Value::Known(value)) if value.is_empty() => Some("is empty"),
            Some(_) => None,
        },
        None if cx.resolved.model.globals.iter().any(is_declared) => {
            Some("is declared before FROM, where no stage sees it")
        }
        None => None,
    }
}

/// Whether what is left of the path is the root, or a directory of every image.
fn removes_the_system(rest: &str) -> bool {
    let Some(below) = rest.strip_prefix('/') else { return false };
    let mut parts = below.split('/').filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default();
    OF_THE_SYSTEM.contains(&first) && parts.all(|part| part == "*")
}

/// Whether the text sets the variable, asks about it, or stops at what is not set.
fn is_minded(expansion: &Expansion<'_>, command: &RunCommand<'_>, cx: &Cx<'_>) -> bool {
    let text = cx.text(command.instruction.span);
    let asks = |one: &&str| text.contains(one);
    let is_asked_about = cx.commands(command.instruction).any(|other| {
        let mentions =
            other.command.words.iter().any(|word| expansions(&word.raw).iter().any(|one| one.name == expansion.name));
        matches!(other.command.name(), Some("[" | "test")) && mentions
    });
    let stops = cx.commands(command.instruction).any(|other| {
        let option = |word: &str| word == "nounset" || (word.starts_with('-') && word.contains('u'));
        other.command.name() == Some("set") && other.literals().any(option)
    });
    let guard = format!("${{{}:", expansion.name);
    is_asked_about
        || stops
        || !expansion.is_as_before(command.instruction, cx)
        || ["[[", "case ", &guard].iter().any(asks)
}
