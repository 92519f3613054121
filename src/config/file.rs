//! Reading a TOML file as a whole: everything that is wrong in it at once, or what it says.

use toml::de::DeTable;

use crate::config::section::{Entry, Section};
use crate::diagnostic::{Finding, RuleId, Severity};
use crate::text::{SourceFile, Span, Spanned, nearest};

/// The name under which mistakes in settings are reported.
const RULE: RuleId = RuleId::builtin("settings");

/// Reads a whole file: `read` asks the root for what it knows. Every mistake of the file at once, or the settings.
pub(super) fn read<T>(
    source: &SourceFile,
    read: impl FnOnce(&mut Section, &mut Mistakes) -> T,
) -> Result<T, Vec<Finding>> {
    let mut mistakes = Mistakes::default();
    if let Some(error) = std::str::from_utf8(source.bytes()).err() {
        mistakes.add(Span::at(error.valid_up_to()), "settings are UTF-8, and this byte is not", None);
        return Err(mistakes.found);
    }
    let (root, errors) = DeTable::parse_recoverable(source.text());
    for error in errors {
        let span = error.span().map_or(source.span(), Span::from);
        mistakes.add(span, error.message(), None);
    }
    let mut section = Section::new(String::new(), Span::at(0), root.get_ref());
    let settings = read(&mut section, &mut mistakes);
    section.finish(&mut mistakes);
    mistakes.result(settings)
}

/// What is wrong in a file.
#[derive(Default)]
pub(super) struct Mistakes {
    found: Vec<Finding>,
}

impl Mistakes {
    /// The settings if nothing is wrong; else everything that is, in the order of the file.
    pub(super) fn result<T>(mut self, settings: T) -> Result<T, Vec<Finding>> {
        match self.found.is_empty() {
            true => Ok(settings),
            false => {
                self.found.sort_by(|a, b| a.order().cmp(&b.order()));
                Err(self.found)
            }
        }
    }

    /// Adds a mistake.
    pub(super) fn add(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        let mut finding = Finding::new(RULE, Severity::Error, span, message);
        finding.help = help;
        self.found.push(finding);
    }

    /// Adds a name that stands for nothing.
    pub(super) fn unknown<'a>(
        &mut self,
        name: &Spanned<String>,
        what: &str,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) {
        let listed = || format!("known: {}", known.clone().into_iter().collect::<Vec<_>>().join(", "));
        let help = meant(&name.value, known.clone()).unwrap_or_else(listed);
        self.add(name.span, format!("there is no {what} `{}`", name.value), Some(help));
    }

    pub(super) fn wrong_type(&mut self, key: &str, value: &Entry, expected: &str) {
        let found = value.get_ref().type_str();
        self.add(value.span().into(), format!("`{key}` is {expected}, not a value of type {found}"), None);
    }
}

/// The known word that was probably meant, as a question.
pub(super) fn meant<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, known).map(|meant| format!("did you mean `{meant}`?"))
}

/// A text in TOML: between the quotes that it needs least escapes in.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
