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

    /// What the image is for, os/architecture[/variant]: chooses among base images and sets TARGETPLATFORM; this
    /// machine's when left out
    #[arg(long, value_name = "PLATFORM", value_parser = platform)]
    pub(in crate::cli) platform: Option<String>,

    /// Take files of contexts with mode 644 or 755, as git keeps them: no umask, no checkout by somebody else makes a
    /// step run again
    #[arg(long)]
    pub(in crate::cli) plain_modes: bool,
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

/// Reads `os/architecture[/variant]`, or an architecture alone, in the spelling of images.
fn platform(text: &str) -> Result<String, String> {
    if text.contains(',') {
        return Err("one platform for each build: build once for each of them".to_owned());
    }
    let text = text.to_ascii_lowercase();
    let (os, rest) = text.split_once('/').unwrap_or(("linux", &text));
    let (architecture, variant) = match rest.split_once('/') {
        Some((architecture, variant)) => (architecture, Some(variant)),
        None => (rest, None),
    };
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if ![os, architecture, variant.unwrap_or("any")].into_iter().all(is_word) || architecture == "linux" {
        return Err("expected os/architecture[/variant], such as linux/arm64".to_owned());
    }
    if os != "linux" {
        return Err(format!("images for {os} cannot be built here: linux alone"));
    }
    Ok(match (architecture, variant) {
        ("x86_64" | "amd64", None | Some("v1")) => "linux/amd64".to_owned(),
        ("aarch64" | "arm64", None | Some("v8" | "8")) => "linux/arm64".to_owned(),
        ("arm" | "armhf", None | Some("7")) => "linux/arm/v7".to_owned(),
        ("armel", None) | ("arm", Some("6")) => "linux/arm/v6".to_owned(),
        ("i386" | "i686" | "386", _) => "linux/386".to_owned(),
        (architecture, Some(variant)) => format!("linux/{architecture}/{variant}"),
        (architecture, None) => format!("linux/{architecture}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_read_as_docker_reads_it() {
        let cases = [
            ("linux/arm64", "linux/arm64"),
            ("linux/aarch64/v8", "linux/arm64"),
            ("arm64", "linux/arm64"),
            ("linux/arm", "linux/arm/v7"),
            ("linux/x86_64", "linux/amd64"),
            ("linux/amd64/v3", "linux/amd64/v3"),
        ];
        for (said, meant) in cases {
            assert_eq!(platform(said).as_deref(), Ok(meant));
        }
        for wrong in ["", "linux", "linux/", "linux/a/b/c", "linux/amd64,linux/arm64", "windows/amd64"] {
            assert!(platform(wrong).is_err(), "{wrong}");
        }
    }
}
