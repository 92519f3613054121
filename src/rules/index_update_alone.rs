//! The index of packages is fetched in a step of its own, and a later step installs by it: from a cache, long after it
//! grew stale. Silent where other commands of the RUN may do anything. The fix joins it with the very next step.

use super::{Check, Cx, Out, RunCommand, directory_change};
use crate::model::shell::{Connector, Script};
use crate::model::{Command, Instruction, Operation};
use crate::text::{Edit, Span};

pub(super) struct IndexUpdateAlone;

/// A package manager: its names, what fetches its index, what installs, and where the index is kept.
struct Manager {
    names: &'static [&'static str],
    update: &'static [&'static str],
    install: &'static [&'static str],
    index: &'static str,
}

const MANAGERS: &[Manager] = &[
    Manager {
        names: &["apt-get", "apt"],
        update: &["update"],
        install: &["install", "build-dep", "source", "download"],
        index: "/var/lib/apt/lists",
    },
    Manager { names: &["apk"], update: &["update"], install: &["add"], index: "/var/cache/apk" },
    Manager { names: &["zypper"], update: &["refresh", "ref"], install: &["install", "in"], index: "/var/cache/zypp" },
];

/// Commands that install nothing themselves.
const PLAIN: &[&str] = &["apt-get", "apt", "apk", "zypper", "echo", "true", "set", "rm", "mkdir", "sed", "cp", "mv"];

impl Check for IndexUpdateAlone {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let updates = |manager: &&Manager| command.calls(manager.names, manager.update);
        let Some(manager) = MANAGERS.iter().find(updates) else { return };
        let Some(script) = command.run.command.body().and_then(|body| body.script()) else { return };
        let is_plain = script.commands.iter().all(|one| one.name().is_some_and(|name| PLAIN.contains(&name)));
        let installs_here = cx.commands(command.instruction).any(|one| one.calls(manager.names, manager.install));
        if !is_plain || installs_here || command.mounted(manager.index, cx) {
            return;
        }
        let Some((stage, index)) = directory_change::position(command.instruction, cx) else { return };
        let mut later = stage.instructions[index + 1..].iter().flat_map(|instruction| cx.commands(instruction));
        let asked = |one: &RunCommand<'_>| {
            one.calls(manager.names, manager.update) || one.calls(manager.names, manager.install)
        };
        let Some(next) = later.find(|one| asked(one)).filter(|one| one.calls(manager.names, manager.install)) else {
            return;
        };
        out.find(command.head(), "the index comes from the cache when what is installed changes")
            .related(next.head(), "installs by it")
            .help("fetch the index and install in the same RUN")
            .fix("join the two RUNs", || joined(command.instruction, stage.instructions.get(index + 1)?, cx));
    }
}

/// Both as one RUN, when the first does nothing but update and the second is a plain chain.
fn joined(first: &Instruction, second: &Instruction, cx: &Cx<'_>) -> Option<Vec<Edit>> {
    let (one, two) = (plain(first, cx)?, plain(second, cx)?);
    let is_next = second.item == first.item + 1;
    let [update] = one.commands.as_slice() else { return None };
    let ends = cx.written(first)?.rest.span() == update.span;
    let start = cx.written(second)?.rest.span().start;
    let is_chain = two.commands.iter().skip(1).all(|command| command.joined_by == Connector::And);
    let escape = cx.tree().directives.escape;
    let joint = format!(" {escape}{} && ", cx.line_end());
    let place = Span::new(update.span.end, start);
    (is_next && ends && is_chain).then(|| vec![Edit::replace(place, joint)])
}

/// The text of a RUN without flags and heredocs, when it is but a sequence of commands.
fn plain<'a>(instruction: &'a Instruction, cx: &Cx<'_>) -> Option<&'a Script> {
    let Operation::Run(run) = &instruction.operation else { return None };
    let Command::Shell { body, .. } = &run.command else { return None };
    body.script().filter(|script| script.is_flat && cx.written(instruction).is_some_and(|one| one.flags.is_empty()))
}
