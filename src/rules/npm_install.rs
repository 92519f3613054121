//! npm install of what a manifest names, where COPY has brought a lock file that npm ci would keep to. Judged where the
//! build context shows the lock file.

use super::{Check, Cx, Out, RunCommand};
use crate::effect::packages::NPM;
use crate::effect::paths;
use crate::model::{BuildContext, Copy, CopySource, Instruction, Operation, path};
use crate::text::Edit;

pub(super) struct NpmInstall;

const LOCKS: &[&str] = &["package-lock.json", "npm-shrinkwrap.json"];
/// Options with which npm reads no lock file, or none of this directory.
const OTHERWISE: &[&str] = &[
    "-g",
    "--global",
    "--location",
    "--prefix",
    "-C",
    "-w",
    "--workspace",
    "--no-package-lock",
    "--package-lock",
    "--package-lock-only",
];

impl Check for NpmInstall {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let is_plain = command.command.arguments().iter().all(|word| word.literal.is_some());
        let Some(request) = NPM.request(command.command).filter(|_| is_plain) else { return };
        if !request.packages.is_empty() || request.has(OTHERWISE) || command.calls(&["npm"], &["add"]) {
            return;
        }
        let Some(copy) = directory(&command, cx).and_then(|directory| lock(&directory, &command, cx)) else { return };
        out.find(command.head(), "npm install may change what the lock file says")
            .related(copy.keyword_span, "the lock file comes with this")
            .help("npm ci installs exactly what the lock file says")
            .fix("use npm ci", || Some(vec![Edit::replace(command.word(command.subcommand()?)?.span, "ci")]));
    }
}

/// The directory that the command runs in.
fn directory(command: &RunCommand<'_>, cx: &Cx<'_>) -> Option<String> {
    let before = cx.commands(command.instruction).take(command.index);
    before.filter(|one| one.command.name() == Some("cd")).try_fold(cx.workdir(command.instruction)?, |directory, cd| {
        match cd.command.arguments() {
            [word] => word.literal.as_deref().map(|to| paths::join(&directory, to)),
            _ => None,
        }
    })
}

/// The COPY above that brings a lock file to the directory.
fn lock<'a>(directory: &str, command: &RunCommand<'_>, cx: &Cx<'a>) -> Option<&'a Instruction> {
    let context = cx.around.context.as_deref()?;
    let stages: Vec<_> = cx.lineage(command.instruction.stage?).collect();
    let above = stages.into_iter().flat_map(|stage| stage.instructions.iter().rev());
    above.filter(|one| one.id < command.instruction.id).find(|one| match &one.operation {
        Operation::Copy(copy) if copy.from.is_none() => brings_lock(copy, one, directory, context, cx),
        _ => false,
    })
}

/// Whether the COPY brings a lock file to the directory. Of a pattern only one star is understood.
fn brings_lock(copy: &Copy, by: &Instruction, directory: &str, context: &dyn BuildContext, cx: &Cx<'_>) -> bool {
    let Some(written) = cx.resolved.known(&copy.transfer.destination) else { return false };
    let Some(destination) = cx.workdir(by).map(|workdir| paths::join(&workdir, written)) else { return false };
    LOCKS.iter().any(|lock| {
        let arrives = paths::join(directory, lock);
        copy.transfer.sources.iter().any(|source| {
            let CopySource::Path(word) = source else { return false };
            let Some(source) = cx.resolved.known(word).map(path::inside) else { return false };
            let (above, name) = source.rsplit_once('/').unwrap_or(("", &source));
            let fits = match name.split_once('*') {
                Some((start, end)) => lock.len() >= name.len() - 1 && lock.starts_with(start) && lock.ends_with(end),
                None => name == *lock,
            };
            let file = path::inside(&format!("{above}/{lock}"));
            let is_file = fits && context.entry(&file).is_some();
            let below = || arrives.strip_prefix(&format!("{}/", destination.trim_end_matches('/'))).map(str::to_owned);
            let is_below =
                || below().is_some_and(|below| context.entry(&path::inside(&format!("{source}/{below}"))).is_some());
            (is_file && (destination == arrives || destination == directory)) || is_below()
        })
    })
}
