//! `/bin/sh` made a link to another shell in place of what it was: forced, or once the other is gone. A fix is offered where the whole RUN does nothing else.

use super::{Check, Cx, Out, RunCommand};
use crate::text::Edit;

pub(super) struct RelinkedSh;

impl Check for RelinkedSh {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let mut files = command.literals().filter(|word| !word.starts_with('-'));
        let (source, target) = (files.next(), files.last());
        if command.command.name() != Some("ln") || target != Some("/bin/sh") {
            return;
        }
        let mut commands = command.run.command.body().map_or(&[][..], |body| body.commands()).iter();
        let is_gone = commands.any(|one| {
            let mut words = one.words.iter().filter_map(|word| word.literal.as_deref());
            matches!(one.name(), Some("rm" | "mv" | "unlink")) && words.any(|word| word == "/bin/sh")
        });
        if !is_gone && !command.has_option(&["-f", "--force"]) {
            return;
        }
        let shell = match source {
            Some("bash" | "/bin/bash" | "/usr/bin/bash") => "/bin/bash",
            _ => "/bin/bash or another",
        };
        out.find(command.command.span, "other programs count on what /bin/sh was")
            .help(format!("write SHELL [\"{shell}\", \"-c\"]: it changes the shell of RUN, and nothing else"))
            .fix("use SHELL", || {
                let whole = cx.written(command.instruction)?.rest.span();
                let is_alone = command.run.mounts.is_empty()
                    && shell == "/bin/bash"
                    && command
                        .run
                        .command
                        .body()?
                        .commands()
                        .iter()
                        .all(|one| one.span == command.command.span || matches!(one.name(), Some("rm" | "mv")));
                let place = command.instruction.keyword_span.to(whole);
                is_alone.then(|| vec![Edit::replace(place, format!("SHELL [\"{shell}\", \"-c\"]"))])
            });
    }
}
