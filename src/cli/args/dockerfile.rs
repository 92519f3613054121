//! Which Dockerfile and context is meant, and under which arguments: the same for `plan`, `optimize` and `build`.

use std::path::PathBuf;

use clap::Args;

/// The Dockerfile, its context and the values it is read under.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct DockerfileArgs {
    /// The build context, `.` when left out; a Dockerfile given here is taken as `-f`, and `-` reads one from stdin
    #[arg(value_name = "CONTEXT")]
    pub(in crate::cli) context: Option<PathBuf>,

    /// The Dockerfile, relative to the current directory; else CONTEXT/Dockerfile, then CONTEXT/Containerfile
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) file: Option<PathBuf>,

    /// The stage to end at; the last one otherwise
    #[arg(long, value_name = "STAGE")]
    pub(in crate::cli) target: Option<String>,

    /// The value of an ARG; without `=VALUE` it comes from the environment
    #[arg(long = "build-arg", value_name = "NAME[=VALUE]", value_parser = build_arg)]
    pub(in crate::cli) build_args: Vec<BuildArg>,
}

/// One `--build-arg`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct BuildArg {
    /// The name of the ARG.
    pub(in crate::cli) name: String,
    /// Its value; none to take it from the environment.
    pub(in crate::cli) value: Option<String>,
}

/// Reads `NAME=VALUE` or `NAME`.
pub(super) fn build_arg(text: &str) -> Result<BuildArg, String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (text, None),
    };
    if name.is_empty() {
        return Err("the name is missing: expected NAME=VALUE".to_owned());
    }
    Ok(BuildArg { name: name.to_owned(), value })
}
