//! What other linters check and rplan does not, with the reasons: in the reference, and for whoever asks by their names.

use std::fmt::Write;

use serde::Deserialize;

/// The entries, as they are written.
const FILE: &str = include_str!("../../rules/declined.yaml");

/// Something that rplan does not check.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declined {
    /// What another linter finds.
    pub finds: String,
    /// What other linters call it.
    pub names: Vec<String>,
    /// Why there is no such rule.
    pub why: String,
}

/// Every entry, in the order of the file.
pub fn declined() -> Vec<Declined> {
    serde_yaml::from_str(FILE).expect("the file that is compiled in can be read")
}

/// What is to be said of a name that only an entry has.
pub fn explain_declined(name: &str) -> Option<String> {
    let name = name.strip_prefix("tally/").unwrap_or(name);
    let entry = declined().into_iter().find(|one| one.names.iter().any(|known| known.eq_ignore_ascii_case(name)))?;
    let why: String = entry.why.lines().map(|line| format!("  {line}\n")).collect();
    Some(format!("{}: {}\ndeclined: rplan has no such rule\n\nWhy\n{why}", entry.names[0], entry.finds))
}

/// The entries as a section of the reference.
pub(super) fn section() -> String {
    let mut section = String::from(
        "\n## What rplan does not check\n\nRules of other linters that would be wrong too often, or that no file can \
         answer. `rplan explain NAME` knows them too.\n\n| finds | known as | why not |\n|---|---|---|\n",
    );
    for Declined { finds, names, why } in declined() {
        let _ = writeln!(section, "| {finds} | {} | {} |", names.join(", "), why.trim().replace('\n', " "));
    }
    section
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rules::Catalogue;

    #[test]
    fn every_entry_has_names_of_its_own_and_a_reason() {
        let catalogue = Catalogue::builtin();
        let mut seen = BTreeSet::new();
        for entry in declined() {
            assert!(!entry.names.is_empty() && entry.why.len() > 60, "{entry:?}");
            assert!(!entry.finds.ends_with('.') && !entry.finds.contains('|') && !entry.why.contains('|'), "{entry:?}");
            for name in &entry.names {
                assert!(seen.insert(name.to_lowercase()), "{name} is declined twice");
                assert!(catalogue.find(name).is_none(), "{name} is a rule: it is not declined");
            }
        }
    }
}
