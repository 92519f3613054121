//! Instructions by type. Words keep what was written; their values live in [`Resolved`](crate::model::Resolved).

mod command;
mod transfer;

pub use command::{Command, Device, Mount, MountKind, Run, Security};
pub use transfer::{Add, Copy, CopySource, Transfer};

use crate::syntax::{JoinedText, Keyword, duration};
use crate::text::{Span, Spanned};

/// Which stage, counted from 0 in the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct StageId(pub usize);

/// Which instruction, counted from 0 in the order of the file (global ARGs first).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct InstructionId(pub usize);

/// Which word; the key to its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WordId(pub usize);

/// A word that a builder expands: what was written, quotes included, and the key to its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The key to its value.
    pub id: WordId,
    /// As written.
    pub raw: JoinedText,
}

impl Word {
    /// Where it stands.
    pub fn span(&self) -> Span {
        self.raw.span()
    }
}

/// A stage: FROM and what follows up to the next FROM.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Which one it is.
    pub id: StageId,
    /// The name after AS, in lower case; `raw` spelling is in the source.
    pub name: Option<Spanned<String>>,
    /// All instructions; the first is FROM.
    pub instructions: Vec<Instruction>,
    /// The comment block above FROM that describes the stage by name.
    pub description: Option<String>,
    /// From FROM to the end of the last instruction.
    pub span: Span,
}

impl Stage {
    /// Its FROM.
    pub fn from(&self) -> Option<&From> {
        match self.instructions.first().map(|first| &first.operation) {
            Some(Operation::From(from)) => Some(from),
            _ => None,
        }
    }
}

/// One instruction.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// Which one it is.
    pub id: InstructionId,
    /// The stage it belongs to; none for a global ARG.
    pub stage: Option<StageId>,
    /// Which keyword.
    pub keyword: Keyword,
    /// The keyword as written.
    pub keyword_span: Span,
    /// From the keyword to the last byte, heredoc bodies included.
    pub span: Span,
    /// Index of the item in [`Tree::items`](crate::syntax::Tree::items).
    pub item: usize,
    /// On one line, as shown: the keyword in capitals, blanks as one.
    pub text: String,
    /// What it does.
    pub operation: Operation,
}

/// What an instruction does.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each variant is documented by the type it holds")]
pub enum Operation {
    Add(Add),
    Arg(Vec<Arg>),
    Cmd(Command),
    Copy(Copy),
    Entrypoint(Command),
    Env(Env),
    Expose(Expose),
    From(From),
    Healthcheck(Healthcheck),
    Label(Label),
    Maintainer(JoinedText),
    Onbuild(Onbuild),
    Run(Run),
    Shell(Shell),
    Stopsignal(Stopsignal),
    User(User),
    Volume(Volume),
    Workdir(Workdir),
}

impl Operation {
    /// Calls `visit` with every word of the operation, in the order of the file. Words of an ONBUILD trigger are not
    /// among them: they have no value until it fires.
    pub fn for_each_word<'a>(&'a self, visit: &mut dyn FnMut(&'a Word)) {
        match self {
            Operation::Add(add) => {
                add.transfer.for_each_word(visit);
                add.checksum.iter().for_each(visit);
            }
            Operation::Arg(args) => args.iter().filter_map(|arg| arg.default.as_ref()).for_each(visit),
            Operation::Copy(copy) => copy.transfer.for_each_word(visit),
            Operation::Env(Env { pairs, .. }) | Operation::Label(Label { pairs, .. }) => {
                pairs.iter().flat_map(|pair| [&pair.key, &pair.value]).for_each(visit);
            }
            Operation::Expose(expose) => expose.ports.iter().for_each(visit),
            Operation::From(from) => from.platform.iter().chain([&from.image]).for_each(visit),
            Operation::Run(run) => {
                let options = run.mounts.iter().flat_map(|mount| &mount.options);
                options.filter_map(|(_, value)| value.as_ref()).for_each(visit);
            }
            Operation::Stopsignal(stopsignal) => visit(&stopsignal.signal),
            Operation::User(user) => visit(&user.user),
            Operation::Volume(volume) => volume.paths.iter().for_each(visit),
            Operation::Workdir(workdir) => visit(&workdir.path),
            Operation::Cmd(_)
            | Operation::Entrypoint(_)
            | Operation::Healthcheck(_)
            | Operation::Maintainer(_)
            | Operation::Onbuild(_)
            | Operation::Shell(_) => {}
        }
    }
}

/// `FROM [--platform=P] IMAGE [AS NAME]`
#[derive(Debug, Clone)]
pub struct From {
    /// `--platform`
    pub platform: Option<Word>,
    /// The image or stage, before expansion.
    pub image: Word,
    /// The word AS and the name as written.
    pub alias: Option<(Span, Spanned<String>)>,
}

/// One variable of ARG.
#[derive(Debug, Clone)]
pub struct Arg {
    /// The name; not expanded.
    pub name: Spanned<String>,
    /// The default.
    pub default: Option<Word>,
    /// The comment above that describes it by name.
    pub description: Option<String>,
}

/// ENV.
#[derive(Debug, Clone)]
pub struct Env {
    /// The pairs in order.
    pub pairs: Vec<EnvPair>,
    /// Whether it is the legacy form `ENV key value`.
    pub legacy: bool,
}

/// LABEL.
#[derive(Debug, Clone)]
pub struct Label {
    /// The pairs in order.
    pub pairs: Vec<EnvPair>,
    /// Whether it is the legacy form `LABEL key value`.
    pub legacy: bool,
}

/// One key and value of ENV or LABEL; both are expanded.
#[derive(Debug, Clone)]
pub struct EnvPair {
    /// The key.
    pub key: Word,
    /// The value.
    pub value: Word,
}

/// EXPOSE; each word may expand to several ports.
#[derive(Debug, Clone)]
pub struct Expose {
    /// The words as written, in order.
    pub ports: Vec<Word>,
}

/// HEALTHCHECK.
#[derive(Debug, Clone)]
pub struct Healthcheck {
    /// The command; none for `HEALTHCHECK NONE`.
    pub command: Option<Command>,
    /// The flags `interval`, `timeout`, `start-period`, `start-interval`, `retries` as written, in order.
    pub options: Vec<(Spanned<String>, Spanned<String>)>,
}

impl Healthcheck {
    /// The time that a flag gives, in nanoseconds; 0 where it is not written.
    pub fn time(&self, flag: &str) -> i64 {
        self.option(flag).and_then(duration).unwrap_or_default()
    }

    /// How often it may fail; 0 where it is not written.
    pub fn retries(&self) -> i64 {
        self.option("retries").and_then(|retries| retries.parse().ok()).unwrap_or_default()
    }

    fn option(&self, flag: &str) -> Option<&str> {
        self.options.iter().find(|(name, _)| name.value == flag).map(|(_, value)| value.value.as_str())
    }
}

/// ONBUILD.
#[derive(Debug, Clone)]
pub struct Onbuild {
    /// The instruction it stores, as text, heredoc bodies included.
    pub text: String,
    /// The stored instruction, typed; its words are expanded only when it is triggered.
    pub trigger: Box<Instruction>,
}

/// SHELL.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The words of the array.
    pub words: Vec<Spanned<String>>,
}

/// STOPSIGNAL.
#[derive(Debug, Clone)]
pub struct Stopsignal {
    /// The signal.
    pub signal: Word,
}

/// USER.
#[derive(Debug, Clone)]
pub struct User {
    /// `user[:group]`
    pub user: Word,
}

/// VOLUME.
#[derive(Debug, Clone)]
pub struct Volume {
    /// The paths.
    pub paths: Vec<Word>,
}

/// WORKDIR.
#[derive(Debug, Clone)]
pub struct Workdir {
    /// The directory.
    pub path: Word,
}
