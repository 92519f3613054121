//! `config`: the settings in force, and what can be set.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::format::{FormatSpec, format_spec};
use super::lint::{SelectionArgs, ThresholdArgs};

/// Show the settings in force, show what can be set, or take over hadolint's
#[derive(Debug, Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "\
Examples:
  rplan config show services/api          what holds there, and where each comes from
  rplan config schema > rplan.schema.json
  rplan config migrate --write            .hadolint.yaml becomes rplan.toml"
)]
pub(in crate::cli) struct ConfigArgs {
    #[command(subcommand)]
    pub(in crate::cli) what: ConfigWhat,
}

/// What is wanted of settings.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConfigWhat {
    Show(ShowArgs),
    Schema(SchemaArgs),
    Migrate(MigrateArgs),
}

/// Show the settings in force for a Dockerfile or a directory, each with where it comes from
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan config show
  rplan config show services/api/Dockerfile --format json
  rplan config show --profile strict      with what would be typed")]
pub(in crate::cli) struct ShowArgs {
    /// A Dockerfile, or the directory of one; neither need exist
    #[arg(value_name = "PATH", default_value = ".")]
    pub(in crate::cli) path: PathBuf,

    #[command(flatten)]
    pub(in crate::cli) selection: SelectionArgs,

    #[command(flatten)]
    pub(in crate::cli) thresholds: ThresholdArgs,

    /// A settings file in place of the nearest rplan.toml
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,

    /// A directory with rules of your own; repeatable
    #[arg(long = "rules", value_name = "DIR")]
    pub(in crate::cli) rules: Vec<PathBuf>,

    /// The form of the answer: pretty or json; =FILE writes a file; repeatable
    #[arg(long = "format", value_name = "NAME[=FILE]", value_parser = format_spec::<SettingsFormatName>)]
    pub(in crate::cli) formats: Vec<FormatSpec<SettingsFormatName>>,
}

/// Print the JSON schema of rplan.toml, for editors
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan config schema > rplan.schema.json
  rplan config schema --user              of $XDG_CONFIG_HOME/rplan/config.toml
  rplan config schema --rules my-rules    with the options of rules of your own")]
pub(in crate::cli) struct SchemaArgs {
    /// Of your own settings, which say how this machine builds, instead
    #[arg(long)]
    pub(in crate::cli) user: bool,

    /// A directory with rules of your own, to be known by name too; repeatable
    #[arg(long = "rules", value_name = "DIR")]
    pub(in crate::cli) rules: Vec<PathBuf>,
}

/// Print what hadolint's settings are as an rplan.toml
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan config migrate                    of the file that hadolint would read here
  rplan config migrate ci/hadolint.yaml --write")]
pub(in crate::cli) struct MigrateArgs {
    /// hadolint's file; the one that hadolint would read here when left out
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: Option<PathBuf>,

    /// Write rplan.toml into the folder of FILE, or here; never over one that is there
    #[arg(long)]
    pub(in crate::cli) write: bool,
}

/// The forms of the settings in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SettingsFormatName {
    /// For people, as TOML.
    Pretty,
    /// Everything.
    Json,
}
