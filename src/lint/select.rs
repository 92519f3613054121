//! Which rules are wanted, and how they are set.

use std::collections::BTreeMap;

use crate::diagnostic::Severity;
use crate::rules::{OptionValue, RuleMeta, Status};

/// The rules that are wanted. Names are ids, categories, or what other linters call a rule.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these, when there are any.
    pub select: Vec<String>,
    /// These too, although they do not run by default.
    pub extend: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
    /// Severities that are set, by id.
    pub severities: BTreeMap<String, Severity>,
    /// Options that are set, by id and name.
    pub options: BTreeMap<String, BTreeMap<String, OptionValue>>,
    /// Whether fixes are wanted.
    pub fixes: bool,
}

impl Selection {
    /// Whether the rule runs.
    pub fn wants(&self, meta: &RuleMeta) -> bool {
        let named = |names: &[String]| names.iter().any(|name| is_named(meta, name));
        let by_default = meta.status == Status::Stable;
        let selected = if self.select.is_empty() { by_default || named(&self.extend) } else { named(&self.select) };
        selected && !named(&self.ignore)
    }

    /// The severity of its findings.
    pub fn severity(&self, meta: &RuleMeta) -> Severity {
        self.severities.get(meta.id.as_str()).copied().unwrap_or(meta.severity)
    }

    /// Its options.
    pub fn options(&self, meta: &RuleMeta) -> Option<&BTreeMap<String, OptionValue>> {
        self.options.get(meta.id.as_str())
    }
}

fn is_named(meta: &RuleMeta, name: &str) -> bool {
    meta.id.as_str() == name
        || meta.category.as_str() == name
        || meta.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
}
