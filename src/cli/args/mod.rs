//! What was typed: one type per command, exactly as the command line says it, nothing decided yet.
//!
//! An option exists only where it does something; options of the contract that nothing answers yet are refused as
//! unknown, never accepted and ignored.

mod allowance;
mod amount;
mod build;
mod cache;
mod catalogue;
mod config;
mod debug;
mod dockerfile;
mod doctor;
mod format;
mod handed_in;
mod image;
mod lint;
mod optimize;
mod output;
mod plan;
mod portable;
mod verify;

use clap::{ArgAction, Parser, Subcommand, ValueEnum};

#[cfg(test)]
pub(super) use allowance::LIMITED;
pub(super) use allowance::{AllowanceArgs, EntitlementName, UlimitSpec};
pub(super) use build::{
    AnswerFormatName, BuildArgs, InspectArgs, NetworkName, OnErrorName, ProgressName, SchemaName, WhyArgs,
};
pub(super) use cache::{CacheArgs, CacheWhat, DuArgs, PortableArgs, PruneArgs, PruneKind};
pub(super) use catalogue::{
    CatalogueFormatName, CompletionArgs, ExplainArgs, ManArgs, RulesArgs, RulesListArgs, RulesWhat,
};
pub(super) use config::{ConfigArgs, ConfigWhat, MigrateArgs, SchemaArgs, SettingsFormatName, ShowArgs};
pub(super) use debug::{DebugArgs, DebugWhat};
pub(super) use dockerfile::{BuildArg, DockerfileArgs};
pub(super) use doctor::DoctorArgs;
pub(super) use format::FormatSpec;
pub(super) use handed_in::{AgentSpec, SecretPlace, SecretSpec};
pub(super) use image::{ImageArgs, ImageWhat, LsArgs, PullArgs, PushArgs};
pub(super) use lint::{FilesArgs, FixArgs, LintArgs, LintFormatName, SelectionArgs, ThresholdArgs};
pub(super) use optimize::{OptimizeArgs, OptimizeFormatName};
pub(super) use output::{AnnotationSpec, CompressionName, OutputArgs, OutputKind, OutputSpec};
pub(super) use plan::{BuilderName, PlanArgs, PlanFormatName};
pub(super) use portable::{PortableMounts, PortablePlace, PortableSpec};

/// Lints, repairs, plans, optimises and builds Dockerfiles.
#[derive(Debug, Parser)]
#[command(
    name = "rplan",
    version,
    about,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  rplan lint                     find what is wrong in the Dockerfiles below this directory
  rplan fix Dockerfile           repair what can be repaired without changing the image
  rplan explain latest-tag       say why a rule exists and what to do about it

Exit codes: 0 fine, 1 the answer is no, 2 usage or configuration, 3 a build step failed,
4 the environment refused, 101 a bug in rplan."
)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What every command understands.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Everywhere")]
pub(super) struct Global {
    /// Print results only: no notes, no summary, no progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,

    /// Say more; repeat for still more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(super) verbose: u8,

    /// When to use colour; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub(super) color: ColorChoice,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Lint(LintArgs),
    Fix(FixArgs),
    Optimize(Box<OptimizeArgs>),
    Plan(PlanArgs),
    Build(Box<BuildArgs>),
    Why(WhyArgs),
    Inspect(InspectArgs),
    Image(ImageArgs),
    Cache(CacheArgs),
    Rules(RulesArgs),
    Explain(ExplainArgs),
    Config(ConfigArgs),
    Doctor(DoctorArgs),
    Completion(CompletionArgs),
    Man(ManArgs),
    #[command(hide = true)]
    Debug(DebugArgs),
}
