//! A program that is told to trust any server: by an option, by a setting that it keeps, or by a variable.

use super::{Check, Cx, Out, RunCommand, downloads, removal};
use crate::model::shell::ShellWord;
use crate::model::{Instruction, Operation};
use crate::text::{Edit, Span};

pub(super) struct TlsCheckOff;

/// Programs, the option, and how many words of it follow.
const OPTIONS: &[(&[&str], &str, usize)] = &[
    (&["curl"], "-k", 0),
    (&["curl"], "--insecure", 0),
    (&["curl"], "--proxy-insecure", 0),
    (&["wget"], "--no-check-certificate", 0),
    (&["pip", "pip2", "pip3"], "--trusted-host", 1),
    (&["npm", "pnpm"], "--no-strict-ssl", 0),
    (&["npm", "pnpm"], "--strict-ssl=false", 0),
    (&["dnf", "microdnf", "yum"], "--setopt=sslverify=false", 0),
    (&["dnf", "microdnf", "yum"], "--setopt=sslverify=0", 0),
];

/// What a program is told to remember, in small letters; the subcommand may have options in between.
const SETTINGS: &[&[&str]] = &[
    &["npm", "config", "set", "strict-ssl", "false"],
    &["npm", "config", "set", "strict-ssl=false"],
    &["npm", "set", "strict-ssl", "false"],
    &["npm", "set", "strict-ssl=false"],
    &["pnpm", "config", "set", "strict-ssl", "false"],
    &["yarn", "config", "set", "strict-ssl", "false"],
    &["yarn", "config", "set", "enablestrictssl", "false"],
    &["git", "config", "http.sslverify", "false"],
    &["git", "config", "http.sslverify", "0"],
    &["git", "http.sslverify=false"],
    &["git", "http.sslverify=0"],
    &["conda", "config", "ssl_verify", "false"],
    &["conda", "config", "ssl_verify", "no"],
    &["composer", "config", "disable-tls", "true"],
    &["composer", "config", "secure-http", "false"],
    &["apt-get", "acquire::https::verify-peer=false"],
    &["apt", "acquire::https::verify-peer=false"],
];

/// Variables, and what they are then.
const VARIABLES: &[(&str, &[&str])] = &[
    ("GIT_SSL_NO_VERIFY", &["1", "true"]),
    ("NODE_TLS_REJECT_UNAUTHORIZED", &["0"]),
    ("NPM_CONFIG_STRICT_SSL", &["false"]),
    ("PYTHONHTTPSVERIFY", &["0"]),
];

/// The short options of curl that take a value, which ends a cluster.
const CURL_VALUED: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";

const HELP: &str = "add the certificate that is missing, and keep the check";

impl Check for TlsCheckOff {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Env(env) = &instruction.operation else { return };
        for pair in &env.pairs {
            if let (Some(name), Some(value)) = (cx.resolved.known(&pair.key), cx.resolved.known(&pair.value))
                && turns_off(name, value)
            {
                out.find(pair.key.span().to(pair.value.span()), "from here on any server is trusted").help(HELP);
            }
        }
    }

    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        for (name, value) in &command.command.assignments {
            if value.literal.as_deref().is_some_and(|value| turns_off(&name.value, value)) {
                out.find(name.span.to(value.span), "this command trusts any server").help(HELP);
            }
        }
        let Some(name) = program(&command) else { return };
        let words = command.command.arguments();
        if name == "export" {
            for word in words {
                let setting = word.literal.as_deref().and_then(|text| text.split_once('='));
                if setting.is_some_and(|(name, value)| turns_off(name, value)) {
                    out.find(word.span, "from here on any server is trusted").help(HELP);
                }
            }
        }
        let is_settled = !has_tls(&command) || downloads::are_checked(&command, cx);
        for (index, word) in words.iter().enumerate().filter(|_| !is_settled) {
            if let Some(following) = option(name, word) {
                out.find(word.span, "this download trusts any server")
                    .help(HELP)
                    .fix("keep the check", || Some(vec![removal::words(&command, index + 1, 1 + following, cx)?]));
            } else if name == "curl"
                && let Some(at) = letter_k(word)
            {
                let is_plain = cx.text(word.span) == word.raw;
                let letter = Span::new(word.span.start + at, word.span.start + at + 1);
                out.find(word.span, "this download trusts any server")
                    .help(HELP)
                    .fix("keep the check", || is_plain.then(|| vec![Edit::delete(letter)]));
            }
        }
        let said: Vec<String> = command.literals().map(str::to_lowercase).collect();
        if SETTINGS.iter().any(|setting| name == setting[0] && is_told(&setting[1..], &said)) {
            out.find(command.command.span, format!("{name} trusts any server from here on")).help(HELP);
        }
    }
}

/// The name of the command; that of the module where an interpreter runs it.
fn program<'a>(command: &RunCommand<'a>) -> Option<&'a str> {
    let name = command.command.name()?;
    let name = name.rsplit('/').next().unwrap_or(name);
    if !name.starts_with("python") {
        return Some(name);
    }
    let mut words = command.literals();
    words.next().filter(|flag| *flag == "-m").and_then(|_| words.next())
}

/// Whether the command may use TLS: FTP has none.
fn has_tls(command: &RunCommand<'_>) -> bool {
    let mut addresses = command.command.arguments().iter().filter(|word| word.raw.contains("://")).peekable();
    addresses.peek().is_none() || addresses.any(|word| !word.raw.contains("ftp://"))
}

fn turns_off(name: &str, value: &str) -> bool {
    let is = |(variable, values): &(&str, &[&str])| {
        name.eq_ignore_ascii_case(variable) && values.iter().any(|one| value.eq_ignore_ascii_case(one))
    };
    VARIABLES.iter().any(is)
}

/// How many words belong to the option, if it is one that ends the check. `--name=value` is one word.
fn option(program: &str, word: &ShellWord) -> Option<usize> {
    let text = word.literal.as_deref()?;
    let of_program = OPTIONS.iter().filter(|(programs, _, _)| programs.contains(&program));
    of_program.into_iter().find_map(|(_, option, following)| match text.strip_prefix(option)? {
        "" => Some(*following),
        rest => (rest.starts_with('=') && *following > 0).then_some(0),
    })
}

/// Where curl's `k` stands in a cluster of several short options.
fn letter_k(word: &ShellWord) -> Option<usize> {
    let cluster = word.literal.as_deref()?.strip_prefix('-').filter(|cluster| !cluster.starts_with('-'))?;
    let at = cluster.find('k')?;
    let is_value = cluster[..at].contains(|letter| CURL_VALUED.contains(letter));
    (!is_value && word.raw[1..] == *cluster).then_some(1 + at)
}

/// Whether the words stand there in this order.
fn is_told(setting: &[&str], said: &[String]) -> bool {
    let mut said = said.iter();
    setting.iter().all(|wanted| said.any(|word| word == wanted))
}
