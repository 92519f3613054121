//! `debug`: what rplan makes of its input, for bug reports and conformance checks.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::dockerfile::{BuildArg, build_arg};

/// Show what rplan makes of its input
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan debug ast Dockerfile
  rplan debug expand --env name=web '${name:-none}'
  rplan debug ignored --ignorefile .dockerignore src/app.py .git")]
pub(in crate::cli) struct DebugArgs {
    #[command(subcommand)]
    pub(in crate::cli) what: DebugWhat,
}

/// What to show.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DebugWhat {
    /// Print each instruction in the notation of BuildKit's parser; exit 1 where that parser fails
    #[command(after_help = "\
Examples:
  rplan debug ast Dockerfile
  rplan debug ast - < Dockerfile")]
    Ast {
        /// The Dockerfile; `-` is stdin
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Print what a word expands to; exit 1 with the error if it does not
    #[command(after_help = "\
Examples:
  rplan debug expand --env name=web '${name%.*}'
  rplan debug expand --escape '`' 'a`$b'")]
    Expand {
        /// A variable; repeatable
        #[arg(long, value_name = "NAME=VALUE", value_parser = build_arg)]
        env: Vec<BuildArg>,
        /// The escape character
        #[arg(long, value_name = "CHAR", default_value_t = '\\')]
        escape: char,
        /// The word
        #[arg(allow_hyphen_values = true)]
        word: String,
    },
    /// Print for each path whether it is `included` in a build context or `excluded`
    #[command(after_help = "\
Examples:
  rplan debug ignored --ignorefile .dockerignore src/app.py .git")]
    Ignored {
        /// The ignore file
        #[arg(long, value_name = "FILE")]
        ignorefile: PathBuf,
        /// Paths relative to the context; they need not exist
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<String>,
    },
}
