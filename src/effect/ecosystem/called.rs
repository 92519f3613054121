//! Calls of an installer, told by their words alone: good for what does not depend on how the call is modelled.

use super::{Ecosystem, all, is_called_by};
use crate::model::shell::SimpleCommand;

/// The arguments of a call of `tool`, as written where only the shell knows them; none where it calls something else.
pub fn arguments_of<'c>(command: &'c SimpleCommand, tool: &str) -> Option<Vec<&'c str>> {
    let words: Vec<&str> =
        command.words.iter().map(|word| word.literal.as_deref().unwrap_or(word.raw.as_str())).collect();
    let (name, arguments) = words.split_first()?;
    let name = name.rsplit('/').next().unwrap_or(name);
    // `pip3.11`
    let unversioned = name.trim_end_matches(|char: char| char.is_ascii_digit() || char == '.');
    match arguments {
        ["-m", module, rest @ ..] if unversioned == "python" => (*module == tool).then(|| rest.to_vec()),
        // `./mvnw`
        _ => (name == tool || unversioned == tool || name.strip_suffix('w') == Some(tool)).then(|| arguments.to_vec()),
    }
}

/// Whether a call with these arguments is one of `calls`, each in words; none of them for a call without any.
pub fn is_one_of(calls: &[&str], arguments: &[&str]) -> bool {
    let has_none = || arguments.iter().all(|argument| argument.starts_with('-')) && !asks(arguments);
    calls.iter().any(|call| match *call {
        "" => has_none(),
        call => is_called_by(&call.split(' ').collect::<Vec<_>>(), arguments),
    })
}

/// Whether one of these options is there, alone or with `=value`.
pub fn has_option(arguments: &[&str], options: &[&str]) -> bool {
    arguments.iter().any(|argument| options.contains(&argument.split_once('=').map_or(*argument, |(name, _)| name)))
}

/// The ecosystem whose manifests a command installs by.
pub fn installed_by(command: &SimpleCommand) -> Option<&'static Ecosystem> {
    all().iter().find(|ecosystem| {
        let Some(arguments) = arguments_of(command, ecosystem.tool) else { return false };
        ecosystem.calls.iter().any(|call| match call.words {
            [] => is_one_of(&[""], &arguments),
            words => is_called_by(words, &arguments),
        })
    })
}

/// Whether it only asks for the version or the usage.
fn asks(arguments: &[&str]) -> bool {
    has_option(arguments, &["--version", "-v", "-V", "--help", "-h"])
}
