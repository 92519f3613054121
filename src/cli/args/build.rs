//! `build`, `why` and `inspect`: what needs the executor and its store.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::allowance::AllowanceArgs;
use super::dockerfile::DockerfileArgs;
use super::format::{FormatSpec, format_spec};
use super::handed_in::{AgentSpec, SecretSpec, agent_spec, secret_spec};
use super::output::OutputArgs;
use super::plan::BuilderName;
use super::portable::{PortableSpec, cache_from, cache_to};

/// Build an image: independent steps at once, into layers, without a daemon
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan build -t myapp .                        build, and keep the image as `myapp` in rplan's store
  rplan build -t myapp --load .                 hand it to a running Docker or Podman too
  rplan build -t registry.example/app:1 --push .
  rplan build -o type=oci,dest=app.tar services/api
  rplan build -o type=registry,name=registry.example/app,compression=zstd -o type=local,dest=out .
  rplan build --target test --progress plain .
  rplan build --keep-going --weight tests=3 .   see every failure at once; begin the stage `tests` early
  rplan build --build-context base=oci-layout://base --build-context docs=../docs .
  rplan build https://git.example/app.git#v2:server     a tag of a repository, and a directory in it
  rplan build -f ci/Dockerfile https://example/app.tar.gz
  git archive HEAD | rplan build -              an archive, compressed or not; or a Dockerfile alone
  rplan build --secret id=token,env=TOKEN --ssh default .
  rplan build --report build.html .             keep the timeline of the build as a page
  rplan build --format json=build.json .        keep its result for programs; rplan build --schema result describes it
  rplan build --on-error shell .                look around in the root of a RUN that fails
  rplan build --on-error keep .                 keep that root, without what was mounted, until rplan cache prune
  rplan build --cache-from type=local,src=cache --cache-to type=local,dest=cache,mode=max .
  rplan why 4                                   why a step of the last build ran

CONTEXT may also be an address: of a git repository (#REF:DIRECTORY; `.git` stays with the build argument
BUILDKIT_CONTEXT_KEEP_GIT_DIR=1), or of an archive or a Dockerfile on a web server. `-` takes either from stdin. What is
fetched is filtered by no ignore file, -f names a Dockerfile in it, and what has not changed is not fetched again.
With a directory as CONTEXT, -f may be the address of a Dockerfile on a web server.

Archives (contexts, layers of base images, those of ADD) may be packed with gzip, zstd, bzip2 or xz. Of one no more comes
than 256 GiB in 10,000,000 entries, and beyond 1 GiB 250 times what was packed; `[archives]` in config.toml says otherwise.

The network of RUN is the host's (`default`), unless your own settings say otherwise;
`none` cuts it off. Builds run on Linux, as root or as any user to whom /etc/subuid lends ids;
`rplan doctor` says what this machine can do.")]
pub(in crate::cli) struct BuildArgs {
    #[command(flatten)]
    pub(in crate::cli) dockerfile: DockerfileArgs,

    /// A name for the image in rplan's store; repeatable
    #[arg(short, long = "tag", value_name = "NAME")]
    pub(in crate::cli) tags: Vec<String>,

    /// What NAME means in FROM and --from: a directory, oci-layout://PATH[:TAG], docker-image://REFERENCE, the address of
    /// a git repository or of an archive; repeatable
    #[arg(long = "build-context", value_name = "NAME=VALUE", value_parser = build_context)]
    pub(in crate::cli) build_contexts: Vec<(String, String)>,

    #[command(flatten)]
    pub(in crate::cli) outputs: OutputArgs,

    /// A secret for RUN --mount=type=secret: id=ID[,src=FILE|,env=VARIABLE]; repeatable
    #[arg(long = "secret", value_name = "SPEC", value_parser = secret_spec)]
    pub(in crate::cli) secrets: Vec<SecretSpec>,

    /// An ssh agent for RUN --mount=type=ssh: ID[=SOCKET], by default that of SSH_AUTH_SOCK; repeatable
    #[arg(long = "ssh", value_name = "ID[=SOCKET]", value_parser = agent_spec)]
    pub(in crate::cli) agents: Vec<AgentSpec>,

    /// How many steps may run at once [default: twice the processors, at least 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) jobs: Option<u16>,

    /// Go on after a step failed with whatever does not depend on it, and tell all failures at the end
    #[arg(long)]
    pub(in crate::cli) keep_going: bool,

    /// What becomes of a RUN that fails: `shell` opens one in its root, with its user, directory, environment and mounts;
    /// `keep` copies its root to a place that is told
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub(in crate::cli) on_error: OnErrorName,

    /// Let a stage go first: its steps are queued as if they took N times as long; repeatable
    #[arg(long = "weight", value_name = "STAGE=N", value_parser = weight)]
    pub(in crate::cli) weights: Vec<(String, u32)>,

    /// Write a page about the build, also of one that fails: when each step ran and why, what the cache saved, what would
    /// save more
    #[arg(long, value_name = "FILE.html")]
    pub(in crate::cli) report: Option<PathBuf>,

    /// What of the network RUN sees where it says nothing itself
    #[arg(long, value_name = "NETWORK", value_enum)]
    pub(in crate::cli) network: Option<NetworkName>,

    /// Use no earlier result
    #[arg(long, conflicts_with = "no_cache_filter")]
    pub(in crate::cli) no_cache: bool,

    /// Use no earlier result of these stages
    #[arg(long, value_name = "STAGE", value_delimiter = ',')]
    pub(in crate::cli) no_cache_filter: Vec<String>,

    /// Take results from a cache elsewhere: type=local,src=DIR[,tag=TAG] or type=registry,ref=REF,
    /// with cache-mounts=true|ID for cache mounts; repeatable
    #[arg(long, value_name = "SPEC", value_parser = cache_from)]
    pub(in crate::cli) cache_from: Vec<PortableSpec>,

    /// Write results to a cache for other machines: type=local,dest=DIR or type=registry,ref=REF, with mode=min|max
    /// (max: all stages), cache-mounts=true|ID, ignore-error=false; repeatable
    #[arg(long, value_name = "SPEC", value_parser = cache_to)]
    pub(in crate::cli) cache_to: Vec<PortableSpec>,

    /// Ask registries for images that the store has
    #[arg(long)]
    pub(in crate::cli) pull: bool,

    /// How progress is shown on stderr; auto: live on a terminal, plain elsewhere
    #[arg(long, value_name = "VIEW", value_enum, default_value_t)]
    pub(in crate::cli) progress: ProgressName,

    /// The form of the result on stdout: pretty or json; =FILE writes a file; repeatable
    #[arg(long = "format", value_name = "NAME[=FILE]", value_parser = format_spec::<AnswerFormatName>)]
    pub(in crate::cli) formats: Vec<FormatSpec<AnswerFormatName>>,

    /// Build nothing, and print the JSON schema of what --progress json or --format json writes
    #[arg(long, value_name = "OF", value_enum, exclusive = true)]
    pub(in crate::cli) schema: Option<SchemaName>,

    // Last: its heading would be that of what follows too.
    #[command(flatten)]
    pub(in crate::cli) allowance: AllowanceArgs,
}

/// Tell why steps ran or not in the last build, costliest first
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan why                        every step of the last build of this directory
  rplan why 4                      step [4/5]
  rplan why builder:2              step [builder 2/5]
  rplan why Dockerfile:7           the step of line 7
  rplan why --context services/api
  rplan why --context https://git.example/app.git#v2     the build of an address, which is not fetched again
  rplan why --timings build.json   the build that docker made: docker buildx build --progress=rawjson . 2> build.json")]
pub(in crate::cli) struct WhyArgs {
    /// The step: `4`, `builder:2` or `Dockerfile:7`; all when left out
    #[arg(value_name = "STEP")]
    pub(in crate::cli) step: Option<String>,

    /// The build context of the build, `.` when left out; an address as it was typed
    #[arg(long, value_name = "CONTEXT")]
    pub(in crate::cli) context: Option<PathBuf>,

    /// Its Dockerfile; else CONTEXT/Dockerfile, then CONTEXT/Containerfile
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) file: Option<PathBuf>,

    /// Its target; the last stage otherwise
    #[arg(long, value_name = "STAGE")]
    pub(in crate::cli) target: Option<String>,

    /// Whose last build is meant, buildkit's or rplan's [default: the newest]
    #[arg(long = "for", value_name = "BUILDER", value_enum)]
    pub(in crate::cli) builder: Option<BuilderName>,

    /// Step times and hits of a build made by docker: what `docker buildx build --progress=rawjson` wrote; kept as the
    /// last known build
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) timings: Option<PathBuf>,

    /// The form of the answer: pretty or json; =FILE writes a file; repeatable
    #[arg(long = "format", value_name = "NAME[=FILE]", value_parser = format_spec::<AnswerFormatName>)]
    pub(in crate::cli) formats: Vec<FormatSpec<AnswerFormatName>>,
}

/// Show what an image is made of: history with sizes, layers, files, config
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rplan inspect myapp              history and config of an image in rplan's store
  rplan inspect app.tar --layer 3  the files of one layer
  rplan inspect ./layout --tree    the merged tree, and what its layers waste
  rplan inspect myapp --format json")]
pub(in crate::cli) struct InspectArgs {
    /// A name in rplan's store, an OCI layout, or an OCI or Docker archive
    #[arg(value_name = "IMAGE")]
    pub(in crate::cli) image: String,

    /// List the files of one layer, counted from 1
    #[arg(long, value_name = "N", conflicts_with = "tree")]
    pub(in crate::cli) layer: Option<usize>,

    /// Show the merged tree: from which layer each path comes, and what was overwritten or deleted
    #[arg(long)]
    pub(in crate::cli) tree: bool,

    /// The form of the answer: pretty or json; =FILE writes a file; repeatable
    #[arg(long = "format", value_name = "NAME[=FILE]", value_parser = format_spec::<AnswerFormatName>)]
    pub(in crate::cli) formats: Vec<FormatSpec<AnswerFormatName>>,
}

/// The forms of an answer that has no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum AnswerFormatName {
    /// For people.
    Pretty,
    /// Everything.
    Json,
}

/// What of the network RUN sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum NetworkName {
    /// The host's
    Default,
    /// The host's
    Host,
    /// Nothing
    None,
}

/// What becomes of a RUN that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::cli) enum OnErrorName {
    /// The build ends
    #[default]
    Stop,
    /// First, a shell in what it left; on a terminal only
    Shell,
    /// What it left stays at a place that is told, until `rplan cache prune`
    Keep,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::cli) enum ProgressName {
    /// Live on a terminal, plain elsewhere
    #[default]
    Auto,
    /// Live
    Tty,
    /// One line a step, and what steps say
    Plain,
    /// One JSON object an event
    Json,
    /// Not at all
    Quiet,
}

/// What there is a schema of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SchemaName {
    /// One line of --progress json
    Events,
    /// The answer of --format json
    Result,
}

/// Reads `NAME=VALUE`.
pub(super) fn build_context(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn weight(text: &str) -> Result<(String, u32), String> {
    let parsed = text.split_once('=').and_then(|(stage, number)| Some((stage, number.parse().ok()?)));
    match parsed {
        Some((stage, number)) if !stage.is_empty() => Ok((stage.to_lowercase(), number)),
        _ => Err("expected STAGE=N with a whole number N; 1 is what other stages have".to_owned()),
    }
}
