//! A download that is piped into a shell: whatever the server sends that day runs as root, and half a script runs too.

use super::{Check, Cx, Out};
use crate::model::shell::SimpleCommand;
use crate::model::{Instruction, Operation};

pub(super) struct DownloadToShell;

const SHELLS: &[&str] = &["ash", "bash", "dash", "perl", "python", "python3", "ruby", "sh", "zsh"];

impl Check for DownloadToShell {
    fn instruction(&self, instruction: &Instruction, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Run(run) = &instruction.operation else { return };
        let Some(script) = run.command.body().and_then(|body| body.script()) else { return };
        for pipeline in &script.pipelines {
            let members: Vec<&SimpleCommand> =
                script.commands.iter().filter(|one| one.in_pipeline && pipeline.span.encloses(one.span)).collect();
            let fetches = members.iter().find(|one| matches!(one.name(), Some("curl" | "wget")));
            let runs = members.iter().find(|one| program(one).is_some_and(|name| SHELLS.contains(&name)));
            if let (Some(fetches), Some(runs)) = (fetches, runs)
                && fetches.span.start < runs.span.start
            {
                let shell = program(runs).unwrap_or_default();
                out.find(pipeline.span, format!("`{shell}` runs what is fetched, whatever that is today"))
                    .related(fetches.span, "fetches")
                    .help("download to a file, compare its checksum, then run it: ADD --checksum=… does the first two");
            }
        }
    }
}

/// The program that runs, behind `sudo`.
fn program<'a>(command: &&'a SimpleCommand) -> Option<&'a str> {
    let mut words = command.words.iter().filter_map(|word| word.literal.as_deref());
    let name = words.next()?;
    let name = if name == "sudo" { words.find(|word| !word.starts_with('-'))? } else { name };
    Some(name.rsplit('/').next().unwrap_or(name))
}
