//! A COPY of more than the manifests above an install that reads nothing else. Decides by the models of `effect`, so it is
//! silent where it cannot know what the install reads. Repairs nothing: `rplan optimize` does, with its proof.

use super::{Check, Cx, Out};
use crate::effect::instruction::{of_run, path_variable, workdir_before};
use crate::effect::transfer::brought;
use crate::effect::{Action, PackageManager};
use crate::model::{CopySource, Operation, Stage};

pub(super) struct CopyBeforeDeps;

impl Check for CopyBeforeDeps {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(context) = cx.around.context.as_deref() else { return };
        for (index, instruction) in stage.instructions.iter().enumerate() {
            let Operation::Run(run) = &instruction.operation else { continue };
            let workdir = workdir_before(cx.resolved, cx.around, stage.id, index);
            let path = path_variable(cx.resolved, instruction);
            let Ok(commands) = of_run(run, workdir.as_deref(), path.as_deref()) else { continue };
            let install =
                commands.iter().find(|command| command.action == Action::Install && !command.manifests.is_empty());
            let Some(install) = install else { continue };
            let culprit = stage.instructions[..index].iter().enumerate().rev().find_map(|(at, copy)| {
                let workdir = workdir_before(cx.resolved, cx.around, stage.id, at);
                let brought = brought(&copy.operation, workdir.as_deref(), cx.resolved, context).ok()?;
                install.manifests.iter().any(|path| brought.paths.contains_key(path)).then_some((copy, brought))
            });
            let Some((copy, brought)) = culprit else { continue };
            if brought.paths.keys().all(|path| install.manifests.contains(path)) {
                continue;
            }
            let Operation::Copy(typed) = &copy.operation else { continue };
            let sources = typed.transfer.sources.iter().filter_map(|source| match source {
                CopySource::Path(word) => Some(word.span()),
                CopySource::Heredoc { .. } => None,
            });
            let span = sources.reduce(|a, b| a.to(b)).unwrap_or(copy.span);
            let present: Vec<&str> =
                install.manifests.iter().filter_map(|path| brought.paths.get(path)).map(String::as_str).collect();
            let packages = match install.manager {
                Some(PackageManager::Pip) => "the Python packages",
                Some(PackageManager::Npm) => "the Node packages",
                Some(PackageManager::Go) => "the Go modules",
                _ => "the packages",
            };
            let command = run.command.body().and_then(|body| body.commands().first()).map(|command| command.span);
            out.find(span, format!("an edit of any file reinstalls {packages}"))
                .label("takes in more than the install reads")
                .related(command.unwrap_or(instruction.span), format!("needs {} alone", present.join(", ")))
                .help(format!(
                    "copy {}, install, then copy the rest:\n`rplan optimize` writes it and shows the proof and the gain",
                    present.join(", ")
                ));
        }
    }
}
