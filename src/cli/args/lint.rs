//! `lint` and `fix`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::dockerfile::{BuildArg, build_arg};
use super::format::{FormatSpec, format_spec};
use crate::config::FailOn;
use crate::diagnostic::Severity;
use crate::lint::Profile;

/// Find what is wrong in Dockerfiles
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan lint                                        every Dockerfile below this directory
  rplan lint services/api/Dockerfile --severity info
  rplan lint compose.yaml docker-bake.hcl           what they build, and what is written into them
  rplan lint --format pretty --format sarif=lint.sarif
  rplan lint - --stdin-filename api/Dockerfile < api/Dockerfile
  rplan lint --ignore latest-tag --fail-on error
  rplan lint -v --extend-select cache               what `rplan optimize` proposes too
  rplan lint --baseline .rplan-baseline.toml --write-baseline
  rplan lint --baseline .rplan-baseline.toml        only what is new since then
  rplan lint --since $(git merge-base HEAD origin/main)   only what this branch did")]
pub(in crate::cli) struct LintArgs {
    #[command(flatten)]
    pub(in crate::cli) files: FilesArgs,

    #[command(flatten)]
    pub(in crate::cli) selection: SelectionArgs,

    /// Repair in place what can be repaired safely, then report what is left
    #[arg(long)]
    pub(in crate::cli) fix: bool,

    #[command(flatten)]
    pub(in crate::cli) thresholds: ThresholdArgs,

    /// Leave out the findings that this file knows, wherever their lines have moved to
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) baseline: Option<PathBuf>,

    /// Write what would be shown into the baseline, and forget there what is gone
    #[arg(long, requires = "baseline")]
    pub(in crate::cli) write_baseline: bool,

    /// Report only what the change since a commit answers for: findings on instructions that it touched, and those that
    /// it brought about elsewhere
    #[arg(long, value_name = "REV", conflicts_with_all = ["write_baseline", "fix"])]
    pub(in crate::cli) since: Option<String>,

    /// Count the findings by rule
    #[arg(long)]
    pub(in crate::cli) statistics: bool,

    /// The form of the report: pretty, compact, json, sarif, github, gitlab, checkstyle, junit or hadolint; =FILE
    /// writes a file; repeatable
    #[arg(long = "format", value_name = "NAME[=FILE]", value_parser = format_spec::<LintFormatName>)]
    pub(in crate::cli) formats: Vec<FormatSpec<LintFormatName>>,
}

/// Repair in place what can be repaired without changing what the image is
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan fix                         repair every Dockerfile below this directory
  rplan fix --diff Dockerfile       show the changes and write nothing
  rplan fix --check                 exit 1 if something would change
  rplan fix - < Dockerfile          print the repaired file")]
pub(in crate::cli) struct FixArgs {
    #[command(flatten)]
    pub(in crate::cli) files: FilesArgs,

    #[command(flatten)]
    pub(in crate::cli) selection: SelectionArgs,

    /// Show the changes as a patch and write nothing
    #[arg(long)]
    pub(in crate::cli) diff: bool,

    /// Write nothing; exit 1 if something would change
    #[arg(long)]
    pub(in crate::cli) check: bool,

    /// Also apply fixes that may change the image, as their rule declares
    #[arg(long = "unsafe")]
    pub(in crate::cli) allow_unsafe: bool,
}

/// Which files, and what is known around them.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct FilesArgs {
    /// Files, directories to search, globs, or `-` for stdin; `.` when left out. A Compose or Bake file means the
    /// Dockerfiles that it builds
    #[arg(value_name = "PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,

    /// Leave out files that match the glob; repeatable
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) exclude: Vec<String>,

    /// Let --exclude hold for files named on the command line too
    #[arg(long)]
    pub(in crate::cli) force_exclude: bool,

    /// The path that stdin has: for messages, settings and the context
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) stdin_filename: Option<PathBuf>,

    /// The build context; else it is found for each file
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) context: Option<PathBuf>,

    /// The value of an ARG; without `=VALUE` it comes from the environment
    #[arg(long = "build-arg", value_name = "NAME[=VALUE]", value_parser = build_arg)]
    pub(in crate::cli) build_args: Vec<BuildArg>,

    /// The stage that is built; the last one otherwise
    #[arg(long, value_name = "STAGE")]
    pub(in crate::cli) target: Option<String>,

    /// A settings file for all files, in place of the nearest rplan.toml of each
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,

    /// A directory with rules of your own; repeatable
    #[arg(long = "rules", value_name = "DIR")]
    pub(in crate::cli) rules: Vec<PathBuf>,
}

/// Which rules run.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct SelectionArgs {
    /// The set of rules to start from: default, strict, hadolint (what it finds, as grave as it says) or buildkit
    #[arg(long, value_name = "NAME", value_parser = profile())]
    pub(in crate::cli) profile: Option<Profile>,

    /// Run these rules and no others: ids, foreign ids (DL3006), categories, or `all`
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(in crate::cli) select: Vec<String>,

    /// Run these rules too
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(in crate::cli) extend_select: Vec<String>,

    /// Do not run these rules
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(in crate::cli) ignore: Vec<String>,
}

/// From which severity on findings count.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(in crate::cli) struct ThresholdArgs {
    /// Show findings from this severity on [default: warning]
    #[arg(long, value_name = "SEVERITY", value_parser = severity())]
    pub(in crate::cli) severity: Option<Severity>,

    /// End with exit code 1 from this severity on, or never [default: warning]
    #[arg(long, value_name = "SEVERITY", value_parser = fail_on())]
    pub(in crate::cli) fail_on: Option<FailOn>,
}

/// The forms of a lint report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LintFormatName {
    /// For people.
    Pretty,
    /// One line a finding.
    Compact,
    /// Everything.
    Json,
    /// For code scanning.
    Sarif,
    /// For GitHub workflows.
    Github,
    /// For GitLab's code quality reports.
    Gitlab,
    /// The XML of Checkstyle.
    Checkstyle,
    /// Test results in XML.
    Junit,
    /// The JSON of hadolint.
    Hadolint,
}

fn profile() -> impl TypedValueParser<Value = Profile> {
    PossibleValuesParser::new(Profile::ALL.map(Profile::as_str)).map(|name| {
        let named = Profile::ALL.into_iter().find(|profile| profile.as_str() == name);
        named.expect("only names of profiles are possible values")
    })
}

fn severity() -> impl TypedValueParser<Value = Severity> {
    let names = Severity::ALL.into_iter().rev().map(Severity::as_str);
    PossibleValuesParser::new(names).map(|name| {
        let named = Severity::ALL.into_iter().find(|severity| severity.as_str() == name);
        named.expect("only names of severities are possible values")
    })
}

fn fail_on() -> impl TypedValueParser<Value = FailOn> {
    let names = FailOn::ALL.into_iter().rev().map(FailOn::as_str);
    PossibleValuesParser::new(names).map(|name| {
        let named = FailOn::ALL.into_iter().find(|one| one.as_str() == name);
        named.expect("only names of severities are possible values")
    })
}
