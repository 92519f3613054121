//! Settings in force, each with where it comes from: as TOML for people, or JSON.

use std::fmt;
use std::io;

use serde::Serialize;
use serde_json::Value;

use crate::report::envelope;
use crate::report::style::{Style, Tone};

/// Where remarks begin at the latest: a value that is longer than that pushes its own further out.
const COLUMN: usize = 56;

/// The settings for one path.
#[derive(Debug, Clone, Serialize)]
pub struct SettingsView {
    /// The path that they hold for.
    pub path: String,
    /// The file that holds for it.
    pub file: Option<String>,
    /// Every setting.
    pub settings: Vec<Setting>,
}

/// One setting.
#[derive(Debug, Clone, Serialize)]
pub struct Setting {
    /// Its name, with the tables that it is in.
    pub key: String,
    /// What it is set to.
    pub value: Value,
    /// Where that comes from: more than one place where lists are joined.
    pub origins: Vec<Origin>,
}

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// Nobody set it, and hadolint is what is followed.
    HadolintDefault,
    /// A settings file.
    File {
        /// Its name.
        name: String,
        /// The line, from 1.
        line: usize,
    },
    /// A variable of the environment.
    Environment {
        /// Its name.
        variable: String,
    },
    /// The command line.
    CommandLine {
        /// What was typed.
        option: &'static str,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::HadolintDefault => f.write_str("as hadolint does"),
            Origin::File { name, line } => write!(f, "{name}:{line}"),
            Origin::Environment { variable } => write!(f, "${variable}"),
            Origin::CommandLine { option } => f.write_str(option),
        }
    }
}

/// Writes the settings as lines of TOML, each with where it comes from.
pub fn write_settings_text(view: &SettingsView, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let from = match &view.file {
        Some(file) => format!("{}, by {file}", view.path),
        None => format!("{}, without a settings file", view.path),
    };
    writeln!(out, "{}", style.paint(Tone::Strong, format_args!("# {from}")))?;
    let lines: Vec<String> =
        view.settings.iter().map(|setting| format!("{} = {}", setting.key, toml(&setting.value))).collect();
    let lengths = lines.iter().map(String::len).filter(|length| *length <= COLUMN);
    let column = lengths.max().unwrap_or(0);
    for (line, setting) in lines.iter().zip(&view.settings) {
        let origins: Vec<String> = setting.origins.iter().map(Origin::to_string).collect();
        let is_set = !matches!(setting.origins[..], [Origin::Default | Origin::HadolintDefault]);
        let tone = if is_set { Tone::Info } else { Tone::Faint };
        let remark = style.paint(tone, format_args!("# {}", origins.join(", ")));
        writeln!(out, "{line:column$}  {remark}")?;
    }
    Ok(())
}

/// A value in TOML, on one line.
fn toml(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// Writes the settings as JSON, in rplan's envelope.
pub fn write_settings_json(view: &SettingsView, out: &mut dyn io::Write) -> io::Result<()> {
    envelope::write("config show", view, out)
}
