//! Models of commands: what a line of shell reads and writes, as far as its options are understood.
//!
//! A command, option or shell construct without a model makes the whole text unknown: better no proposal than a wrong one.

mod files;
mod go;
mod npm;
mod options;
mod pip;
mod system;

pub use pip::is_local as is_local_requirement;

use crate::effect::{EffectSet, PathSet, paths};
use crate::model::shell::{Connector, Script, SimpleCommand};

/// Where a command runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The working directory, absolute.
    pub workdir: String,
    /// Directories of PATH beyond the usual ones, when PATH is known: an interpreter may live beside them.
    pub interpreters: Vec<String>,
}

/// The package managers that are modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are those of the tools")]
pub enum PackageManager {
    Apk,
    Apt,
    Dnf,
    Go,
    Npm,
    Pip,
    Yum,
    Zypper,
}

/// What a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Installs or fetches what manifests or arguments name.
    Install,
    /// Refreshes an index of packages.
    Update,
    /// Removes what is left over.
    Clean,
    /// Compiles sources.
    Build,
    /// Anything else.
    Other,
}

/// What one simple command does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandEffect {
    /// The package manager, when it is one.
    pub manager: Option<PackageManager>,
    /// What it is for.
    pub action: Action,
    /// The files that it is told to read, absolute, in order.
    pub manifests: Vec<String>,
    /// The file that it makes, when it is told which, absolute.
    pub output: Option<String>,
    /// Its effect.
    pub effect: EffectSet,
}

impl CommandEffect {
    fn of(manager: PackageManager, action: Action, effect: EffectSet) -> Self {
        Self { manager: Some(manager), action, manifests: Vec::new(), output: None, effect }
    }

    fn other(effect: EffectSet) -> Self {
        Self { manager: None, action: Action::Other, manifests: Vec::new(), output: None, effect }
    }
}

/// The effect of one simple command at `place`; unknown with a reason when it has no model.
pub fn of_command(command: &SimpleCommand, place: &Place) -> CommandEffect {
    let mut modelled = match literal_words(command) {
        Err(word) => CommandEffect::other(EffectSet::unknown(format!("`{word}` is only known when the shell runs"))),
        Ok(words) => of_words(&words, place),
    };
    for redirect in &command.redirects {
        redirected(&mut modelled.effect, &redirect.operator, redirect.target.literal.as_deref(), place);
    }
    modelled
}

/// The effects of all commands of a text, in order, each at the directory that `cd` before it leads to.
pub fn of_script(script: &Script, place: &Place) -> Result<Vec<CommandEffect>, String> {
    let in_order = |command: &SimpleCommand| {
        !command.conditional && matches!(command.joined_by, Connector::First | Connector::And | Connector::Sequence)
    };
    if !script.is_flat || !script.commands.iter().all(in_order) {
        return Err("the shell text is more than a plain sequence of commands".to_owned());
    }
    let mut place = place.clone();
    let mut effects = Vec::new();
    for command in &script.commands {
        if command.name() == Some("cd") {
            place.workdir = changed_directory(command, &place)?;
            continue;
        }
        effects.push(of_command(command, &place));
    }
    Ok(effects)
}

fn changed_directory(command: &SimpleCommand, place: &Place) -> Result<String, String> {
    match command.arguments() {
        [word] => match word.literal.as_deref() {
            Some(directory) if !directory.starts_with('-') => Ok(paths::join(&place.workdir, directory)),
            _ => Err(format!("where `cd {}` leads is only known when the shell runs", word.raw)),
        },
        _ => Err("`cd` without one directory is not modelled".to_owned()),
    }
}

/// The words of a command without expansions, or the first word that has one.
fn literal_words(command: &SimpleCommand) -> Result<Vec<&str>, &str> {
    command.words.iter().map(|word| word.literal.as_deref().ok_or(word.raw.as_str())).collect()
}

fn of_words(words: &[&str], place: &Place) -> CommandEffect {
    let Some((&name, arguments)) = words.split_first() else {
        return CommandEffect::other(EffectSet::unknown("assignments alone are not modelled"));
    };
    let name = name.rsplit('/').next().unwrap_or(name);
    let modelled = match (name, arguments) {
        ("pip" | "pip3", arguments) => pip::model(arguments, place),
        ("python" | "python3", ["-m", "pip", arguments @ ..]) => pip::model(arguments, place),
        ("npm", arguments) => npm::model(arguments, place),
        ("go", arguments) => go::model(arguments, place),
        ("apt-get" | "apt", arguments) => system::model(PackageManager::Apt, arguments),
        ("apk", arguments) => system::model(PackageManager::Apk, arguments),
        ("dnf" | "microdnf", arguments) => system::model(PackageManager::Dnf, arguments),
        ("yum", arguments) => system::model(PackageManager::Yum, arguments),
        ("zypper", arguments) => system::model(PackageManager::Zypper, arguments),
        (name, arguments) => files::model(name, arguments, place),
    };
    modelled.unwrap_or_else(|reason| CommandEffect::other(EffectSet::unknown(reason)))
}

fn redirected(effect: &mut EffectSet, operator: &str, target: Option<&str>, place: &Place) {
    let writes = operator.contains('>');
    let Some(target) = target else {
        *effect = EffectSet::unknown("a redirection leads to a file that is only known when the shell runs");
        return;
    };
    let is_descriptor = operator.ends_with('&') && target.chars().all(|c| c.is_ascii_digit() || c == '-');
    if is_descriptor || target == "/dev/null" || operator.contains("<<") {
        return;
    }
    let path = PathSet::path(&paths::join(&place.workdir, target));
    let side = if writes { &mut effect.writes } else { &mut effect.reads };
    *side = std::mem::take(side).union(path);
}
