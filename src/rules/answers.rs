//! Package managers that ask before they act, and wait for an answer that nobody gives.

use super::{Out, RunCommand};
use crate::text::Edit;

/// A package manager, and how it is told not to ask.
pub(super) struct Asking {
    pub(super) names: &'static [&'static str],
    /// The subcommands that ask.
    pub(super) acts: &'static [&'static str],
    /// The options that answer.
    pub(super) yes: &'static [&'static str],
    /// What to do, as the help of a finding.
    pub(super) help: &'static str,
}

impl Asking {
    /// Finds the command when it asks. A word that only the shell knows may be the answer.
    pub(super) fn check(&self, command: RunCommand<'_>, out: &mut Out<'_>) {
        let name = command.command.name().filter(|name| self.names.contains(name));
        let sub = command.subcommand().filter(|sub| self.acts.contains(sub));
        let (Some(name), Some(sub)) = (name, sub) else { return };
        let arguments = command.command.arguments();
        let is_open = arguments.iter().any(|word| word.literal.is_none() && word.raw.starts_with(['$', '"']));
        let Some(word) = command.word(sub).filter(|_| !is_open && !command.has_option(self.yes)) else { return };
        out.find(command.command.words[0].span.to(word.span), format!("{name} {sub} waits for an answer"))
            .help(self.help)
            .fix("pass -y", || Some(vec![Edit::insert(word.span.end, " -y")]));
    }
}
