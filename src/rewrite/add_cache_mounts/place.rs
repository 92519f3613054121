//! Where a cache lies for a RUN, and whose a mount there has to be: by the variables that lines of the file set, the home
//! of whoever runs it, and the account that an earlier line makes.

use crate::effect::ecosystem::Cache;
use crate::effect::paths;
use crate::model::shell::SimpleCommand;
use crate::model::{Base, Instruction, Operation, Resolved, Stage, Value};
use crate::rewrite::add_cache_mounts::as_run;

/// Whoever runs a RUN.
pub(super) struct Owner {
    /// Its home, when that is known.
    home: Option<String>,
    /// The number that its files belong to; none for root.
    pub(super) uid: Option<String>,
}

/// Who runs the RUN at `index` of the stage; none where its number is not known.
pub(super) fn owner(resolved: &Resolved, is_root: bool, stage: &Stage, index: usize) -> Option<Owner> {
    let instruction = &stage.instructions[index];
    let told = resolved.variable("HOME", instruction).and_then(|home| home.value.as_ref());
    let told = told.map(|home| home.known().filter(|home| home.starts_with('/')).map(paths::clean));
    if is_root {
        return Some(Owner { home: told.unwrap_or(Some("/root".to_owned())), uid: None });
    }
    let user = user_before(resolved, stage, index)?.split(':').next()?.to_owned();
    if user.chars().all(|char| char.is_ascii_digit()) {
        return Some(Owner { home: told.flatten(), uid: Some(user) });
    }
    let made = account(resolved, stage, index, &user)?;
    Some(Owner { home: told.unwrap_or(Some(made.home)), uid: Some(made.uid) })
}

/// What USER says last above an instruction.
fn user_before(resolved: &Resolved, stage: &Stage, index: usize) -> Option<String> {
    above(resolved, stage, index).into_iter().find_map(|instruction| match &instruction.operation {
        Operation::User(user) => Some(resolved.known(&user.user).map(str::to_owned)),
        _ => None,
    })?
}

/// The instructions above one, the nearest first, those of the stages that it starts from included.
fn above<'r>(resolved: &'r Resolved, stage: &'r Stage, index: usize) -> Vec<&'r Instruction> {
    let mut all: Vec<&Instruction> = stage.instructions[..index].iter().rev().collect();
    if let Base::Stage(parent) = resolved.bases[stage.id.0] {
        let parent = resolved.model.stage(parent);
        all.extend(above(resolved, parent, parent.instructions.len()));
    }
    all
}

struct Account {
    uid: String,
    home: String,
}

/// The account that a line above makes with a number that is written out.
fn account(resolved: &Resolved, stage: &Stage, index: usize, name: &str) -> Option<Account> {
    let runs = above(resolved, stage, index).into_iter().filter_map(as_run);
    let commands = runs.flat_map(|run| run.command.body().map(|body| body.commands()).unwrap_or_default());
    commands.into_iter().find_map(|command| made_by(command, name))
}

fn made_by(command: &SimpleCommand, name: &str) -> Option<Account> {
    let words: Vec<&str> = command.arguments().iter().filter_map(|word| word.literal.as_deref()).collect();
    if !matches!(command.name(), Some("useradd" | "adduser")) || !words.contains(&name) {
        return None;
    }
    let value = |options: &[&str]| {
        words.iter().enumerate().find_map(|(at, word)| match word.split_once('=') {
            Some((option, value)) if options.contains(&option) => Some(value),
            _ if options.contains(word) => words.get(at + 1).copied(),
            _ => None,
        })
    };
    let uid = value(&["-u", "--uid", "-mu", "-rmu"]).filter(|uid| uid.chars().all(|char| char.is_ascii_digit()))?;
    let home = value(&["-d", "--home", "--home-dir", "-h"]).map_or(format!("/home/{name}"), str::to_owned);
    Some(Account { uid: uid.to_owned(), home })
}

/// Where a cache lies.
pub(super) struct Located {
    pub(super) path: String,
    /// Whether a line of the file says so.
    pub(super) is_told: bool,
}

/// Where a cache lies for a RUN of these commands; none where nobody knows.
pub(super) fn locate(
    cache: &Cache,
    resolved: &Resolved,
    instruction: &Instruction,
    commands: &[SimpleCommand],
    owner: &Owner,
) -> Option<Located> {
    let is_one = |name: &str| {
        cache.at.iter().any(|(one, _)| *one == name) || cache.moved_by.iter().any(|pattern| is_named(name, pattern))
    };
    if commands.iter().flat_map(set_by).any(|name| name == "HOME" || is_one(name)) {
        return None;
    }
    for (name, rest) in cache.at {
        match resolved.variable(name, instruction).and_then(|variable| variable.value.as_ref()) {
            None => {}
            Some(Value::Known(value)) if value.starts_with('/') && !value.contains(':') => {
                return Some(Located { path: paths::clean(&format!("{value}{rest}")), is_told: true });
            }
            Some(_) => return None,
        }
    }
    if resolved.environment(instruction).into_keys().any(|name| cache.moved_by.iter().any(|one| is_named(name, one))) {
        return None;
    }
    let path = match cache.path.strip_prefix('~') {
        Some(rest) => format!("{}{rest}", owner.home.as_deref()?),
        None => cache.path.to_owned(),
    };
    Some(Located { path, is_told: false })
}

/// The variables that a command sets, for itself or for those after it.
fn set_by(command: &SimpleCommand) -> impl Iterator<Item = &str> {
    let exported = command.arguments().iter().filter(|_| command.name() == Some("export"));
    let exported = exported.map(|word| word.raw.split('=').next().unwrap_or(&word.raw));
    command.assignments.iter().map(|(name, _)| name.value.as_str()).chain(exported)
}

/// Whether a name is this one, or begins with what stands before its `*`.
fn is_named(name: &str, pattern: &str) -> bool {
    pattern.strip_suffix('*').map_or(name == pattern, |start| name.starts_with(start))
}
