//! What is kept of a step that ran: enough to say later why it runs again.
//!
//! Does not know where records are kept. Invariant: no value of a secret is in a record, only what tells one from
//! another.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, Hasher};
use crate::model::{Security, secret};
use crate::plan::{
    Filesystem, Network, Operation, Origin, Planned, Run, Source, Step, StepId, StepName, Transfer, VariableKind,
};
use crate::text::Spanned;

/// What one step was in one build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// What it was called.
    pub name: StepName,
    /// Its stage: the name, or the number.
    pub stage: String,
    /// The instruction on one line, as shown.
    pub text: String,
    /// Line by line what it did, variables expanded and heredocs written out.
    pub lines: Vec<String>,
    /// What else it did it with, by what it is called in a Dockerfile.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// Its variables, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, VariableRecord>,
    /// The image it brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<BaseRecord>,
    /// The step below it, if its result depends on that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<BelowRecord>,
    /// The stage or image that its files came from; none for the build context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The list of the files that it took, by what it is kept under; none of no files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Digest>,
    /// The content key, once the inputs are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Digest>,
}

/// A variable as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableRecord {
    /// What set it.
    pub kind: VariableKind,
    /// Its value.
    pub value: Shown,
}

/// A value as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// It may.
    Text(String),
    /// It may not: its name is that of a secret. What is kept tells one value from another.
    Hidden(Digest),
}

impl Shown {
    /// `value` of the variable `name`, hidden if the name is that of a secret.
    pub fn of(name: &str, value: &str) -> Self {
        if !secret::is_secret_name(name) {
            return Shown::Text(value.to_owned());
        }
        let mut hasher = Hasher::new();
        hasher.field("rplan secret");
        hasher.field(name);
        hasher.field(value);
        Shown::Hidden(hasher.finish())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shown::Text(text) => f.write_str(text),
            Shown::Hidden(_) => f.write_str("(hidden)"),
        }
    }
}

/// The image that a step brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseRecord {
    /// As written.
    pub reference: String,
    /// Which it was, if that is known.
    pub digest: Option<Digest>,
}

/// What a step stood on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BelowRecord {
    /// The step, in its build.
    pub step: StepId,
    /// The file system that it left; none as long as that is not known.
    pub digest: Option<Digest>,
}

/// A file that a step took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// What it is.
    #[serde(flatten)]
    pub what: FileKind,
    /// Permission bits; none where they do not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<u32>,
    /// Owner and group.
    pub owner: (u32, u32),
    /// Everything that counts about it, its attributes included; none where that has not been looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

/// The part of a file's record that depends on what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum FileKind {
    /// A regular file.
    File {
        /// Its length.
        size: u64,
        /// Its content.
        content: Digest,
    },
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink {
        /// Where it points.
        target: String,
    },
    /// Anything else, in words.
    Special {
        /// Such as `fifo`.
        node: String,
    },
}

impl StepRecord {
    /// What is known of a step before it runs: everything but its files, the file system below it, and its key.
    pub fn of(planned: &Planned, step: &Step) -> Self {
        let below = step.below.filter(|_| step.reads_below()).and_then(Filesystem::step);
        let mut record = Self {
            name: step.name.clone(),
            stage: planned.stage_label(step.stage),
            text: step.text.clone(),
            lines: Vec::new(),
            settings: BTreeMap::new(),
            variables: BTreeMap::new(),
            base: None,
            below: below.map(|step| BelowRecord { step, digest: None }),
            origin: None,
            files: None,
            key: None,
        };
        record.describe(planned, &step.operation);
        record
    }

    fn describe(&mut self, planned: &Planned, operation: &Operation) {
        let mut set = |name: &str, value: &str| drop(self.settings.insert(name.to_owned(), value.to_owned()));
        match operation {
            Operation::Base(base) => {
                set("--platform", &base.platform);
                self.base = Some(BaseRecord { reference: base.reference.clone(), digest: base.digest });
            }
            Operation::Run(run) => {
                set("USER", &run.user);
                set("WORKDIR", &run.cwd);
                let (text, shell) = run.argv.split_last().expect("a command has at least one word");
                match run.is_shell_form {
                    true => set("SHELL", &format!("{shell:?}")),
                    false => self.lines = run.argv.clone(),
                }
                if run.is_shell_form {
                    let script = run.script.as_ref().map_or(text.as_str(), |script| script.content.as_str());
                    self.lines = script.lines().map(str::to_owned).collect();
                }
                self.lines.extend(flag_lines(run));
                self.variables = run
                    .env
                    .iter()
                    .map(|variable| {
                        let value = Shown::of(&variable.name, &variable.value);
                        (variable.name.clone(), VariableRecord { kind: variable.kind, value })
                    })
                    .collect();
            }
            Operation::Copy(copy) => {
                self.lines = transfer_lines(&copy.transfer);
                let keeps_parents = copy.parents.as_ref().is_some_and(|parents| parents.value);
                self.lines.extend(keeps_parents.then(|| "--parents".to_owned()));
                self.origin = match copy.origin {
                    Origin::Context => None,
                    Origin::Stage { stage, .. } => Some(format!("stage {}", planned.stage_label(stage))),
                    Origin::Image(step) => match &planned.step(step).operation {
                        Operation::Base(base) => Some(base.reference.clone()),
                        _ => unreachable!("an image is brought by a base"),
                    },
                };
            }
            Operation::Add(add) => {
                self.lines = transfer_lines(&add.transfer);
                let flags = [("unpack", &add.unpack), ("keep-git-dir", &add.keep_git_dir)];
                let written =
                    |(name, flag): (&str, &Option<Spanned<bool>>)| Some(format!("--{name}={}", flag.as_ref()?.value));
                self.lines.extend(flags.into_iter().filter_map(written));
                self.lines.extend(add.checksum.as_ref().map(|checksum| format!("--checksum={}", checksum.value)));
            }
            Operation::Workdir(workdir) => {
                set("USER", &workdir.user);
                self.lines = vec![workdir.path.clone()];
            }
        }
    }
}

fn transfer_lines(transfer: &Transfer) -> Vec<String> {
    let mut lines = Vec::new();
    for source in &transfer.sources {
        match &source.value {
            Source::Path(path) if path.is_empty() => lines.push(".".to_owned()),
            Source::Path(text) | Source::Url(text) | Source::Git(text) => lines.push(text.clone()),
            // Variables are written out in it, secrets among them.
            Source::Inline(inline) => lines.push(format!("<<{} {}", inline.name, Digest::of(&inline.content).short())),
        }
    }
    lines.push(transfer.destination.clone());
    let flags = [("chown", &transfer.owner), ("chmod", &transfer.mode)];
    lines.extend(flags.iter().filter_map(|(name, flag)| Some(format!("--{name}={}", flag.as_ref()?.value))));
    lines.extend(transfer.link.then(|| "--link".to_owned()));
    lines.extend(transfer.exclude.iter().map(|pattern| format!("--exclude={}", pattern.value)));
    lines
}

fn flag_lines(run: &Run) -> Vec<String> {
    let mut lines = Vec::new();
    for mount in &run.mounts {
        lines.push(format!("--mount {:?}", mount.options));
    }
    match run.network {
        Network::Default => {}
        Network::None => lines.push("--network=none".to_owned()),
        Network::Host => lines.push("--network=host".to_owned()),
    }
    lines.extend(run.security.as_ref().map(|security| match security.value {
        Security::Insecure => "--security=insecure".to_owned(),
        Security::Sandbox => "--security=sandbox".to_owned(),
    }));
    lines.extend(run.devices.iter().map(|device| format!("--device={}", device.value)));
    lines
}
