//! The effects of a whole shell text, command by command.

use super::{CommandEffect, Place, of_command};
use crate::effect::paths;
use crate::model::shell::{Connector, Script, SimpleCommand};

/// The effects of all commands of a text, in order, each at the directory that `cd` before it leads to.
///
/// Whether a command runs may depend on those before it: an effect is what a command may do at most. What decides where
/// the others run, `cd` and variables, has to stand in a plain sequence.
pub fn of_script(script: &Script, place: &Place) -> Result<Vec<CommandEffect>, String> {
    if !script.is_plain {
        return Err("the shell text is more than a plain sequence of commands".to_owned());
    }
    let mut place = place.clone();
    let mut effects = Vec::new();
    for command in &script.commands {
        match command.name() {
            _ if command.depth > 0 || command.joined_by == Connector::Background => {
                return Err("the shell text is more than a plain sequence of commands".to_owned());
            }
            Some("cd") => place.workdir = changed_directory(command, &place)?,
            Some("export") => assign(command, &mut place)?,
            None if command.words.is_empty() && command.redirects.is_empty() => assign(command, &mut place)?,
            _ => effects.push(of_command(command, &place)),
        }
    }
    Ok(effects)
}

fn in_sequence(command: &SimpleCommand) -> bool {
    let joined = matches!(command.joined_by, Connector::First | Connector::And | Connector::Sequence);
    joined && !command.conditional && !command.in_pipeline
}

fn changed_directory(command: &SimpleCommand, place: &Place) -> Result<String, String> {
    match command.arguments() {
        [word] => match word.literal.as_deref() {
            _ if !in_sequence(command) => Err("whether `cd` runs is only known when the shell runs".to_owned()),
            Some(directory) if !directory.starts_with('-') => Ok(paths::join(&place.workdir, directory)),
            _ => Err(format!("where `cd {}` leads is only known when the shell runs", word.raw)),
        },
        _ => Err("`cd` without one directory is not modelled".to_owned()),
    }
}

/// Variables that the rest of the text sees. Their values do not matter: a word that uses one has no model.
fn assign(command: &SimpleCommand, place: &mut Place) -> Result<(), String> {
    let exported = command.arguments().iter().map(|word| word.raw.split('=').next().unwrap_or(&word.raw));
    let assigned = command.assignments.iter().map(|(name, _)| name.value.as_str());
    for name in assigned.chain(exported) {
        if ["PATH", "HOME", "IFS"].contains(&name) || name.starts_with("LD_") || name.starts_with('-') {
            return Err(format!("with another {name}, what follows may be or do something else"));
        }
        place.variables.insert(name.to_owned());
    }
    Ok(())
}
