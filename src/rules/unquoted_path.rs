//! A path with blanks that the shell splits in two, since the variable stands without quotes. Silent where the value is
//! not known or the text sets it itself, and where what follows the blank is a path or an option of its own: such a
//! value is a list, and meant to be split.

use super::shell_expansion::{Expansion, expansions};
use super::{Check, Cx, Out};
use crate::model::Instruction;
use crate::model::shell::{ShellWord, SimpleCommand};
use crate::text::Edit;

pub(super) struct UnquotedPath;

/// Commands whose arguments are paths.
const TAKE_PATHS: &[&str] = &[
    ".", "[", "cat", "cd", "chgrp", "chmod", "chown", "cp", "find", "install", "ln", "ls", "mkdir", "mv", "rm",
    "rmdir", "rsync", "source", "stat", "test", "touch",
];

impl Check for UnquotedPath {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        for command in cx.commands(instruction).map(|command| command.command) {
            for word in paths(command) {
                for expansion in expansions(&word.raw).iter().filter(|expansion| !expansion.is_quoted) {
                    tell(expansion, word, instruction, cx, out);
                }
            }
        }
    }

    /// What a variable will hold where ONBUILD fires, nobody knows.
    fn trigger(&self, _: &Instruction, _: &Cx<'_>, _: &mut Out<'_>) {}
}

/// The words of a command that are paths.
fn paths(command: &SimpleCommand) -> impl Iterator<Item = &ShellWord> {
    let takes_paths = command.name().is_some_and(|name| TAKE_PATHS.contains(&name));
    let arguments = if takes_paths { command.arguments() } else { &[] };
    arguments.iter().chain(command.redirects.iter().map(|redirect| &redirect.target))
}

fn tell(expansion: &Expansion<'_>, word: &ShellWord, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
    let variable = cx.resolved.variable(expansion.name, instruction);
    let Some((value, set)) = variable.and_then(|variable| Some((variable.value.as_ref()?, variable.span))) else {
        return;
    };
    let Some((first, second)) = value.known().and_then(split_path) else { return };
    if !expansion.is_as_before(instruction, cx) {
        return;
    }
    let written = &word.raw[expansion.range.clone()];
    let span = expansion.span(word);
    let draft = out.find(span, format!("the shell splits `{written}` into `{first}` and `{second}`"));
    let draft = match set {
        Some(set) => draft.related(set, "it is set here"),
        None => draft,
    };
    draft.help(format!("write \"{written}\"")).fix("quote the variable", || {
        let is_whole = span.len() == written.len();
        is_whole.then(|| vec![Edit::replace(span, format!("\"{written}\""))])
    });
}

/// The two ends of one path that has blanks in it.
fn split_path(value: &str) -> Option<(&str, &str)> {
    let (first, rest) = value.split_once([' ', '\t'])?;
    let is_path_of_its_own = |word: &str| word.starts_with(['/', '-', '.', '~', '$', '*']) || word.contains('=');
    let mut others = rest.split_whitespace();
    let is_one = first.starts_with('/') && !rest.trim().is_empty() && !others.any(is_path_of_its_own);
    is_one.then(|| (first, rest.trim()))
}
