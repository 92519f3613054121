//! git clone in a RUN: builders keep its result for as long as the line stays the same, and the history stays in the layer.
//! The fix is offered where the clone is all that the RUN does, of an address that ADD takes for a repository too.

use super::{Check, Cx, Out, RunCommand, removal};
use crate::text::Edit;

pub(super) struct GitClone;

/// What is cloned, and where to.
struct Clone<'a> {
    address: &'a str,
    /// The branch or tag.
    reference: Option<&'a str>,
    directory: &'a str,
}

impl Check for GitClone {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !command.calls(&["git"], &["clone"]) {
            return;
        }
        out.find(command.head(), "a clone is kept for as long as this line stays the same")
            .help(
                "ADD takes a repository too: it asks for the newest commit in every build, and leaves the history out",
            )
            .fix("use ADD", || {
                let clone = Clone::of(&command)?;
                let is_alone = cx.commands(command.instruction).count() == 1 && command.run.mounts.is_empty();
                // Without comments and all else that would go along with the line.
                removal::command(&command, cx).filter(|_| is_alone)?;
                let reference = clone.reference.map(|reference| format!("#{reference}")).unwrap_or_default();
                let added = format!("ADD {}{reference} {}", clone.address, clone.directory);
                Some(vec![Edit::replace(command.instruction.span, added)])
            });
    }
}

impl<'a> Clone<'a> {
    /// What the command clones, where each of its words is understood.
    fn of(command: &RunCommand<'a>) -> Option<Self> {
        let words: Option<Vec<&str>> = command.command.arguments().iter().map(|word| word.literal.as_deref()).collect();
        let mut words = words?.into_iter().skip_while(|word| *word != "clone").skip(1);
        let mut clone = Self { address: "", reference: None, directory: "" };
        while let Some(word) = words.next() {
            match word {
                "-b" | "--branch" => clone.reference = words.next(),
                "--depth" => drop(words.next()?),
                "-q" | "--quiet" | "--single-branch" | "--recursive" | "--recurse-submodules" => {}
                _ if word.starts_with("--branch=") => clone.reference = word.strip_prefix("--branch="),
                _ if word.starts_with("--depth=") => {}
                _ if word.starts_with('-') => return None,
                _ if clone.address.is_empty() => clone.address = word,
                _ if clone.directory.is_empty() => clone.directory = word,
                _ => return None,
            }
        }
        let name = clone.address.rsplit('/').next()?.strip_suffix(".git")?;
        if clone.directory.is_empty() {
            clone.directory = name;
        }
        let is_plain = |text: &str| !text.contains([' ', '"', '\'', '$', '\\', '#']);
        let is_known = clone.address.starts_with("https://") && is_plain(clone.address) && is_plain(clone.directory);
        (is_known && clone.reference.is_none_or(is_plain)).then_some(clone)
    }
}
