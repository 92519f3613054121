//! `image`: what can be done with the images in rplan's store.

use clap::{Args, Subcommand};

use super::build::{AnswerFormatName, ProgressName};
use super::format::{FormatSpec, format_spec};

/// List, name, push, pull and remove the images in rplan's store
#[derive(Debug, Args)]
#[command(
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  rplan image ls
  rplan image tag app registry.example/me/app:1
  rplan image push app registry.example/me/app:1 registry.example/me/app:latest
  rplan image pull --platform linux/arm64 debian:bookworm
  rplan image rm app

IMAGE is a name (`app`, `registry.example/me/app:1`) or the beginning of a digest. Logins are those of
`docker login` and `podman login`. Registries speak TLS and are trusted as docker and podman trust them:
by the authorities of the system, and by the certificates in certs.d/HOST below /etc/docker, /etc/containers
or ~/.config/containers. One without TLS is named as insecure in your own settings; a registry's mirrors too."
)]
pub(in crate::cli) struct ImageArgs {
    #[command(subcommand)]
    pub(in crate::cli) what: ImageWhat,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ImageWhat {
    /// List images: name, digest, when made, size as they travel, platform
    #[command(visible_alias = "list")]
    Ls(LsArgs),
    /// Give an image further names
    #[command(after_help = "\
Examples:
  rplan image tag app app:1.2
  rplan image tag 3f2a91c4 registry.example/me/app:1 registry.example/me/app:latest")]
    Tag {
        /// The image
        #[arg(value_name = "IMAGE")]
        image: String,
        /// What it is to be called too
        #[arg(value_name = "NAME", required = true)]
        names: Vec<String>,
    },
    /// Push an image to its own name, or to others
    Push(PushArgs),
    /// Pull images with all their layers
    Pull(PullArgs),
    /// Take names of images away; what nothing else keeps goes with the next `rplan cache prune`
    #[command(
        visible_alias = "remove",
        after_help = "\
Examples:
  rplan image rm app:1 app:2
  rplan image rm --force 3f2a91c4    every name of that image"
    )]
    Rm {
        /// The images
        #[arg(value_name = "IMAGE", required = true)]
        images: Vec<String>,
        /// Take every name away where an image was given by its digest, and be silent about images that are not there
        #[arg(short, long)]
        force: bool,
    },
}

/// Which images are listed, and how.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan image ls
  rplan image ls app
  rplan image ls --format json
  rplan image ls -q            digests alone")]
pub(in crate::cli) struct LsArgs {
    /// Only these: a name, or one without its tag; all when left out
    #[arg(value_name = "NAME")]
    pub(in crate::cli) names: Vec<String>,

    /// The form of the answer: pretty or json; =FILE writes a file; repeatable
    #[arg(long = "format", value_name = "NAME[=FILE]", value_parser = format_spec::<AnswerFormatName>)]
    pub(in crate::cli) formats: Vec<FormatSpec<AnswerFormatName>>,
}

/// What is pushed where to.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan image push registry.example/me/app:1
  rplan image push app registry.example/me/app:1 registry.example/me/app:latest

Prints NAME@DIGEST, one a line. Layers that the registry has are mounted or left where they are, never sent again.")]
pub(in crate::cli) struct PushArgs {
    /// The image
    #[arg(value_name = "IMAGE")]
    pub(in crate::cli) image: String,

    /// Where to; the image's own name when left out
    #[arg(value_name = "NAME")]
    pub(in crate::cli) names: Vec<String>,

    /// How progress is shown on stderr; auto: live on a terminal, plain elsewhere
    #[arg(long, value_name = "VIEW", value_enum, default_value_t)]
    pub(in crate::cli) progress: ProgressName,
}

/// What is pulled.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan image pull debian:bookworm
  rplan image pull --platform linux/arm64 debian:bookworm
  rplan image pull debian@sha256:…

Prints NAME@DIGEST, one a line; the digest is that of the image, not of an index that lists it.")]
pub(in crate::cli) struct PullArgs {
    /// A name with a tag or a digest
    #[arg(value_name = "NAME", required = true)]
    pub(in crate::cli) names: Vec<String>,

    /// Which of several images of one name: os/architecture[/variant]; this machine's when left out
    #[arg(long, value_name = "PLATFORM")]
    pub(in crate::cli) platform: Option<String>,

    /// How progress is shown on stderr; auto: live on a terminal, plain elsewhere
    #[arg(long, value_name = "VIEW", value_enum, default_value_t)]
    pub(in crate::cli) progress: ProgressName,
}
