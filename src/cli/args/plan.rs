//! `plan`.

use clap::{Args, ValueEnum};

use super::dockerfile::DockerfileArgs;
use super::format::{FormatSpec, format_spec};

/// Show the steps of a build: which would run, why, and how many at once
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan plan                                what there is to do
  rplan plan --changed src/app.py           what an edit of this file would rebuild
  git diff --name-only main | rplan plan --changed -
  rplan plan --format mermaid services/api  the same as a graph")]
pub(in crate::cli) struct PlanArgs {
    #[command(flatten)]
    pub(in crate::cli) dockerfile: DockerfileArgs,

    /// Tell what would run if these paths changed: relative to the context, existing or not; `-` reads a list
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub(in crate::cli) changed: Vec<String>,

    /// Whose rules of caching apply
    #[arg(long = "for", value_name = "BUILDER", value_enum)]
    pub(in crate::cli) builder: Option<BuilderName>,

    /// The form of the answer: pretty, json, dot, mermaid or names; =FILE writes a file; repeatable
    #[arg(long = "format", value_name = "NAME[=FILE]", value_parser = format_spec::<PlanFormatName>)]
    pub(in crate::cli) formats: Vec<FormatSpec<PlanFormatName>>,
}

/// The builders whose rules of caching are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum BuilderName {
    /// docker build
    Buildkit,
    /// buildah, podman build
    Buildah,
    /// kaniko
    Kaniko,
    /// rplan build
    Rplan,
}

/// The forms of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PlanFormatName {
    /// For people.
    Pretty,
    /// Everything.
    Json,
    /// A graph for Graphviz.
    Dot,
    /// A graph for Markdown.
    Mermaid,
    /// The names of the steps that run or may.
    Names,
}
