//! A command that needs a credential, in a RUN to which none is mounted. Silent until the option `commands` names some:
//! which ones need a credential only the project knows.

use super::{Check, Cx, Out, RunCommand};
use crate::model::MountKind;
use crate::text::Edit;

pub(super) struct CommandWithoutSecret;

impl Check for CommandWithoutSecret {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let is_given = |kind| !matches!(kind, Some(MountKind::Bind | MountKind::Cache | MountKind::Tmpfs));
        if command.run.mounts.iter().any(|mount| is_given(mount.kind)) {
            return;
        }
        let wanted: Vec<String> = out.texts("commands").into_iter().map(str::to_owned).collect();
        let Some(wanted) = wanted.iter().find(|wanted| is_called(&command, name(wanted))) else { return };
        let called = name(wanted);
        let mount = wanted[called.len()..].trim_start_matches(':').trim();
        let flag = match mount {
            "" => "--mount=type=secret,id=…".to_owned(),
            options => format!("--mount=type=secret,{options}"),
        };
        let keyword = command.instruction.keyword_span;
        out.find(command.command.span, format!("`{called}` needs a credential, and none is mounted"))
            .help(format!("write RUN {flag}"))
            .fix("mount the secret", || {
                (!mount.is_empty()).then(|| vec![Edit::insert(keyword.end, format!(" {flag}"))])
            });
    }
}

/// The command of `COMMAND` or `COMMAND: OPTIONS OF THE MOUNT`.
fn name(wanted: &str) -> &str {
    wanted.split(':').next().unwrap_or(wanted).trim_end()
}

/// Whether the command begins with these words; options may stand between them.
fn is_called(command: &RunCommand<'_>, called: &str) -> bool {
    let mut called = called.split_whitespace();
    let mut words = command.literals();
    called.next().is_some_and(|name| command.command.name() == Some(name))
        && called.all(|wanted| words.find(|word| !word.starts_with('-')) == Some(wanted))
}
