//! `plan`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::dockerfile::DockerfileArgs;
use super::format::{FormatSpec, format_spec};

/// Show the steps of a build: which would run, why, and how many at once
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan plan                                what there is to do
  rplan plan --changed src/app.py           what an edit of this file would rebuild
  rplan plan --since origin/main            what this branch would rebuild
  rplan plan --all --since origin/main --format names
                                            the images of the repository that it changes, for a CI matrix
  rplan plan --format mermaid services/api  the same as a graph
  docker buildx build --progress=rawjson . 2> build.json; rplan plan --timings build.json
                                            with the times and hits of a build that docker made")]
pub(in crate::cli) struct PlanArgs {
    #[command(flatten)]
    pub(in crate::cli) dockerfile: DockerfileArgs,

    /// Tell what would run if these paths changed: relative to the context, existing or not; `-` reads a list
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub(in crate::cli) changed: Vec<String>,

    /// Tell what would run for what has changed since a commit, in the files and in the Dockerfile
    #[arg(long, value_name = "REV", conflicts_with = "changed")]
    pub(in crate::cli) since: Option<String>,

    /// Tell which images change of all whose Dockerfiles are below CONTEXT
    #[arg(long, requires = "since")]
    pub(in crate::cli) all: bool,

    /// Whose rules of caching count [default: buildkit, or rplan where that built it last]
    #[arg(long = "for", value_name = "BUILDER", value_enum)]
    pub(in crate::cli) builder: Option<BuilderName>,

    /// Step times and hits of a build made by docker: what `docker buildx build --progress=rawjson` wrote; kept as the
    /// last known build
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) timings: Option<PathBuf>,

    /// The form of the answer: pretty, json, dot, mermaid or names; =FILE writes a file; repeatable
    #[arg(long = "format", value_name = "NAME[=FILE]", value_parser = format_spec::<PlanFormatName>)]
    pub(in crate::cli) formats: Vec<FormatSpec<PlanFormatName>>,
}

/// The builders whose rules of caching are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum BuilderName {
    /// docker build
    #[value(alias = "docker")]
    Buildkit,
    /// buildah with --layers, podman build
    #[value(alias = "podman")]
    Buildah,
    /// kaniko without --cache-copy-layers
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
    /// The names of the steps that run or may; of the images with --all.
    Names,
}
