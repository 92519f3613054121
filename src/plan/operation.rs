//! What a step does, with every value filled in.
//!
//! Knows nothing of where results are kept or how anything runs. Spans are there for messages; they are no part of
//! what a step does, and keys leave them out.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::model::{MountOptions, Security, StageId};
use crate::plan::StepId;
use crate::text::{Span, Spanned};

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant is documented by the type it holds")]
pub enum Operation {
    Base(Base),
    Run(Run),
    Copy(Copy),
    Add(Add),
    Workdir(Workdir),
}

/// A file system that a step starts from or takes files from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filesystem {
    /// Nothing: `scratch`.
    Empty,
    /// What this step leaves.
    Of(StepId),
}

impl Filesystem {
    /// The step that leaves it.
    pub fn step(self) -> Option<StepId> {
        match self {
            Filesystem::Empty => None,
            Filesystem::Of(step) => Some(step),
        }
    }
}

/// Bring an image (or a named context in its place).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// The reference as written, variables expanded.
    pub reference: String,
    /// The reference written out in full; for a named context its name.
    pub normalized: String,
    /// Where it is to be looked for.
    pub place: BasePlace,
    /// `--platform`, or the platform of the build.
    pub platform: String,
    /// Which image it is; none while the image is not at hand, and then everything above it is *assumed*.
    pub digest: Option<Digest>,
}

/// Where a base is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BasePlace {
    /// A named context stands for it, whatever that is made of.
    NamedContext,
    /// The store, then a registry.
    Image,
}

/// Run a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Program and arguments; for the shell form the shell and the text as its last argument.
    pub argv: Vec<String>,
    /// Whether it is the shell form, so that all words but the last are the shell's.
    pub is_shell_form: bool,
    /// The environment, sorted by name.
    pub env: Vec<RunVariable>,
    /// Proxy settings given as build arguments: in the environment too, but in no key and no history.
    pub proxies: Vec<(String, String)>,
    /// The working directory, absolute.
    pub cwd: String,
    /// As written in USER; empty means root.
    pub user: String,
    /// `--network`
    pub network: Network,
    /// The heredoc that is the script, where it names its own interpreter; `argv` runs it from the helper directory.
    pub script: Option<Inline>,
    /// `--mount`, in order.
    pub mounts: Vec<Mount>,
    /// `--security`, where it is written.
    pub security: Option<Spanned<Security>>,
    /// `--device`, in order.
    pub devices: Vec<Spanned<String>>,
}

/// A variable in the environment of RUN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunVariable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What set it.
    pub kind: VariableKind,
}

/// What set a variable of RUN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum VariableKind {
    /// ARG: it is gone when the build is over.
    Arg,
    /// ENV, of this file or of the base image.
    Env,
}

impl Run {
    /// Whether it asks for every privilege there is.
    pub fn is_insecure(&self) -> bool {
        self.security.as_ref().is_some_and(|security| security.value == Security::Insecure)
    }
}

/// What of the network RUN sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// What the build's settings say.
    #[default]
    Default,
    /// Nothing.
    None,
    /// That of the host.
    Host,
}

/// One `--mount`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Where it is written.
    pub span: Span,
    /// Where what it shows comes from; none where it shows nothing of the build.
    pub origin: Option<Origin>,
    /// The path shown, cleaned, relative to the root of its origin; empty for all of it.
    pub source: String,
    /// Where it is mounted: absolute and clean. Empty where the type has a place of its own.
    pub target: String,
    /// Its type and everything that is written of it.
    pub options: MountOptions,
}

/// What COPY and ADD share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// What is copied, in order.
    pub sources: Vec<Spanned<Source>>,
    /// Where to: absolute, joined to WORKDIR; a slash at its end says that it is a directory.
    pub destination: String,
    /// `--chown`
    pub owner: Option<Spanned<String>>,
    /// `--chmod`
    pub mode: Option<Spanned<String>>,
    /// `--link`, where it takes effect: the copy is made on nothing and stacked on what is below.
    pub link: bool,
    /// `--exclude`, in order.
    pub exclude: Vec<Spanned<String>>,
}

/// One source of COPY or ADD.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A path or pattern, cleaned, relative to the root of its origin; empty for all of it. With `--parents` a `/./`
    /// stays where it was.
    Path(String),
    /// A file written out in the Dockerfile.
    Inline(Inline),
    /// A URL (ADD only).
    Url(String),
    /// A git repository (ADD only).
    Git(String),
}

/// A file written out in the Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inline {
    /// The delimiter, which is the name of the file.
    pub name: String,
    /// The content.
    pub content: String,
}

/// Where COPY or a mount takes its files from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The build context.
    Context,
    /// A stage of the file.
    Stage {
        /// Which one.
        stage: StageId,
        /// What it ends with.
        filesystem: Filesystem,
    },
    /// An image, or a named context: the step that brings it.
    Image(StepId),
}

impl Origin {
    /// The file system; none for the build context.
    pub fn filesystem(self) -> Option<Filesystem> {
        match self {
            Origin::Context => None,
            Origin::Stage { filesystem, .. } => Some(filesystem),
            Origin::Image(step) => Some(Filesystem::Of(step)),
        }
    }
}

/// Put files there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// Sources, destination and flags.
    pub transfer: Transfer,
    /// Where the sources are.
    pub origin: Origin,
    /// `--parents`, where it is written.
    pub parents: Option<Spanned<bool>>,
}

/// Put files there, unpacking archives and fetching what is remote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Add {
    /// Sources, destination and flags.
    pub transfer: Transfer,
    /// `--unpack`; without it local archives are unpacked and remote ones are not.
    pub unpack: Option<Spanned<bool>>,
    /// `--checksum`
    pub checksum: Option<Spanned<String>>,
    /// `--keep-git-dir`
    pub keep_git_dir: Option<Spanned<bool>>,
}

/// Make a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workdir {
    /// Absolute and clean.
    pub path: String,
    /// Who owns what has to be made: as written in USER, empty for root.
    pub user: String,
}
