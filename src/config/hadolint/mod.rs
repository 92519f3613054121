//! hadolint's settings: its file and its variables, in the words of `rplan.toml`.
//!
//! Whatever hadolint is told becomes the text of an `rplan.toml` ([`Translation`]), which is read like any other: what
//! `config migrate` writes and what holds without it cannot differ.

mod environment;
mod file;
mod translate;

pub(super) use environment::VARIABLES;
pub use environment::VariableError;
pub use translate::Translation;

use crate::config::Origin;
use crate::diagnostic::{Finding, Severity};
use crate::rules::meta::RuleMeta;
use crate::text::SourceFile;

/// What hadolint is told, in the order in which it listens: variables, then the file.
#[derive(Debug, Clone, Default)]
struct Told {
    ignored: Vec<Placed<String>>,
    overrides: Vec<(Severity, Placed<String>)>,
    threshold: Option<Placed<Severity>>,
    registries: Vec<Placed<String>>,
    /// The key of a label, and the form of its value.
    labels: Vec<(Placed<String>, String)>,
    strict_labels: Option<Placed<bool>>,
    no_fail: Option<Placed<bool>>,
    disable_ignore_pragma: Option<Placed<bool>>,
    formats: Vec<Placed<String>>,
    no_color: Option<Placed<bool>>,
    verbose: Option<Placed<bool>>,
}

/// Something that hadolint is told, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Placed<T> {
    value: T,
    origin: Origin,
}

/// The forms that the value of a label may have.
const LABEL_FORMS: [&str; 7] = ["email", "hash", "rfc3339", "semver", "spdx", "text", "url"];

/// hadolint's severities. What is to be ignored is graver than nothing, so that anything at all fails.
const SEVERITIES: [(&str, Severity); 6] = [
    ("error", Severity::Error),
    ("warning", Severity::Warning),
    ("info", Severity::Info),
    ("style", Severity::Style),
    ("ignore", Severity::Style),
    ("none", Severity::Style),
];

/// Why hadolint's settings cannot be had.
#[derive(Debug)]
pub(super) enum Refused {
    File(Vec<Finding>),
    Variable(VariableError),
}

/// What hadolint's file and its variables say, in the words of `rplan.toml`. `rules` are those that can be named.
pub(super) fn translate(
    file: Option<&SourceFile>,
    variables: &[(&'static str, String)],
    rules: &[&RuleMeta],
) -> Result<Translation, Refused> {
    let from_variables = environment::read(variables).map_err(Refused::Variable)?;
    let from_file = file.map(file::read).transpose().map_err(Refused::File)?.unwrap_or_default();
    Ok(translate::translate(&from_variables.joined(from_file), rules))
}

impl Told {
    /// Both: lists are joined, and of two labels of one name the first counts; of all else the second.
    fn joined(mut self, then: Told) -> Told {
        self.ignored.extend(then.ignored);
        self.overrides.extend(then.overrides);
        self.registries.extend(then.registries);
        self.labels.extend(then.labels);
        self.formats.extend(then.formats);
        Told {
            threshold: then.threshold.or(self.threshold),
            strict_labels: then.strict_labels.or(self.strict_labels),
            no_fail: then.no_fail.or(self.no_fail),
            disable_ignore_pragma: then.disable_ignore_pragma.or(self.disable_ignore_pragma),
            no_color: then.no_color.or(self.no_color),
            verbose: then.verbose.or(self.verbose),
            ..self
        }
    }
}

/// The severity of this name.
fn severity(name: &str) -> Option<Severity> {
    SEVERITIES.iter().find(|(word, _)| *word == name).map(|(_, severity)| *severity)
}
