//! As which user a stage and its programs run, where that is certain, and which users it makes.

use super::{Cx, userland};
use crate::model::shell::{ShellWord, SimpleCommand};
use crate::model::{Base, Instruction, Operation, StageId, Word};

/// Images of Docker's own library that start as root, whatever the tag.
const ROOT: &[&str] = &[
    "almalinux",
    "alpine",
    "amazoncorretto",
    "amazonlinux",
    "archlinux",
    "bash",
    "buildpack-deps",
    "busybox",
    "centos",
    "composer",
    "debian",
    "eclipse-temurin",
    "elixir",
    "erlang",
    "fedora",
    "gcc",
    "golang",
    "gradle",
    "haskell",
    "httpd",
    "julia",
    "maven",
    "nginx",
    "node",
    "openjdk",
    "oraclelinux",
    "perl",
    "php",
    "python",
    "rockylinux",
    "ruby",
    "rust",
    "swift",
    "tomcat",
    "ubuntu",
];

/// What runs a program as another user.
const DROPPERS: &[&str] = &[
    " su ",
    "chpst",
    "gosu",
    "runuser",
    "s6-",
    "setpriv",
    "setuidgid",
    "start-stop-daemon",
    "su-exec",
    "sudo",
    "supervisord",
];

/// The options of useradd and adduser whose value is the next word.
const VALUED: &str = "-b --base-dir -c --comment -d --home-dir --home -e --expiredate -f --inactive --firstuid --lastuid \
    -g --gid -G --groups --gecos -h --ingroup -k --skel -K --key -p --password -s --shell -u --uid -Z --selinux-user";

/// A user that a stage makes.
pub(super) struct Made<'a> {
    pub(super) name: &'a ShellWord,
    /// Its number, where one is chosen.
    pub(super) number: Option<&'a str>,
}

/// The last USER of the stage, or of what it starts from.
pub(super) fn last_user<'a>(stage: StageId, cx: &Cx<'a>) -> Option<&'a Word> {
    cx.lineage(stage).find_map(|stage| stage.instructions.iter().rev().find_map(user))
}

/// The last USER before an instruction.
pub(super) fn user_before<'a>(instruction: &Instruction, cx: &Cx<'a>) -> Option<&'a Word> {
    let own = instruction.stage?;
    cx.lineage(own).find_map(|stage| {
        let before = stage.instructions.iter().rev().filter(|one| stage.id != own || one.id < instruction.id);
        before.into_iter().find_map(user)
    })
}

fn user(instruction: &Instruction) -> Option<&Word> {
    match &instruction.operation {
        Operation::User(user) => Some(&user.user),
        _ => None,
    }
}

/// Whether the value of a USER is that of root.
pub(super) fn is_root(user: &str) -> bool {
    matches!(user.split(':').next(), Some("root" | "0" | ""))
}

/// Whether steps of the stage run as root until a USER comes, because what it starts from does; none where nobody
/// knows.
pub(super) fn starts_as_root(stage: StageId, cx: &Cx<'_>) -> Option<bool> {
    let first = cx.lineage(stage).last()?;
    match &cx.resolved.bases[first.id.0] {
        Base::Scratch => Some(true),
        Base::Image(name) if !cx.around.named_contexts.contains(name) => {
            if let Some(facts) = cx.around.images.get(name) {
                return Some(is_root(&facts.config.user));
            }
            let name = userland::library(stage, cx)?;
            ROOT.contains(&name.as_str()).then_some(true)
        }
        _ => None,
    }
}

/// Whether an instruction certainly runs as root.
pub(super) fn runs_as_root(instruction: &Instruction, cx: &Cx<'_>) -> bool {
    match user_before(instruction, cx) {
        Some(user) => cx.resolved.known(user).is_some_and(is_root),
        None => instruction.stage.and_then(|stage| starts_as_root(stage, cx)) == Some(true),
    }
}

/// Whether the image may choose another user by itself: a word of it says so, or it starts a script, and nobody knows
/// what that does.
pub(super) fn may_drop_root(stage: StageId, cx: &Cx<'_>) -> bool {
    let mut instructions = cx.lineage(stage).flat_map(|stage| &stage.instructions);
    instructions.any(|one| DROPPERS.iter().any(|name| one.text.contains(name))) || starts_script(stage, cx)
}

/// Whether CMD or ENTRYPOINT starts what looks like a script.
pub(super) fn starts_script(stage: StageId, cx: &Cx<'_>) -> bool {
    let starts = |one: &&Instruction| matches!(one.operation, Operation::Cmd(_) | Operation::Entrypoint(_));
    let mut texts = cx.lineage(stage).flat_map(|stage| stage.instructions.iter().filter(starts)).map(|one| &one.text);
    texts.any(|text| {
        let mut words = text.split(|char: char| char.is_whitespace() || "[]\",'".contains(char));
        words.any(|word| {
            let is_start = ["/init", "/run", "/start"].iter().any(|name| word.ends_with(name));
            word.ends_with(".sh") || word.contains("entrypoint") || is_start
        })
    })
}

/// The users that the stage, and what it starts from, makes with a name that is written out.
pub(super) fn made<'a>(stage: StageId, cx: &Cx<'a>) -> Vec<Made<'a>> {
    let stages: Vec<_> = cx.lineage(stage).collect();
    let instructions = stages.into_iter().rev().flat_map(|stage| &stage.instructions);
    instructions.flat_map(|one| cx.commands(one)).filter_map(|command| made_by(command.command)).collect()
}

fn made_by(command: &SimpleCommand) -> Option<Made<'_>> {
    if !matches!(command.name()?.rsplit('/').next(), Some("useradd" | "adduser")) {
        return None;
    }
    let mut made = None;
    let mut number = None;
    let mut words = command.arguments().iter();
    while let Some(word) = words.next() {
        let text = word.literal.as_deref();
        match text {
            Some(option) if VALUED.split(' ').any(|valued| valued == option) => {
                let value = words.next();
                if matches!(option, "-u" | "--uid") {
                    number = Some(value?.literal.as_deref()?);
                }
            }
            Some(option) if option.starts_with("--uid=") => number = option.strip_prefix("--uid="),
            Some(option) if option.starts_with('-') => {}
            _ => made = made.or(Some(word)),
        }
    }
    let name = made.filter(|word| word.literal.as_deref().is_some_and(is_name))?;
    Some(Made { name, number: number.filter(|number| number.bytes().all(|byte| byte.is_ascii_digit())) })
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte))
}
