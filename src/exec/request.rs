//! What is asked of a build, and what it gives.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::backend::{Allowance, Backend, Cancel, Network, PreparedRun, Status, StepRun};
use super::contexts::NamedContext;
use super::devices::FOLDERS;
use super::error::Error;
use super::portable::{CacheExport, CacheImport};
use crate::digest::Digest;
use crate::event::{Ending, StepNumber};
use crate::model::{Model, ResolveOptions, Surroundings};
use crate::oci::Dialect;
use crate::oci::layer::{Compression, Limits};
use crate::oci::manifest::Descriptor;
use crate::oci::registry::Registries;
use crate::plan::{Planned, StepId};
use crate::store::{SnapshotId, Store};
use crate::workspace::Context;

/// A build to be done.
pub struct Request {
    /// The Dockerfile.
    pub model: Model,
    /// Build arguments, target, platform.
    pub options: ResolveOptions,
    /// What is known around it; base images are added as they are found.
    pub surroundings: Surroundings,
    /// Where COPY and ADD take files from.
    pub context: Option<Arc<Context>>,
    /// `--build-context`
    pub named_contexts: BTreeMap<String, NamedContext>,
    /// Which build this is, so that the next one of the same context, file and target can be compared with it.
    pub identity: String,
    /// How it is done.
    pub settings: Settings,
    /// What becomes of the result.
    pub outputs: Outputs,
}

/// How a build is done. None of this is part of any key.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many steps run at once.
    pub jobs: usize,
    /// How much more than others the steps of a stage press, by the name of the stage: they begin as if they took so
    /// many times as long.
    pub weights: BTreeMap<String, u32>,
    /// Whether what does not depend on a step that failed is still built.
    pub keep_going: bool,
    /// How many threads digest and compress.
    pub cores: usize,
    /// What of the network a RUN sees that says nothing else.
    pub network: Network,
    /// Which earlier results are not used.
    pub fresh: Fresh,
    /// Whether registries are asked for images that the store has.
    pub pull: bool,
    /// `SOURCE_DATE_EPOCH`: no time in the result is later.
    pub epoch: Option<i64>,
    /// The form of the image in the store; layers are packed for it as soon as their steps are over.
    pub format: ImageFormat,
    /// `--label`: labels of the image besides those of its Dockerfile.
    pub labels: BTreeMap<String, String>,
    /// What every RUN is allowed of the machine.
    pub allowance: Allowance,
    /// What a RUN may ask for that reaches beyond its sandbox: `--allow`.
    pub entitlements: BTreeSet<Entitlement>,
    /// Where the devices of this machine are described that a RUN may ask for.
    pub device_folders: Vec<PathBuf>,
    /// Whether files of named contexts come with the modes that git knows, whatever umask they were made under. The
    /// build context knows that of itself.
    pub plain_modes: bool,
    /// The folder in which digests of files are remembered between builds.
    pub digests: Option<PathBuf>,
    /// How long one RUN may take.
    pub timeout: Option<Duration>,
    /// How much may come out of one archive: a layer of a base image, an archive of ADD, a context.
    pub limits: Limits,
    /// What RUN may ask for with `--mount=type=secret`, by id.
    pub secrets: BTreeMap<String, SecretSource>,
    /// The sockets of the ssh agents that RUN may ask for, by id.
    pub agents: BTreeMap<String, PathBuf>,
    /// Who is shown what a RUN left that failed, before it is thrown away.
    pub visitor: Option<Arc<dyn Visitor>>,
    /// Whether the root of a RUN that fails is kept.
    pub keeps_failed: bool,
    /// Cache mounts of another namespace are others, whatever they are called.
    pub cache_namespace: String,
    /// Where results are taken from that the store does not have, in this order.
    pub cache_from: Vec<CacheImport>,
    /// Where results go besides.
    pub cache_to: Vec<CacheExport>,
}

/// Somebody who wants to look around in what a failed RUN left.
pub trait Visitor: fmt::Debug + Send + Sync {
    /// The step has failed, and all that it worked on is still in place. It is thrown away when this returns.
    ///
    /// Comes on the thread of the step, when [`crate::event::Event::ShellOpened`] is on its way to the listener. `shell`
    /// is a shell as the step would have started it, and `enter` runs it at a terminal.
    fn visit(&self, step: StepNumber, shell: &PreparedRun, enter: Enter<'_>);
}

/// Runs a command at a terminal, to its end.
pub type Enter<'a> = &'a (dyn Fn(&PreparedRun, OwnedFd) -> StepRun + Sync);

/// What a RUN may ask for that reaches beyond its sandbox. Whoever builds has to agree, not only whoever wrote the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entitlement {
    /// The host's network in a build that cuts it off.
    NetworkHost,
    /// Every capability and system call.
    SecurityInsecure,
    /// Devices of this machine.
    Device,
}

impl Entitlement {
    /// What it is called after `--allow`.
    pub fn name(self) -> &'static str {
        match self {
            Self::NetworkHost => "network.host",
            Self::SecurityInsecure => "security.insecure",
            Self::Device => "device",
        }
    }
}

/// Where a secret is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// A file.
    File(PathBuf),
    /// A variable of rplan's own environment.
    Variable(String),
}

impl Default for Settings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            jobs: (2 * cores).max(4),
            weights: BTreeMap::new(),
            keep_going: false,
            cores,
            network: Network::Host,
            fresh: Fresh::Nothing,
            pull: false,
            epoch: None,
            format: ImageFormat::default(),
            labels: BTreeMap::new(),
            allowance: Allowance::default(),
            entitlements: BTreeSet::new(),
            device_folders: FOLDERS.map(PathBuf::from).into(),
            plain_modes: false,
            digests: None,
            timeout: None,
            limits: Limits::default(),
            secrets: BTreeMap::new(),
            agents: BTreeMap::new(),
            visitor: None,
            keeps_failed: false,
            cache_namespace: String::new(),
            cache_from: Vec::new(),
            cache_to: Vec::new(),
        }
    }
}

/// Which earlier results are not used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Fresh {
    /// All are used.
    #[default]
    Nothing,
    /// None is used: `--no-cache`.
    Everything,
    /// Those of these stages are not used: `--no-cache-filter`.
    Stages(Vec<String>),
}

/// What becomes of the result, besides what the store keeps.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    /// Names it gets in the store, as written.
    pub names: Vec<String>,
    /// `--output`, `--push`
    pub written: Vec<Written>,
    /// Whether it is handed to a running Docker or Podman.
    pub load: bool,
}

/// The form of an image: everything that decides its bytes besides what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFormat {
    /// How layers are compressed.
    pub compression: Compression,
    /// Whether those of the base are too; otherwise they stay as they came.
    pub recompresses_base: bool,
    /// Whether no time in its layers is later than `SOURCE_DATE_EPOCH`; otherwise its config alone keeps to that.
    pub rewrites_times: bool,
    /// Whose names its documents go by.
    pub dialect: Dialect,
    /// Remarks in its manifest.
    pub annotations: BTreeMap<String, String>,
    /// Remarks beside its digest, wherever it is listed.
    pub descriptor_annotations: BTreeMap<String, String>,
}

impl Default for ImageFormat {
    fn default() -> Self {
        Self {
            compression: Compression::GZIP,
            recompresses_base: false,
            rewrites_times: true,
            dialect: Dialect::Oci,
            annotations: BTreeMap::new(),
            descriptor_annotations: BTreeMap::new(),
        }
    }
}

/// One `--output`, and the form an image has there: that of the one in the store unless it says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// What is written.
    pub output: Output,
    /// Its form.
    pub format: Option<ImageFormat>,
}

impl From<Output> for Written {
    fn from(output: Output) -> Self {
        Self { output, format: None }
    }
}

/// What is written where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// An image in the store under names, and perhaps in their registries.
    Image {
        /// The names, as written.
        names: Vec<String>,
        /// Whether it is pushed to each of them.
        push: bool,
    },
    /// An OCI archive, or a layout directory.
    Oci {
        /// Where.
        dest: Destination,
        /// Whether it is an archive.
        archive: bool,
    },
    /// An archive for `docker load`.
    Docker(Destination),
    /// The file system as an archive.
    Tar(Destination),
    /// The file system as files in a directory.
    Local(PathBuf),
}

/// Where an output goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A file or directory.
    Path(PathBuf),
    /// Standard output.
    Stdout,
}

/// What a build is done with.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    /// Keeps everything between builds.
    pub store: &'a Store,
    /// Runs commands.
    pub backend: &'a dyn Backend,
    /// Where images are pulled from; none in a build without network.
    pub registries: Option<&'a Registries>,
    /// Calls the build off.
    pub cancel: &'a Cancel,
}

/// What a build gave.
#[derive(Debug)]
pub struct Outcome {
    /// What was to be done.
    pub planned: Planned,
    /// What was done, step by step in the order of the plan; a step that was never reached is missing.
    pub steps: Vec<StepResult>,
    /// The image, unless a step failed.
    pub image: Option<Made>,
    /// What failed first.
    pub failure: Option<Failure>,
    /// What failed after it: beside it, or because the build went on.
    pub also_failed: Vec<Failure>,
    /// How long it all took.
    pub took: Duration,
}

/// What came of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepResult {
    /// Which step.
    pub step: StepId,
    /// How it ended.
    pub ending: Ending,
    /// How long it took when it ran.
    pub took: Duration,
    /// Bytes of content in what it changed.
    pub size: u64,
    /// Why it ran, in sentences.
    pub because: Vec<String>,
}

/// The image that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its manifest.
    pub digest: Digest,
    /// Its config.
    pub config: Digest,
    /// Its size as it travels.
    pub size: u64,
    /// Names it has in the store now, written out in full.
    pub names: Vec<String>,
    /// Its manifest as others refer to it.
    pub descriptor: Descriptor,
    /// When it was made (RFC 3339).
    pub created: Option<String>,
    /// How many of its layers this build packed.
    pub new_layers: usize,
    /// How many bytes those have as they travel.
    pub new_size: u64,
    /// The topmost snapshot of its file system; none for an image without files.
    pub files: Option<SnapshotId>,
}

/// A step that did not succeed.
#[derive(Debug)]
pub struct Failure {
    /// Which.
    pub step: StepId,
    /// Why.
    pub cause: Cause,
    /// The end of what it said.
    pub tail: Vec<String>,
}

/// Why a step did not succeed.
#[derive(Debug)]
pub enum Cause {
    /// Its command ran, or could not.
    Command(Status),
    /// What it asks for cannot be done.
    Error(Error),
}
