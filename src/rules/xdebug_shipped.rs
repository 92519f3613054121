//! Xdebug in an image for production. What only runs when a build argument says so is left alone.

use super::{Check, Cx, Out, RunCommand, purpose, removal};

pub(super) struct XdebugShipped;

const INSTALLERS: &[&str] = &[
    "apk",
    "apt",
    "apt-get",
    "dnf",
    "docker-php-ext-enable",
    "install-php-extensions",
    "microdnf",
    "pecl",
    "pickle",
    "pie",
    "yum",
];

impl Check for XdebugShipped {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let is_installer = command.command.name().is_some_and(|name| INSTALLERS.contains(&name));
        let is_certain = !command.command.conditional && command.ships(cx);
        if !is_installer || !is_certain {
            return;
        }
        let is_xdebug = |word: &str| word.contains("xdebug") && !word.starts_with('-');
        let words = &command.command.words;
        let Some(at) = words.iter().position(|word| word.literal.as_deref().is_some_and(is_xdebug)) else { return };
        if !command.instruction.stage.is_some_and(|stage| purpose::is_production(stage, cx)) {
            return;
        }
        let word = &words[at];
        out.find(word.span, "Xdebug slows every request down, and lets in whoever may attach to it")
            .help("install it in a stage of its own, for development")
            .fix("leave it out", || {
                let is_sub = |text: &str| matches!(text, "install" | "add");
                let others = command.literals().filter(|text| !text.starts_with('-') && !is_sub(text)).count();
                let edit = match others {
                    1 => removal::command(&command, cx),
                    _ => removal::words(&command, at, 1, cx),
                };
                edit.map(|edit| vec![edit])
            });
    }
}
