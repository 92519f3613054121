//! A password of an account that stands in the file: piped or handed to chpasswd or passwd, or given to useradd.

use super::{Check, Cx, Out, RunCommand};
use crate::model::shell::{Connector, ShellWord, SimpleCommand};
use crate::text::Span;

pub(super) struct LiteralPassword;

/// What stands for no password: the account is locked.
const LOCKED: &[&str] = &["", "!", "!!", "*", "x"];

impl Check for LiteralPassword {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let found = match program(command.command) {
            Some("chpasswd") => fed(&command).find(|word| has_password(word, true)).map(|word| word.span),
            Some("passwd") => {
                let reads = command.has_option(&["--stdin"]) || !command.command.redirects.is_empty();
                let is_piped = command.command.joined_by == Connector::Pipe;
                let word = fed(&command).find(|word| has_password(word, false));
                word.filter(|_| reads || is_piped).map(|word| word.span)
            }
            Some("useradd" | "usermod" | "adduser") => option(command.command),
            _ => None,
        };
        if let Some(span) = found {
            out.find(span, "everybody who has the image has this password")
                .label("stays in its history")
                .hide()
                .help("let the account have none, or set it when the container starts: from a secret");
        }
    }
}

/// The program that runs, behind `sudo`.
fn program(command: &SimpleCommand) -> Option<&str> {
    let name = match command.name()? {
        "sudo" => command.arguments().first()?.literal.as_deref()?,
        name => name,
    };
    Some(name.rsplit('/').next().unwrap_or(name))
}

/// The words that the command may read: those of what is piped into it, and a here-string.
fn fed<'a>(command: &RunCommand<'a>) -> impl Iterator<Item = &'a ShellWord> {
    let body = command.run.command.body().map_or(&[][..], |body| body.commands());
    let before = command.index.checked_sub(1).and_then(|index| body.get(index));
    let is_piped = command.command.joined_by == Connector::Pipe;
    let printer = before.filter(|before| is_piped && matches!(before.name(), Some("echo" | "printf")));
    let here = command.command.redirects.iter().filter(|redirect| redirect.operator == "<<<");
    printer.into_iter().flat_map(|printer| printer.arguments()).chain(here.map(|redirect| &redirect.target))
}

/// Whether the word is written out and holds a password, behind the name of the user where there is one.
fn has_password(word: &ShellWord, named: bool) -> bool {
    let Some(text) = word.literal.as_deref() else { return false };
    let lines = text.split("\\n").flat_map(str::lines);
    lines.map(str::trim).filter(|line| !line.starts_with('-') && !line.contains('%')).any(|line| match named {
        true => line.split_once(':').is_some_and(|(user, password)| !user.is_empty() && !LOCKED.contains(&password)),
        false => !LOCKED.contains(&line),
    })
}

/// The value of `-p` and `--password`.
fn option(command: &SimpleCommand) -> Option<Span> {
    let is_password = |text: &str| !LOCKED.contains(&text);
    let next = command.words.windows(2).find_map(|pair| {
        let is_option = matches!(pair[0].literal.as_deref(), Some("-p" | "--password"));
        let value = pair[1].literal.as_deref().filter(|value| is_option && is_password(value));
        value.map(|_| pair[1].span)
    });
    let joined = || {
        let word = command.words.iter().find(|word| {
            let value = word.literal.as_deref().and_then(|text| text.strip_prefix("--password="));
            value.is_some_and(is_password)
        });
        word.map(|word| word.span)
    };
    next.or_else(joined)
}
