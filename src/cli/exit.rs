//! How a command ends: the exit codes, and what is said when there is no answer.

use std::fmt::Display;
use std::io;
use std::panic::PanicHookInfo;
use std::process::ExitCode;

use crate::cli::console::{self, Console};
use crate::diagnostic::Finding;
use crate::report::{Tone, draw};
use crate::text::SourceFile;

/// How a command ended, as the shell sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Fine.
    Fine,
    /// The answer is no: findings, an error in a Dockerfile, something would change.
    No,
    /// Usage or configuration is wrong.
    Usage,
    /// A build step failed.
    StepFailed,
    /// The environment refused.
    Environment,
    /// A bug in rplan.
    Bug,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::No => 1,
            Exit::Usage => 2,
            Exit::StepFailed => 3,
            Exit::Environment => 4,
            Exit::Bug => 101,
        })
    }
}

/// What a command gives back.
pub(super) type Answer<T = Exit> = Result<T, Failure>;

/// Why a command stopped without an answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// Said in words.
    Said {
        /// How it ends.
        exit: Exit,
        /// What is wrong.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// Drawn into a file: a Dockerfile or a settings file.
    Drawn {
        /// How it ends.
        exit: Exit,
        /// The file.
        source: SourceFile,
        /// What is wrong in it.
        findings: Vec<Finding>,
    },
    /// Whoever read the output has gone; there is nobody left to tell.
    NobodyListens,
}

impl Failure {
    /// The command was used wrongly.
    pub(super) fn usage(message: impl Display) -> Self {
        Self::said(Exit::Usage, message)
    }

    /// The environment refused.
    pub(super) fn environment(message: impl Display) -> Self {
        Self::said(Exit::Environment, message)
    }

    /// The answer is no.
    pub(super) fn no(message: impl Display) -> Self {
        Self::said(Exit::No, message)
    }

    /// A failure said in words.
    pub(super) fn said(exit: Exit, message: impl Display) -> Self {
        Self::Said { exit, message: message.to_string(), help: None }
    }

    /// The same, with what to do about it.
    pub(super) fn with_help(self, text: impl Into<String>) -> Self {
        match self {
            Self::Said { exit, message, .. } => Self::Said { exit, message, help: Some(text.into()) },
            other => other,
        }
    }

    /// Tells it on stderr and says how the process ends.
    pub(super) fn report(self, console: &mut Console) -> Exit {
        match self {
            Self::Said { exit, message, help } => {
                let error = console.err_style.paint(Tone::Error, "error:");
                console.say(format_args!("{error} {message}"));
                if let Some(help) = help {
                    let title = console.err_style.paint(Tone::Info, "help:");
                    console.say(format_args!("  {title} {help}"));
                }
                exit
            }
            Self::Drawn { exit, source, findings } => {
                for finding in &findings {
                    let drawn = draw(&source, finding, console.err_style);
                    console.say(drawn.trim_end_matches('\n'));
                }
                exit
            }
            Self::NobodyListens => Exit::Fine,
        }
    }
}

/// Writing a result failed.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::NobodyListens,
            _ => Self::environment(format_args!("cannot write the output: {error}")),
        }
    }
}

/// The panic hook: tells where rplan is wrong and what to do, without pretending that the user is.
pub(super) fn report_bug(panic: &PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("no message");
    let place = panic.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    console::say_plainly(format_args!(
        "error: this is a bug in rplan {version}: {message}{place}\n  \
         help: please report it with the command and the files that led here; nothing is wrong with them"
    ));
}
