//! `cache`: what rplan keeps between builds.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::amount::{age, bytes};
use super::build::AnswerFormatName;
use super::format::{FormatSpec, format_spec};
use super::portable::{PortableSpec, export_to, import_from};

/// Show and prune what is kept between builds
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan cache du                       how much room is taken
  rplan cache prune --older-than 7d    remove what no build has used for a week
  rplan cache prune --keep-size 10GB   make room, from what was used longest ago on
  rplan cache export ./cache           for another machine; there: rplan cache import ./cache")]
pub(in crate::cli) struct CacheArgs {
    #[command(subcommand)]
    pub(in crate::cli) what: CacheWhat,
}

/// What to do with the cache.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CacheWhat {
    Du(DuArgs),
    Prune(PruneArgs),
    Export(ExportArgs),
    Import(ImportArgs),
}

/// Show how much room is taken, kind by kind, and when it was last used
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan cache du                 by kind
  rplan cache du -v              thing by thing: every snapshot, blob, record, cache mount and image
  rplan cache du --format json   the same for programs

Images are among the snapshots and blobs; they are not counted twice.")]
pub(in crate::cli) struct DuArgs {
    /// The form of the answer: pretty or json; =FILE writes a file; repeatable
    #[arg(long = "format", value_name = "NAME[=FILE]", value_parser = format_spec::<AnswerFormatName>)]
    pub(in crate::cli) formats: Vec<FormatSpec<AnswerFormatName>>,
}

/// Remove what is not needed; never what an image needs, and nothing while a build runs
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan cache prune                            what nothing keeps, what killed builds left, and kept roots
  rplan cache prune --wait                     the same, once the builds that run are over
  rplan cache prune --older-than 7d            and what no build has used for a week
  rplan cache prune --keep-size 10GB           and what was used longest ago, until 10 GB are left
  rplan cache prune --older-than 2d --keep-size 10GB
                                               the same, but nothing that was used in the last two days
  rplan cache prune --all                      all but images
  rplan cache prune --all --only cache-mounts  all cache mounts
  rplan cache prune --mount /root/.cache/pip   one cache mount, by its id")]
pub(in crate::cli) struct PruneArgs {
    /// What no build has used for this long: 30s, 45m, 12h, 7d, 2w
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub(in crate::cli) older_than: Option<Duration>,

    /// What was used longest ago, until no more than this is left: 500MB, 10GB, 1.5GiB
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub(in crate::cli) keep_size: Option<u64>,

    /// Everything but images and what they need
    #[arg(long, conflicts_with_all = ["older_than", "keep_size"])]
    pub(in crate::cli) all: bool,

    /// Apply the rules to this kind alone
    #[arg(long, value_name = "KIND", value_enum)]
    pub(in crate::cli) only: Option<PruneKind>,

    /// Wait until no build uses the store, instead of removing nothing
    #[arg(long)]
    pub(in crate::cli) wait: bool,

    /// The cache mounts with this id (its target, where it has none); of them what the rules say, or all; repeatable
    #[arg(long = "mount", value_name = "ID", conflicts_with = "only")]
    pub(in crate::cli) mounts: Vec<String>,

    /// The form of the answer: pretty or json; =FILE writes a file; repeatable
    #[arg(long = "format", value_name = "NAME[=FILE]", value_parser = format_spec::<AnswerFormatName>)]
    pub(in crate::cli) formats: Vec<FormatSpec<AnswerFormatName>>,
}

/// A kind of thing that rules are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PruneKind {
    /// Results of steps, and base images
    Steps,
    /// Directories of RUN --mount=type=cache
    CacheMounts,
}

/// Write the results of all steps for another machine, cache mounts too on request
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan cache export ./cache                                       into a directory (an OCI layout)
  rplan cache export type=local,dest=cache,cache-mounts=true       with all cache mounts
  rplan cache export type=registry,ref=ci:5000/app:cache,cache-mounts=pip

One build alone: rplan build --cache-to type=local,dest=cache")]
pub(in crate::cli) struct ExportArgs {
    /// A directory, or type=local|registry,dest=DIR[,tag=TAG]|ref=REF[,cache-mounts=true|ID]
    #[arg(value_name = "PLACE", value_parser = export_to)]
    place: PortableSpec,

    /// The form of the answer: pretty or json; =FILE writes a file; repeatable
    #[arg(long = "format", value_name = "NAME[=FILE]", value_parser = format_spec::<AnswerFormatName>)]
    formats: Vec<FormatSpec<AnswerFormatName>>,
}

/// Bring in what `cache export` wrote; builds then use it like their own results
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan cache import ./cache
  rplan cache import type=registry,ref=ci:5000/app:cache,cache-mounts=true

For one build, and only what it needs: rplan build --cache-from type=local,src=cache")]
pub(in crate::cli) struct ImportArgs {
    /// A directory, or type=local|registry,src=DIR[,tag=TAG]|ref=REF[,cache-mounts=true|ID]
    #[arg(value_name = "PLACE", value_parser = import_from)]
    place: PortableSpec,

    /// The form of the answer: pretty or json; =FILE writes a file; repeatable
    #[arg(long = "format", value_name = "NAME[=FILE]", value_parser = format_spec::<AnswerFormatName>)]
    formats: Vec<FormatSpec<AnswerFormatName>>,
}

/// What both say.
pub(in crate::cli) struct PortableArgs<'a> {
    /// Where the cache is.
    pub(in crate::cli) place: &'a PortableSpec,
    /// The forms of the answer.
    pub(in crate::cli) formats: &'a [FormatSpec<AnswerFormatName>],
}

impl ExportArgs {
    pub(in crate::cli) fn portable(&self) -> PortableArgs<'_> {
        PortableArgs { place: &self.place, formats: &self.formats }
    }
}

impl ImportArgs {
    pub(in crate::cli) fn portable(&self) -> PortableArgs<'_> {
        PortableArgs { place: &self.place, formats: &self.formats }
    }
}
