//! `doctor`: what it is asked.

use clap::Args;

use super::build::AnswerFormatName;
use super::format::{FormatSpec, format_spec};

/// Tell what this machine can and cannot do for builds, and how to mend it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan doctor                  what works, what is lacking, and how to mend it
  rplan doctor --format json    the same for a script
  sudo rplan doctor             what root can do

`works` and `lacks` leave this machine able to build (exit code 0); with `fails` it cannot (exit code 4).")]
pub(in crate::cli) struct DoctorArgs {
    /// The form of the answer: pretty or json; =FILE writes a file; repeatable
    #[arg(long = "format", value_name = "NAME[=FILE]", value_parser = format_spec::<AnswerFormatName>)]
    pub(in crate::cli) formats: Vec<FormatSpec<AnswerFormatName>>,
}
