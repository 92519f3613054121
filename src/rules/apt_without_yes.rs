//! `apt-get install` that would ask. Silent where an option answers for it; a setting in apt's configuration is not seen.

use super::{Check, Cx, Out, RunCommand};
use crate::text::Edit;

pub(super) struct AptWithoutYes;

impl Check for AptWithoutYes {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let asks = matches!(command.subcommand(), Some("install" | "remove" | "upgrade" | "dist-upgrade"));
        if command.command.name() != Some("apt-get") || !asks || answers(&command) {
            return;
        }
        let Some(sub) = command.subcommand().and_then(|sub| command.word(sub)) else { return };
        out.find(command.command.words[0].span.to(sub.span), format!("apt-get {} waits for an answer", sub.raw))
            .help("pass -y: nobody answers during a build")
            .fix("pass -y", || Some(vec![Edit::insert(sub.span.end, " -y")]));
    }
}

/// Whether an option says yes: `-y` and the like, two `-q`, or a setting given with `-o`. A word that only the shell
/// knows may be one.
fn answers(command: &RunCommand<'_>) -> bool {
    let quiet = command.literals().filter(|word| word.starts_with('-') && !word.starts_with("--"));
    command.has_option(&["-y", "--yes", "--assume-yes", "--force-yes"])
        || quiet.map(|word| word.matches('q').count()).sum::<usize>() >= 2
        || command.literals().any(|word| word.starts_with("-q=2") || word.contains("Assume-Yes"))
        || command.command.arguments().iter().any(|word| word.literal.is_none() && word.raw.starts_with(['$', '"']))
}
