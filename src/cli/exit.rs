//! How a command ends: the exit codes, and what is said when there is no answer.

use std::fmt::Display;
use std::io;
use std::panic::PanicHookInfo;
use std::process::ExitCode;

use crate::cli::console::{self, Console};
use crate::config::ConfigError;
use crate::diagnostic::{Finding, RuleId, Severity};
use crate::model::shell::is_parsing;
use crate::report::{Tone, draw};
use crate::syntax::SyntaxError;
use crate::text::{SourceFile, Span};

/// The name under which a Dockerfile that cannot be read is reported.
const SYNTAX: RuleId = RuleId::builtin("syntax-error");

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

impl Exit {
    /// This end, or the other one when this is fine: what went wrong first decides.
    pub(super) fn or(self, other: Self) -> Self {
        if self == Self::Fine { other } else { self }
    }
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

    /// One mistake in a file, under the name of what it breaks.
    pub(super) fn drawn(
        exit: Exit,
        source: &SourceFile,
        id: &'static str,
        span: Span,
        message: impl Into<String>,
    ) -> Self {
        let finding = Finding::new(RuleId::builtin(id), Severity::Error, span, message);
        Self::Drawn { exit, source: source.clone(), findings: vec![finding] }
    }

    /// A Dockerfile that cannot be read as one.
    pub(super) fn syntax<'a>(source: &SourceFile, errors: impl IntoIterator<Item = &'a SyntaxError>) -> Self {
        let finding = |error: &SyntaxError| {
            let mut finding = Finding::new(SYNTAX, Severity::Error, error.span, &error.message);
            finding.help = error.help.clone();
            finding
        };
        Self::Drawn { exit: Exit::No, source: source.clone(), findings: errors.into_iter().map(finding).collect() }
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
                let drawn: Vec<String> =
                    findings.iter().map(|finding| draw(&source, finding, console.err_style)).collect();
                console.say(drawn.join("\n").trim_end_matches('\n'));
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

/// Settings that cannot be had: the user's to mend, unless the disk refuses.
impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Wrong { file, findings } => Self::Drawn { exit: Exit::Usage, source: file, findings },
            ConfigError::Variable(_) => Self::usage(error),
            ConfigError::Unreadable { ref source, .. } => match source.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::IsADirectory => Self::usage(error),
                _ => Self::environment(error),
            },
        }
    }
}

/// The panic hook: tells where rplan is wrong and what to do, without pretending that the user is.
pub(super) fn report_bug(panic: &PanicHookInfo<'_>) {
    if is_parsing() {
        return;
    }
    let message = panic.payload_as_str().unwrap_or("no message");
    let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line()));
    console::say_plainly(bug_report(message, place.as_deref()));
}

fn bug_report(message: &str, place: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let place = place.map(|place| format!(" at {place}")).unwrap_or_default();
    format!(
        "error: this is a bug in rplan {version}: {message}{place}\n  \
         help: please report it with the command and the files that led here; nothing is wrong with them"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_contract() {
        let codes = [Exit::Fine, Exit::No, Exit::Usage, Exit::StepFailed, Exit::Environment, Exit::Bug];
        let expected = [0, 1, 2, 3, 4, 101].map(ExitCode::from);
        assert_eq!(format!("{:?}", codes.map(ExitCode::from)), format!("{expected:?}"));
    }

    #[test]
    fn a_bug_is_told_as_one() {
        let report = bug_report("edits overlap", Some("src/text/edit.rs:7"));
        assert!(report.contains("this is a bug in rplan") && report.contains("edits overlap at src/text/edit.rs:7"));
    }
}
