//! `rules`, `explain`, `completion`, `man`: what rplan tells about itself.

use clap::Args;
use clap_complete::Shell;

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

/// List the rules
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan rules
  rplan explain latest-tag")]
pub(in crate::cli) struct RulesArgs {}

/// Explain one rule
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan explain copy-before-deps
  rplan explain DL3007")]
pub(in crate::cli) struct ExplainArgs {
    /// Its name, or what another linter calls it
    pub(in crate::cli) id: String,
}
