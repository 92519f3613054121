//! Why a step runs (again): a closed list, one sentence each.
//!
//! Knows how a reason is worded, not how it is found. Every reason carries the old value and the new one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::plan::record::{FileKind, Shown};
use crate::plan::{StepName, VariableKind};

/// How much of a value one sentence shows.
const MOST_SHOWN: usize = 60;

/// Why a step runs. Old and new values are there; `Display` is the sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[allow(missing_docs, reason = "old and new are what they say, and the variants are told by their sentences")]
pub enum Reason {
    /// `app.py changed: OLD → NEW`
    FileChanged { path: String, old: FileKind, new: FileKind },
    /// `templates/new.html is new`
    FileAdded { path: String },
    /// `old.py is gone`
    FileGone { path: String },
    /// `run.sh: mode 0755 → 0644, same content (a umask?)`
    ModeChanged { path: String, old: u32, new: u32 },
    /// `run.sh: owner 0:0 → 33:33, same content`
    OwnerChanged { path: String, old: (u32, u32), new: (u32, u32) },
    /// `run.sh: other attributes, same content`
    AttributesChanged { path: String },
    /// `ARG REVISION: 1a2b3c → 4d5e6f`
    VariableChanged { kind: VariableKind, name: String, old: Option<Shown>, new: Option<Shown> },
    /// `USER: root → app`
    SettingChanged { name: String, old: Option<String>, new: Option<String> },
    /// `the line changed: OLD → NEW`
    LineChanged { old: String, new: String },
    /// `python:3.9 moved: DIGEST → DIGEST`
    BaseMoved { reference: String, old: Option<Digest>, new: Option<Digest> },
    /// `stage builder gave another /out/app`
    OriginChanged { origin: String, path: String },
    /// `follows [2/4]`
    Follows { step: StepName },
    /// `no earlier run known`
    NoEarlierRun,
    /// `pruned on DATE`
    Pruned { date: String },
    /// `--no-cache`
    NoCache,
    /// `the earlier result was made by another version of rplan`
    OtherVersion,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::FileChanged { path, old, new } => write!(f, "{path} changed: {}", contents(old, new)),
            Reason::FileAdded { path } => write!(f, "{path} is new"),
            Reason::FileGone { path } => write!(f, "{path} is gone"),
            Reason::ModeChanged { path, old, new } => {
                write!(f, "{path}: mode {old:04o} → {new:04o}, same content (a umask?)")
            }
            Reason::OwnerChanged { path, old, new } => {
                write!(f, "{path}: owner {}:{} → {}:{}, same content", old.0, old.1, new.0, new.1)
            }
            Reason::AttributesChanged { path } => write!(f, "{path}: other attributes, same content"),
            Reason::VariableChanged { kind, name, old, new } => {
                let keyword = match kind {
                    VariableKind::Arg => "ARG",
                    VariableKind::Env => "ENV",
                };
                let is_hidden = |value: &Option<Shown>| matches!(value, Some(Shown::Hidden(_)));
                match (old, new) {
                    (Some(_), Some(_)) if is_hidden(old) || is_hidden(new) => {
                        write!(f, "{keyword} {name}: value hidden")
                    }
                    (Some(old), Some(new)) => {
                        write!(f, "{keyword} {name}: {} → {}", shown(&old.to_string()), shown(&new.to_string()))
                    }
                    (_, None) => write!(f, "{keyword} {name} is gone"),
                    (None, Some(new)) if is_hidden(&Some(new.clone())) => {
                        write!(f, "{keyword} {name} is new: value hidden")
                    }
                    (None, Some(new)) => write!(f, "{keyword} {name} is new: {}", shown(&new.to_string())),
                }
            }
            Reason::SettingChanged { name, old, new } => {
                let of = |value: &Option<String>| value.as_deref().map_or_else(|| "unset".to_owned(), shown);
                write!(f, "{name}: {} → {}", of(old), of(new))
            }
            Reason::LineChanged { old, new } => write!(f, "the line changed: {} → {}", shown(old), shown(new)),
            Reason::BaseMoved { reference, old, new } => {
                let of = |digest: &Option<Digest>| digest.map_or_else(|| "unknown".to_owned(), hex);
                let algorithm = if old.is_some() { "sha256 " } else { "" };
                write!(f, "{reference} moved: {algorithm}{} → {}", of(old), of(new))
            }
            Reason::OriginChanged { origin, path } => write!(f, "{origin} gave another /{path}"),
            Reason::Follows { step } => write!(f, "follows {step}"),
            Reason::NoEarlierRun => f.write_str("no earlier run known"),
            Reason::Pruned { date } => write!(f, "pruned on {date}"),
            Reason::NoCache => f.write_str("--no-cache"),
            Reason::OtherVersion => f.write_str("the earlier result was made by another version of rplan"),
        }
    }
}

/// Two contents of a file in a sentence.
fn contents(old: &FileKind, new: &FileKind) -> String {
    match (old, new) {
        (FileKind::File { size: was, content: old }, FileKind::File { size: is, content: new }) => {
            let sizes =
                if was == is { String::new() } else { format!(", {} → {} bytes", grouped(*was), grouped(*is)) };
            format!("sha256 {} → {}{sizes}", hex(*old), hex(*new))
        }
        _ => format!("{} → {}", content(old), content(new)),
    }
}

fn content(kind: &FileKind) -> String {
    match kind {
        FileKind::File { content, .. } => format!("sha256 {}", hex(*content)),
        FileKind::Directory => "a directory".to_owned(),
        FileKind::Symlink { target } => format!("a link to {target}"),
        FileKind::Special { node } => node.clone(),
    }
}

/// The beginning of a digest.
fn hex(digest: Digest) -> String {
    format!("{}…", digest.short())
}

/// A value on one line and not too long.
fn shown(text: &str) -> String {
    let line: String = text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    match line.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None if line.is_empty() => "nothing".to_owned(),
        None => line,
    }
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
