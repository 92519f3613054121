//! `optimize`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::dockerfile::DockerfileArgs;
use super::format::{FormatSpec, format_spec};
use super::plan::BuilderName;
use super::verify::VerifyArgs;

/// Propose whole-file changes that make rebuilds faster, each with its proof
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan optimize                          show what could be done, and write nothing
  rplan optimize --diff services/api      the same as a patch
  rplan optimize --write                  write what is proved to give the same image
  rplan optimize --all --summary          every Dockerfile of the repository in a table
  rplan optimize --all --check            exit 1 if one of them could be better; with --write it is written
  rplan optimize --write --verify         build both files first, and write also what only that can show
  rplan optimize --replay 12              build the last twelve commits with both files, and compare
  rplan optimize --write --unsafe -f Dockerfile.prod .")]
pub(in crate::cli) struct OptimizeArgs {
    #[command(flatten)]
    pub(in crate::cli) dockerfile: DockerfileArgs,

    /// Show the changes as a patch
    #[arg(long)]
    pub(in crate::cli) diff: bool,

    /// Write nothing; exit 1 if --write would change something
    #[arg(long, conflicts_with = "write")]
    pub(in crate::cli) check: bool,

    /// Write the changes that are proved to give the same image
    #[arg(long)]
    pub(in crate::cli) write: bool,

    /// Count changes that are not proved in
    #[arg(long = "unsafe")]
    pub(in crate::cli) allow_unsafe: bool,

    /// Propose these rewrites and no others
    #[arg(long, value_name = "ID", value_delimiter = ',', conflicts_with = "skip")]
    pub(in crate::cli) only: Vec<String>,

    /// Do not propose these rewrites
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(in crate::cli) skip: Vec<String>,

    /// Look at every Dockerfile below CONTEXT, each in the context that settings, Compose and Bake files give it
    #[arg(long, conflicts_with_all = ["timings", "proof"])]
    pub(in crate::cli) all: bool,

    /// Tell in one line of each: cache efficiency, needless share, headroom, parallelism, size, what is proposed
    #[arg(long, requires = "all", conflicts_with_all = ["write", "diff"])]
    pub(in crate::cli) summary: bool,

    /// How many past commits to judge the gain by
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub(in crate::cli) commits: usize,

    /// Whose rules of caching count [default: buildkit, or rplan where that built it last]
    #[arg(long = "for", value_name = "BUILDER", value_enum)]
    pub(in crate::cli) builder: Option<BuilderName>,

    /// Step times and hits of a build made by docker: what `docker buildx build --progress=rawjson` wrote; kept as the
    /// last known build
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) timings: Option<PathBuf>,

    /// The form of the answer: pretty or json; =FILE writes a file; repeatable
    #[arg(long = "format", value_name = "NAME[=FILE]", value_parser = format_spec::<OptimizeFormatName>)]
    pub(in crate::cli) formats: Vec<FormatSpec<OptimizeFormatName>>,

    // Last: its heading would be that of what follows too.
    #[command(flatten)]
    pub(in crate::cli) proof: VerifyArgs,
}

/// The forms of proposals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum OptimizeFormatName {
    /// For people.
    Pretty,
    /// Everything.
    Json,
}
