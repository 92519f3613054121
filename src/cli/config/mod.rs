//! `rplan config`: what can be set, what is set, and by whom.

mod migrate;
mod show;

use std::io::Write;

use crate::cli::args::{ConfigArgs, ConfigWhat, SchemaArgs};
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit};
use crate::cli::own_rules;
use crate::config::{self, ProjectSettings, UserSettings};

/// Answers about settings.
pub(super) fn config(args: &ConfigArgs, console: &mut Console) -> Answer {
    match &args.what {
        ConfigWhat::Show(args) => show::show(args, console),
        ConfigWhat::Migrate(args) => migrate::migrate(args, console),
        ConfigWhat::Schema(args) => schema(args, console),
    }
}

fn schema(args: &SchemaArgs, console: &mut Console) -> Answer {
    let catalogue = own_rules::catalogue(&args.rules)?;
    let rules = catalogue.rules().iter().map(|rule| &rule.meta);
    let schema = match args.user {
        false => config::schema("rplan.toml", &ProjectSettings::outline(), rules),
        true => config::schema("rplan/config.toml", &UserSettings::outline(), rules),
    };
    writeln!(console.out, "{schema:#}")?;
    Ok(Exit::Fine)
}
