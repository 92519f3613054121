//! What a finding is: rule, severity, message, labels, and the fixes that would end it.
//!
//! Does not know where findings are printed, nor which of them are wanted.
//! Invariant: a finding has exactly one primary span; a fix is an [`EditSet`] with a declared safety.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::text::{EditSet, Span};

/// The name of a rule or rewrite, in kebab-case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(Cow<'static, str>);

impl RuleId {
    /// The id of a rule that is compiled in.
    pub const fn builtin(id: &'static str) -> Self {
        Self(Cow::Borrowed(id))
    }

    /// The id of a user's own rule.
    pub fn user(id: impl Into<String>) -> Self {
        Self(Cow::Owned(id.into()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How bad it is; ordered from mild to grave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A matter of taste.
    Style,
    /// Worth knowing.
    Info,
    /// Probably wrong or costly.
    Warning,
    /// Wrong.
    Error,
}

impl Severity {
    /// Every severity, mild ones first.
    pub const ALL: [Severity; 4] = [Severity::Style, Severity::Info, Severity::Warning, Severity::Error];

    /// The severity as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Style => "style",
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A span with a few words about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be seen there; may be empty.
    pub message: String,
}

/// Whether a fix may be applied without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// The build gives the same tree and the same runtime config.
    Safe,
    /// May change either, as the rule declares.
    Unsafe,
    /// Only shown, never applied.
    Display,
}

impl Safety {
    /// The safety as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Safety::Safe => "safe",
            Safety::Unsafe => "unsafe",
            Safety::Display => "display",
        }
    }
}

/// A repair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What it does, as a command: "add a trailing slash".
    pub title: String,
    /// Whether it may be applied without asking.
    pub safety: Safety,
    /// The change.
    pub edits: EditSet,
}

/// What names a place wherever its line moves to: where in which stage, and the how-manieth of its rule there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Anchor {
    /// The name of the stage, or its number; empty before the first one.
    pub stage: Arc<str>,
    /// The instruction on one line, or the beginning of a long one.
    pub instruction: Arc<str>,
    /// How many findings of the same rule on the same instruction come before.
    pub ordinal: usize,
}

/// One thing worth telling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule that found it.
    pub rule: RuleId,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, as one sentence without a full stop.
    pub message: String,
    /// Which of the names that other linters have for the rule hold here; all of them where none is said.
    pub known_as: Vec<&'static str>,
    /// The place at fault.
    pub primary: Label,
    /// Other places that explain it, in the order of the file.
    pub related: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// Repairs, the best one first.
    pub fixes: Vec<Fix>,
    /// Whether the text at the place at fault is a secret: then no report shows it.
    pub hides: bool,
    /// What names it wherever its line moves to; linting gives it.
    pub anchor: Option<Anchor>,
}

impl Finding {
    /// Starts a finding: what is wrong and where.
    pub fn new(rule: RuleId, severity: Severity, span: Span, message: impl Into<String>) -> Self {
        let primary = Label { span, message: String::new() };
        Self {
            rule,
            severity,
            message: message.into(),
            known_as: Vec::new(),
            primary,
            related: Vec::new(),
            help: None,
            fixes: Vec::new(),
            hides: false,
            anchor: None,
        }
    }

    /// The key that findings of one file are ordered by.
    pub fn order(&self) -> (Span, &RuleId, &str) {
        (self.primary.span, &self.rule, &self.message)
    }
}
