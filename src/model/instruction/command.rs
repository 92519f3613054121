//! What runs a command: RUN with its flags, and the command itself, which CMD, ENTRYPOINT and HEALTHCHECK have too.

use super::Word;
use crate::model::shell::ShellBody;
use crate::syntax::{Heredoc, JoinedText};
use crate::text::{Span, Spanned};

/// A command: of RUN, CMD, ENTRYPOINT or HEALTHCHECK CMD.
#[derive(Debug, Clone)]
pub enum Command {
    /// Shell form: the text, and what the shell makes of it.
    Shell {
        /// The text with continuations joined.
        text: JoinedText,
        /// The parsed text.
        body: ShellBody,
    },
    /// Exec form.
    Exec(Vec<Spanned<String>>),
    /// RUN with nothing but one heredoc: its body is the script.
    Script {
        /// The heredoc.
        heredoc: Heredoc,
        /// The parsed body; opaque where a shebang names another interpreter.
        body: ShellBody,
    },
    /// RUN with a heredoc and more on the line: the shell sees line and bodies.
    ShellWithHeredocs {
        /// The line.
        text: JoinedText,
        /// The heredocs, in order.
        heredocs: Vec<Heredoc>,
        /// The parsed line; bodies are not searched.
        body: ShellBody,
    },
}

impl Command {
    /// The parsed shell text, unless it is exec form.
    pub fn body(&self) -> Option<&ShellBody> {
        match self {
            Command::Shell { body, .. } | Command::Script { body, .. } | Command::ShellWithHeredocs { body, .. } => {
                Some(body)
            }
            Command::Exec(_) => None,
        }
    }
}

/// RUN.
#[derive(Debug, Clone)]
pub struct Run {
    /// What runs.
    pub command: Command,
    /// `--mount`, in order.
    pub mounts: Vec<Mount>,
    /// `--network`
    pub network: Option<Spanned<String>>,
    /// `--security`
    pub security: Option<Spanned<Security>>,
    /// `--device`
    pub devices: Vec<Device>,
}

/// The value of `--security`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// The default.
    Sandbox,
    /// All privileges.
    Insecure,
}

/// One `--device`.
#[derive(Debug, Clone)]
pub struct Device {
    /// The value as written.
    pub value: Spanned<String>,
}

/// One `--mount`.
#[derive(Debug, Clone)]
pub struct Mount {
    /// The whole flag.
    pub span: Span,
    /// Its type; none when it is a variable.
    pub kind: Option<MountKind>,
    /// The options as `key`, value, in order; values may hold variables.
    pub options: Vec<(Spanned<String>, Option<Word>)>,
}

impl Mount {
    /// The value of the first option that has one of these names.
    pub fn option(&self, names: &[&str]) -> Option<&Word> {
        self.options.iter().find(|(key, _)| names.contains(&key.value.as_str())).and_then(|(_, word)| word.as_ref())
    }
}

/// The type of a mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are those of the language")]
pub enum MountKind {
    Bind,
    Cache,
    Tmpfs,
    Secret,
    Ssh,
}

impl MountKind {
    /// Every type, with its name.
    pub const NAMES: &[(&str, MountKind)] = &[
        ("bind", MountKind::Bind),
        ("cache", MountKind::Cache),
        ("tmpfs", MountKind::Tmpfs),
        ("secret", MountKind::Secret),
        ("ssh", MountKind::Ssh),
    ];

    /// The type of this name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, kind)| *kind)
    }

    /// The name of the type.
    pub fn name(self) -> &'static str {
        match self {
            MountKind::Bind => "bind",
            MountKind::Cache => "cache",
            MountKind::Tmpfs => "tmpfs",
            MountKind::Secret => "secret",
            MountKind::Ssh => "ssh",
        }
    }
}
