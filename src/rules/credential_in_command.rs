//! A password that a command is given as a word: in RUN it stays in the history, in CMD, ENTRYPOINT and HEALTHCHECK in the
//! config, and everywhere in the list of processes.

use super::{Check, Cx, Out, RunCommand};
use crate::model::shell::{ShellWord, SimpleCommand};
use crate::model::{Command, Instruction, Operation};
use crate::text::Span;

pub(super) struct CredentialInCommand;

/// Programs, and the options whose value is a password: the next word, or what follows `=`.
const OPTIONS: &[(&[&str], &[&str])] = &[
    (&["curl"], &["-u", "--user", "--proxy-user"]),
    (&["wget"], &["--password", "--http-password", "--ftp-password", "--proxy-password"]),
    (&["docker", "podman", "buildah", "skopeo", "helm"], &["-p", "--password"]),
    (&["mariadb", "mariadb-admin", "mysql", "mysqladmin", "mysqldump"], &["--password"]),
    (&["mongo", "mongosh", "mongodump"], &["-p", "--password"]),
    (&["redis-cli", "valkey-cli"], &["-a", "--pass"]),
    (&["sshpass"], &["-p"]),
];

/// Programs that read a password from these variables.
const VARIABLES: &[&str] = &["MYSQL_PWD", "PGPASSWORD", "REDISCLI_AUTH", "SSHPASS"];

/// Programs whose `-p` has its value in the same word.
const GLUED: &[&str] = &["mariadb", "mariadb-admin", "mysql", "mysqladmin", "mysqldump", "sshpass"];

impl Check for CredentialInCommand {
    fn instruction(&self, instruction: &Instruction, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let command = match &instruction.operation {
            Operation::Cmd(command) | Operation::Entrypoint(command) => command,
            Operation::Healthcheck(check) => match &check.command {
                Some(command) => command,
                None => return,
            },
            _ => return,
        };
        match command {
            Command::Exec(words) => {
                let words: Vec<(&str, Span)> = words.iter().map(|word| (word.value.as_str(), word.span)).collect();
                tell(password(&words), "the image keeps this password in its config", out);
            }
            other => {
                for command in other.body().map_or(&[][..], |body| body.commands()) {
                    tell(of_shell(command), "the image keeps this password in its config", out);
                }
            }
        }
    }

    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        tell(of_shell(command.command), "the image keeps this password in its history", out);
    }
}

fn tell(found: Option<Span>, message: &str, out: &mut Out<'_>) {
    if let Some(span) = found {
        out.find(span, message)
            .hide()
            .help("read it from a secret: a mount of RUN, or a file that the container is given when it starts");
    }
}

/// The password of a command of shell text, in a variable or an option. A word that the shell expands is none.
fn of_shell(command: &SimpleCommand) -> Option<Span> {
    let variable = command.assignments.iter().find(|(name, value)| {
        VARIABLES.contains(&name.value.as_str()) && value.literal.as_deref().is_some_and(|value| !value.is_empty())
    });
    let words: Vec<(&str, Span)> =
        command.words.iter().map(|word: &ShellWord| (word.literal.as_deref().unwrap_or("$"), word.span)).collect();
    variable.map(|(_, value)| value.span).or_else(|| password(&words))
}

/// The word with a password that is written out.
fn password(words: &[(&str, Span)]) -> Option<Span> {
    let name = words.first()?.0;
    let name = name.rsplit('/').next().unwrap_or(name);
    let (_, options) = OPTIONS.iter().find(|(programs, _)| programs.contains(&name))?;
    let is_login = !matches!(name, "docker" | "podman" | "buildah" | "skopeo" | "helm")
        || words.iter().any(|(word, _)| *word == "login");
    let is_secret = |value: &str| {
        // curl asks for the password where only the user is named.
        let secret = if name == "curl" { value.split_once(':').map_or("", |(_, secret)| secret) } else { value };
        !secret.is_empty() && !secret.contains('$') && !secret.starts_with('-')
    };
    let after =
        words.windows(2).find(|pair| options.contains(&pair[0].0) && is_secret(pair[1].0)).map(|pair| pair[1].1);
    let joined = || {
        words.iter().skip(1).find_map(|(word, span)| {
            let value = word.split_once('=').filter(|(option, _)| option.starts_with("--") && options.contains(option));
            let glued = word.strip_prefix("-p").filter(|_| GLUED.contains(&name));
            let value = value.map(|(_, value)| value).or(glued)?;
            is_secret(value).then_some(*span)
        })
    };
    after.filter(|_| is_login).or_else(|| joined().filter(|_| is_login))
}
