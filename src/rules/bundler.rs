//! What the rules about Bundler share: which command installs, and what Bundler was told before.

use super::{Cx, RunCommand};

/// Whether the command is `bundle install`; `bundle` alone is the same.
pub(super) fn is_install(command: &RunCommand<'_>) -> bool {
    let is_bundle =
        command.command.name().is_some_and(|name| matches!(name.rsplit('/').next(), Some("bundle" | "bundler")));
    // `bundle _2.5.0_ install` names the version of Bundler itself.
    let mut words = command.command.arguments().iter().filter(|word| !word.raw.starts_with('_'));
    let is_other = |text: &str| ["add", "check", "config", "exec", "lock", "package", "update"].contains(&text);
    is_bundle
        && words.next().is_none_or(|word| match word.raw.starts_with('-') {
            true => !command.literals().any(is_other),
            false => word.literal.as_deref() == Some("install"),
        })
}

/// Whether one of the settings is made: by a variable of the same name, by `bundle config`, or by an option of the
/// command. `settings` are in small letters, as in `bundle config`.
pub(super) fn is_set(settings: &[&str], command: &RunCommand<'_>, cx: &Cx<'_>) -> bool {
    let Some(stage) = command.instruction.stage else { return true };
    let variables: Vec<String> = settings.iter().map(|setting| format!("BUNDLE_{}", setting.to_uppercase())).collect();
    let options: Vec<String> = settings.iter().map(|setting| format!("--{setting}")).collect();
    let by_variable = |name: &String| {
        let is_given = command.command.assignments.iter().any(|(given, _)| given.value == *name);
        is_given
            || cx.resolved.variable(name, command.instruction).is_some()
            || cx.text(command.instruction.span).contains(name)
    };
    let by_config = || {
        let commands = cx.lineage(stage).flat_map(|stage| &stage.instructions).flat_map(|one| cx.commands(one));
        commands.into_iter().any(|one| {
            one.command.name().is_some_and(|name| name.ends_with("bundle"))
                && one.word("config").is_some()
                && settings.iter().any(|setting| one.word(setting).is_some())
        })
    };
    variables.iter().any(by_variable) || options.iter().any(|option| command.has_option(&[option])) || by_config()
}

/// Whether the program is meant to run in production: Rails or Rack is told so.
pub(super) fn is_in_production(command: &RunCommand<'_>, cx: &Cx<'_>) -> bool {
    ["RAILS_ENV", "RACK_ENV"].iter().any(|name| {
        let given = command.command.assignments.iter().find(|(given, _)| given.value == *name);
        let given = given.and_then(|(_, value)| value.literal.as_deref());
        let set = || cx.resolved.variable(name, command.instruction)?.value.as_ref()?.known();
        given.or_else(set) == Some("production")
    })
}
