//! `rules`, `explain`, `completion`, `man`: what rplan tells about itself.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::format::{FormatSpec, format_spec};

/// List the rules, or start and try rules of your own
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  rplan rules                              every rule in one line
  rplan rules --format json
  rplan rules --format md=rules.md         the reference
  rplan rules new no-curl-pipe             start a rule of your own
  rplan rules test no-curl-pipe.yaml       try its examples
  rplan rules schema > rule.schema.json    for editors that complete and check
  rplan lint --rules my-rules              lint with the rules of a directory"
)]
pub(in crate::cli) struct RulesArgs {
    #[command(subcommand)]
    pub(in crate::cli) what: Option<RulesWhat>,

    #[command(flatten)]
    pub(in crate::cli) list: RulesListArgs,
}

/// What to do with rules of one's own.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RulesWhat {
    /// Write ID.yaml here, a rule with examples that pass, to start from
    #[command(after_help = "\
Examples:
  rplan rules new no-curl-pipe")]
    New {
        /// The name of the rule: small letters and digits, with `-` between words; it names what is bad
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Run the examples of rules of your own; exit 1 if one fails
    #[command(after_help = "\
Examples:
  rplan rules test my-rules
  rplan rules test no-curl-pipe.yaml")]
    Test {
        /// A rule's file, or a directory of them
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
    },
    /// Print the JSON schema of a rule's file, for editors that complete and check
    #[command(after_help = "\
Examples:
  rplan rules schema > rule.schema.json
  # yaml-language-server: $schema=rule.schema.json     as the first line of a rule")]
    Schema,
}

/// How the rules are listed.
#[derive(Debug, Args)]
pub(in crate::cli) struct RulesListArgs {
    /// A directory with rules of your own, to be listed too; repeatable
    #[arg(long = "rules", value_name = "DIR")]
    pub(in crate::cli) rules: Vec<PathBuf>,

    /// The form of the list: pretty, json or md; =FILE writes a file; repeatable
    #[arg(long = "format", value_name = "NAME[=FILE]", value_parser = format_spec::<CatalogueFormatName>)]
    pub(in crate::cli) formats: Vec<FormatSpec<CatalogueFormatName>>,
}

/// Explain one rule or rewrite: why, what to do, examples; of another linter's rule also why there is none
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan explain copy-before-deps
  rplan explain DL3007                  a name that another linter uses
  rplan explain SC2086                  a number of ShellCheck
  rplan explain hoist-manifests         a rewrite of `rplan optimize`")]
pub(in crate::cli) struct ExplainArgs {
    /// Its id, or what another linter calls it
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,

    /// A directory with rules of your own; repeatable
    #[arg(long = "rules", value_name = "DIR")]
    pub(in crate::cli) rules: Vec<PathBuf>,
}

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan completion bash > ~/.local/share/bash-completion/completions/rplan
  rplan completion zsh > ~/.zfunc/_rplan")]
pub(in crate::cli) struct CompletionArgs {
    /// The shell
    pub(in crate::cli) shell: Shell,
}

/// Print the manual page, of rplan or of one command
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan man | man -l -
  rplan man lint > rplan-lint.1")]
pub(in crate::cli) struct ManArgs {
    /// The command; rplan itself when left out
    pub(in crate::cli) command: Option<String>,
}

/// The forms of the list of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum CatalogueFormatName {
    /// For people.
    Pretty,
    /// Everything that is known without a file.
    Json,
    /// The reference, in Markdown.
    Md,
}
