//! The YAML file of a rule: what people read, what the engine needs, and the examples that prove both.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::diagnostic::{RuleId, Safety, Severity};
use crate::rules::{
    Category, Change, Confidence, FixPromise, List, Match, Offered, OptionMeta, RuleMeta, Status, Text,
};

/// A rule as its file says it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names are those of the file, and of RuleMeta")]
pub struct Document {
    pub id: String,
    pub since: String,
    pub edition: u16,
    pub status: Status,
    pub category: Category,
    pub severity: Severity,
    pub confidence: Confidence,
    pub summary: String,
    pub why: String,
    pub advice: String,
    #[serde(default)]
    pub limits: String,
    #[serde(default = "never")]
    pub fix: Offered,
    #[serde(default = "safe")]
    pub safety: Safety,
    #[serde(default)]
    pub changes: Vec<Change>,
    #[serde(default)]
    pub aliases: Vec<String>,
    #[serde(default)]
    pub options: Vec<OptionMeta>,
    #[serde(default)]
    pub references: Vec<String>,
    #[serde(default, rename = "match")]
    pub matches: Option<Match>,
    pub examples: Vec<Example>,
}

/// One example of a rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// A file with the findings that it must give, or none for a good one.
    pub dockerfile: String,
    /// The findings, in order.
    #[serde(default)]
    pub expect: Vec<Expected>,
    /// What the file becomes when every fix is applied.
    #[serde(default)]
    pub fixed: Option<String>,
    /// Files of the build context; without any, the context is unknown.
    #[serde(default)]
    pub context: BTreeMap<String, String>,
}

/// A finding that an example must give.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The line, from 1.
    pub line: usize,
    /// Words of its message.
    pub words: String,
}

fn never() -> Offered {
    Offered::Never
}

fn safe() -> Safety {
    Safety::Safe
}

impl Document {
    /// Reads a rule's file.
    pub fn parse(yaml: &str) -> Result<Self, String> {
        serde_yaml::from_str(yaml).map_err(|error| error.to_string())
    }

    /// What deciding needs of it.
    pub fn meta(&self) -> RuleMeta {
        RuleMeta {
            id: RuleId::user(&self.id),
            since: text(&self.since),
            edition: self.edition,
            status: self.status,
            category: self.category,
            severity: self.severity,
            confidence: self.confidence,
            summary: text(&self.summary),
            fix: FixPromise { offered: self.fix, safety: self.safety, changes: List::Owned(self.changes.clone()) },
            aliases: self.aliases.iter().map(|alias| text(alias)).collect(),
            options: List::Owned(self.options.clone()),
        }
    }

    /// The page that `explain` prints.
    pub fn page(&self) -> String {
        let mut page = format!("{}\n\n{}\n\nWhy\n{}\n", self.id, self.summary, indented(&self.why));
        let sections = [("What to do", &self.advice), ("What it leaves out", &self.limits)];
        for (title, body) in sections.into_iter().filter(|(_, body)| !body.trim().is_empty()) {
            page.push_str(&format!("\n{title}\n{}\n", indented(body)));
        }
        let fix = match self.fix {
            Offered::Never => "none".to_owned(),
            Offered::Sometimes => format!("sometimes, {}", self.safety.as_str()),
            Offered::Always => format!("always, {}", self.safety.as_str()),
        };
        page.push_str(&format!("\nCategory {}, severity {}, fix: {fix}\n", self.category, self.severity));
        if !self.aliases.is_empty() {
            page.push_str(&format!("Elsewhere called {}\n", self.aliases.join(", ")));
        }
        self.references.iter().for_each(|reference| page.push_str(&format!("See {reference}\n")));
        page
    }
}

fn text(value: &str) -> Text {
    Text::Owned(value.trim().to_owned())
}

fn indented(body: &str) -> String {
    body.trim().lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
