//! The YAML file of a rule: what people read, what the engine needs, and the examples that prove both.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::diagnostic::{RuleId, Safety, Severity};
use crate::model::History;
use crate::rules::{
    Alias, Category, Confidence, Edition, FixPromise, List, Match, Offered, OptionMeta, OptionValue, RuleMeta, Status,
    Text,
};

/// A rule as its file says it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are those of the file, and of RuleMeta")]
pub struct Document {
    pub id: Text,
    pub since: Text,
    pub edition: Edition,
    pub status: Status,
    pub category: Category,
    pub severity: Severity,
    /// Later severities, by the edition from which on they hold.
    #[serde(default)]
    pub severity_from: BTreeMap<u16, Severity>,
    pub confidence: Confidence,
    pub summary: Text,
    pub why: Text,
    pub advice: Text,
    #[serde(default)]
    pub limits: Text,
    #[serde(default)]
    pub fix: FixDocument,
    #[serde(default)]
    pub changes: List<Text>,
    #[serde(default)]
    pub aliases: List<Alias>,
    #[serde(default)]
    pub options: Vec<OptionDocument>,
    #[serde(default)]
    pub references: Vec<Text>,
    #[serde(default, rename = "match")]
    pub matches: Option<Match>,
    pub examples: Vec<Example>,
}

/// `fix:` of a rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixDocument {
    /// How often there is one.
    pub offered: Offered,
    /// How safe the least safe of them is.
    #[serde(default = "safe")]
    pub safety: Safety,
}

impl Default for FixDocument {
    fn default() -> Self {
        Self { offered: Offered::Never, safety: Safety::Safe }
    }
}

fn safe() -> Safety {
    Safety::Safe
}

/// One of the `options:` of a rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names are those of OptionMeta")]
pub struct OptionDocument {
    pub name: Text,
    pub about: Text,
    pub default: OptionValue,
}

/// Whether an example shows what is found, or what is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The rule finds something.
    Bad,
    /// The rule is silent.
    Good,
}

/// One example of a rule: a Dockerfile under `bad` or `good`, and what is around it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// A Dockerfile with findings.
    #[serde(default)]
    pub bad: Option<String>,
    /// A Dockerfile without.
    #[serde(default)]
    pub good: Option<String>,
    /// How the rule is set.
    #[serde(default)]
    pub options: BTreeMap<String, OptionValue>,
    /// Files of the build context with their content; when left out, the context is unknown.
    #[serde(default)]
    pub context: Option<BTreeMap<String, ContextFile>>,
    /// What past commits changed, newest first; when left out, nobody knows.
    #[serde(default)]
    pub history: Option<Vec<PastCommits>>,
    /// The findings that it must give, in order; no others.
    #[serde(default)]
    pub expect: Vec<Expected>,
    /// What the file becomes when every fix is applied, unsafe ones too.
    #[serde(default)]
    pub fixed: Option<String>,
    /// Changes of the text under which the findings are not the same, with the reason.
    #[serde(default)]
    pub except: BTreeMap<String, String>,
}

impl Example {
    /// Which kind it is, and its Dockerfile; none when it has both or neither.
    pub fn dockerfile(&self) -> Option<(Kind, &str)> {
        match (&self.bad, &self.good) {
            (Some(text), None) => Some((Kind::Bad, text)),
            (None, Some(text)) => Some((Kind::Good, text)),
            _ => None,
        }
    }

    /// What past commits changed.
    pub fn history(&self) -> Option<History> {
        let each = |past: &PastCommits| std::iter::repeat_n(past.change.clone(), past.commits);
        self.history.as_ref().map(|all| History { commits: all.iter().flat_map(each).collect(), ..History::default() })
    }
}

/// Some past commits that changed the same files.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastCommits {
    /// How many they are.
    pub commits: usize,
    /// The files that each of them changed, relative to the context.
    pub change: BTreeSet<String>,
}

/// A file of an example's build context.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ContextFile {
    /// A small file.
    Content(String),
    /// A file of which only the size matters.
    Size(u64),
}

/// A finding that an example must give.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The line, from 1.
    pub line: usize,
    /// Words of its message.
    pub words: String,
}

impl Document {
    /// What deciding needs of it.
    pub fn meta(&self) -> RuleMeta {
        let options = self.options.iter().map(|option| OptionMeta {
            name: option.name.clone(),
            about: one_line(&option.about),
            default: option.default.clone(),
        });
        RuleMeta {
            id: RuleId::user(self.id.clone().into_owned()),
            since: self.since.clone(),
            edition: self.edition,
            status: self.status,
            category: self.category,
            severity: self.severity,
            severity_changes: self.severity_from.iter().map(|(from, severity)| (*from, *severity)).collect(),
            confidence: self.confidence,
            summary: one_line(&self.summary),
            fix: FixPromise { offered: self.fix.offered, safety: self.fix.safety, changes: self.changes.clone() },
            aliases: self.aliases.clone(),
            options: options.collect::<Vec<_>>().into(),
            reference: self.references.first().cloned(),
        }
    }

    /// What to do, as the help of a finding.
    pub fn help(&self) -> Text {
        one_line(self.advice.trim_end().trim_end_matches('.'))
    }
}

/// Lines that are folded in YAML, as one.
fn one_line(text: &str) -> Text {
    text.split_whitespace().collect::<Vec<_>>().join(" ").into()
}
