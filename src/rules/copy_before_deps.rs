//! A COPY of more than the manifests above an install that reads nothing else. Decides by the models of `effect`, so it is
//! silent where it cannot know what the install reads. Where the build context is unknown, only a COPY of all of it is
//! judged. Repairs nothing: `rplan optimize` does, with its proof.

use super::{Check, Cx, Out};
use crate::effect::instruction::{of_run, workdir_before};
use crate::effect::transfer::brought;
use crate::effect::{Action, CommandEffect, PackageManager};
use crate::model::{Copy, CopySource, Instruction, Operation, Stage, path};
use crate::text::Span;

pub(super) struct CopyBeforeDeps;

/// A COPY that brings the manifests and more.
struct Culprit<'a> {
    copy: &'a Copy,
    span: Span,
    /// The manifests that it brings, by their paths in the context.
    manifests: Vec<String>,
}

impl Check for CopyBeforeDeps {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let is_copy = |one: &Instruction| matches!(one.operation, Operation::Copy(_));
        // What a RUN does takes long to find out, and above the first COPY nothing depends on it.
        let Some(first) = stage.instructions.iter().position(is_copy) else { return };
        for (index, instruction) in stage.instructions.iter().enumerate().skip(first) {
            if !matches!(instruction.operation, Operation::Run(_)) {
                continue;
            }
            let Some(install) = install(stage, index, cx) else { continue };
            let Some(culprit) = culprit(stage, index, &install, cx) else { continue };
            let packages = match install.manager {
                Some(PackageManager::Pip) => "the Python packages",
                Some(PackageManager::Npm) => "the Node packages",
                Some(PackageManager::Go) => "the Go modules",
                _ => "the packages",
            };
            let whole = culprit.copy.transfer.sources.iter().any(|source| is_whole(source, cx));
            let taken =
                if whole { "takes in every file of the context" } else { "takes in more than the install reads" };
            let manifests = culprit.manifests.join(" and ");
            out.find(culprit.span, format!("an edit of any file reinstalls {packages}"))
                .label(taken)
                .related(install.span, format!("needs {manifests} alone"))
                .help(format!(
                    "copy {manifests}, install, then copy the rest:\n`rplan optimize` writes it and shows the proof and the gain"
                ));
        }
    }
}

/// The first command of a RUN that installs what manifests name.
fn install(stage: &Stage, index: usize, cx: &Cx<'_>) -> Option<CommandEffect> {
    let effects = of_run(cx.resolved, cx.around, stage, index).ok()?;
    effects.into_iter().find(|effect| effect.action == Action::Install && !effect.manifests.is_empty())
}

/// The last COPY above that brings one of the manifests, when it brings more than those.
fn culprit<'a>(stage: &'a Stage, index: usize, install: &CommandEffect, cx: &Cx<'_>) -> Option<Culprit<'a>> {
    for (at, instruction) in stage.instructions[..index].iter().enumerate().rev() {
        let Operation::Copy(copy) = &instruction.operation else { continue };
        let workdir = workdir_before(cx.resolved, cx.around, stage.id, at);
        let found = match cx.around.context.as_deref() {
            Some(context) => {
                let brought = brought(&instruction.operation, workdir.as_deref(), cx.resolved, context).ok();
                brought.map(|brought| {
                    let of = |path: &String| brought.paths.get(path).cloned();
                    let manifests: Vec<String> = install.manifests.iter().filter_map(of).collect();
                    (manifests, brought.paths.keys().any(|path| !install.manifests.contains(path)))
                })
            }
            None => whole_context(copy, workdir.as_deref(), cx).map(|destination| {
                let below = |path: &String| path.strip_prefix(&destination).map(str::to_owned);
                (install.manifests.iter().filter_map(below).collect(), true)
            }),
        };
        let Some((manifests, brings_more)) = found.filter(|(manifests, _)| !manifests.is_empty()) else { continue };
        let paths = copy.transfer.sources.iter().filter_map(|source| match source {
            CopySource::Path(word) => Some(word.span()),
            CopySource::Heredoc { .. } => None,
        });
        let span = paths.reduce(|a, b| a.to(b)).unwrap_or(instruction.span);
        return brings_more.then_some(Culprit { copy, span, manifests });
    }
    None
}

/// The directory that a COPY of the whole context fills, with its slash.
fn whole_context(copy: &Copy, workdir: Option<&str>, cx: &Cx<'_>) -> Option<String> {
    let [source] = &copy.transfer.sources[..] else { return None };
    if copy.from.is_some() || !copy.transfer.exclude.is_empty() || !is_whole(source, cx) {
        return None;
    }
    let destination = cx.resolved.known(&copy.transfer.destination)?;
    let directory =
        if destination.starts_with('/') { path::clean(destination) } else { path::join(workdir?, destination) };
    Some(format!("{}/", directory.trim_end_matches('/')))
}

fn is_whole(source: &CopySource, cx: &Cx<'_>) -> bool {
    match source {
        CopySource::Path(word) => cx.resolved.known(word).is_some_and(|text| path::inside(text).is_empty()),
        CopySource::Heredoc { .. } => false,
    }
}
