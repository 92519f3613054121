//! Everything around a Dockerfile that a decision may look at, as a value. Every part may be unknown, and then rules
//! and rewrites stay silent. Filled from disk by `workspace`; in memory by tests.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::model::contexts::ContextNames;
use crate::model::shell::{Remark, ShellText};

/// What is known around a Dockerfile.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// The build context.
    pub context: Option<Arc<dyn BuildContext>>,
    /// What changed in past commits.
    pub history: Option<History>,
    /// What those commits made of the Dockerfile itself.
    pub edits: Vec<DockerfileEdit>,
    /// Facts of base images, by normalised reference; of what stands for the image, where a named context does.
    pub images: BTreeMap<String, ImageFacts>,
    /// The targets that somebody builds on purpose (from settings, Bake or Compose files).
    pub targets: Option<BTreeSet<String>>,
    /// Names that stand for named contexts (`--build-context`).
    pub named_contexts: BTreeSet<String>,
    /// Today as `YYYY-MM-DD`.
    pub today: Option<String>,
    /// Whoever knows shells better than rplan.
    pub shell_checker: Option<Arc<dyn ShellChecker>>,
    /// What building has shown of images that hold less; none where nobody has built any.
    pub needs: Option<RuntimeNeeds>,
}

impl Surroundings {
    /// Whether a named context stands for the image or stage of this name, when building for `platform`.
    pub fn names_context(&self, name: &str, platform: &str) -> bool {
        ContextNames::new(&self.named_contexts, platform).contain(name)
    }
}

/// What an image that holds less than the file builds today was seen to need when it runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuntimeNeeds {
    /// Packages of its distribution.
    pub packages: BTreeSet<String>,
    /// What no package brings, as absolute paths.
    pub paths: BTreeSet<String>,
    /// Images that it could have stood on and that cannot be had.
    pub out_of_reach: BTreeSet<String>,
}

/// A program that judges shell text.
pub trait ShellChecker: Send + Sync {
    /// What it says of each text, in the order of the texts; nothing when it cannot be asked.
    fn check(&self, texts: &[ShellText]) -> Vec<Remark>;
}

/// The files of a build context, already filtered by the ignore rules.
pub trait BuildContext: Send + Sync {
    /// Every included entry, sorted by path. Paths are relative, `/`-separated, without `./`.
    fn entries(&self) -> &[ContextEntry];

    /// The bytes of an included file.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// The digest of an included file's content.
    fn digest(&self, path: &str) -> io::Result<Digest>;

    /// Whether the path exists but the ignore rules exclude it.
    fn is_excluded(&self, path: &str) -> bool;

    /// Whether the ignore rules exclude the path, whether or not there is anything.
    fn excludes(&self, path: &str) -> bool {
        self.is_excluded(path)
    }

    /// Whether an ignore file is in force.
    fn has_ignore_file(&self) -> bool;

    /// How many included files there are.
    fn file_count(&self) -> usize {
        self.entries().iter().filter(|entry| entry.kind == EntryKind::File).count()
    }

    /// The included entry at `path`.
    fn entry(&self, path: &str) -> Option<&ContextEntry> {
        let entries = self.entries();
        entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok().map(|index| &entries[index])
    }
}

/// One entry of a build context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextEntry {
    /// Relative path.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Permission bits, setuid and the like included.
    pub mode: u32,
    /// Size of a file in bytes, else 0.
    pub size: u64,
}

/// What an entry of a context is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link with its target.
    Symlink(String),
    /// Anything else (socket, fifo, device).
    Other,
}

/// Which files past commits changed, newest commit first. Paths are relative to the context.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct History {
    /// One set of changed paths per commit.
    pub commits: Vec<BTreeSet<String>>,
    /// The name of each commit; empty where nobody knows them.
    #[serde(default)]
    pub names: Vec<String>,
    /// When each was made, in seconds since 1970; empty where nobody knows.
    #[serde(default)]
    pub times: Vec<i64>,
}

/// What a commit of the history made of the Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerfileEdit {
    /// Which commit of the history, 0 for the newest.
    pub commit: usize,
    /// The whole text as it was.
    pub before: String,
    /// The whole text then.
    pub after: String,
}

/// What is known of a base image: its runtime config.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImageFacts {
    /// The digest that identifies it (of manifest or chain), when it is at hand.
    pub digest: Option<Digest>,
    /// Its runtime config.
    pub config: RuntimeConfig,
    /// Whether it has no layers, so that it is as good as `scratch`.
    pub empty: bool,
    /// The platform it is for, where it is for that one alone.
    #[serde(default)]
    pub platform: Option<String>,
}

/// The part of an image's config that Dockerfiles read and write.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RuntimeConfig {
    /// ENV, in order; names are unique.
    pub env: Vec<(String, String)>,
    /// WORKDIR as stored; empty means `/`.
    pub workdir: String,
    /// USER as stored; empty means root.
    pub user: String,
    /// SHELL, when set.
    pub shell: Option<Vec<String>>,
    /// ENTRYPOINT, when set.
    pub entrypoint: Option<Vec<String>>,
    /// CMD, when set.
    pub cmd: Option<Vec<String>>,
    /// Whether there ever was a CMD: Docker says so of every image that had one.
    pub args_escaped: bool,
    /// EXPOSE, as `port/protocol`.
    pub exposed: BTreeSet<String>,
    /// VOLUME.
    pub volumes: BTreeSet<String>,
    /// LABEL.
    pub labels: BTreeMap<String, String>,
    /// STOPSIGNAL as stored.
    pub stopsignal: Option<String>,
    /// HEALTHCHECK.
    pub healthcheck: Option<HealthcheckConfig>,
    /// ONBUILD triggers, in order.
    pub onbuild: Vec<String>,
    /// The author, from MAINTAINER.
    pub author: Option<String>,
}

/// HEALTHCHECK as an image stores it; times in nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HealthcheckConfig {
    /// `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", …]`.
    pub test: Vec<String>,
    /// `--interval`
    pub interval: i64,
    /// `--timeout`
    pub timeout: i64,
    /// `--start-period`
    pub start_period: i64,
    /// `--start-interval`
    pub start_interval: i64,
    /// `--retries`
    pub retries: i64,
}
