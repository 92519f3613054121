//! Every rewrite that is known for Dockerfiles, `rules/catalogue.yaml`: what it names is there, and its table is up to date.

use std::collections::BTreeSet;
use std::fs;

use serde::Deserialize;

use super::table::generated;
use super::{documents, root};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    group: String,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    rewrite: String,
    /// Rewrites and rules.
    #[serde(default)]
    by: Vec<String>,
    /// How the builder does it.
    builder: Option<String>,
    /// Why nothing does it.
    declined: Option<String>,
    /// What of it is missing, and why.
    part: Option<String>,
}

/// How many there are in each group.
const GROUPS: &[(char, usize)] =
    &[('A', 24), ('B', 8), ('C', 8), ('D', 6), ('E', 6), ('F', 8), ('G', 7), ('H', 12), ('I', 8), ('J', 7), ('K', 4)];

fn groups() -> Vec<Group> {
    let text = fs::read_to_string(root().join("rules/catalogue.yaml")).unwrap();
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("rules/catalogue.yaml: {error}"))
}

#[test]
fn every_known_rewrite_is_done_or_declined_with_a_reason() {
    let groups = groups();
    let rows = || groups.iter().flat_map(|group| &group.rows);
    let ids: Vec<&str> = rows().map(|row| row.id.as_str()).collect();
    let wanted = GROUPS.iter().flat_map(|(group, count)| (1..=*count).map(move |number| format!("{group}{number}")));
    assert_eq!(ids, wanted.collect::<Vec<_>>());
    let rewrites = rplan::rewrite::ids::ALL.iter().map(ToString::to_string);
    let rules = documents().iter().map(|document| document.id.as_ref().to_owned());
    let known: BTreeSet<String> = rewrites.chain(rules).collect();
    for row in rows() {
        let unknown: Vec<&String> = row.by.iter().filter(|name| !known.contains(*name)).collect();
        assert!(unknown.is_empty(), "{}: there is no {unknown:?}", row.id);
        let told = [&row.declined, &row.builder];
        assert!(!row.by.is_empty() || told.iter().any(|text| text.is_some()), "{}: who does it, or why not?", row.id);
        for text in told.into_iter().chain([&row.part]).flatten() {
            assert!(text.trim().len() > 40 && text.trim().ends_with(['.', '`']), "{}: a reason is a sentence", row.id);
        }
    }
}

/// A rewrite that no row names is one that nobody finds in the table.
#[test]
fn every_rewrite_of_ours_stands_in_the_table() {
    let named: BTreeSet<String> = groups().into_iter().flat_map(|group| group.rows).flat_map(|row| row.by).collect();
    let missing: Vec<_> = rplan::rewrite::ids::ALL.iter().filter(|id| !named.contains(id.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_table_of_known_rewrites_is_up_to_date() {
    let mut text = String::from(
        "# Known rewrites\n\nGenerated from `catalogue.yaml`; do not edit. What each rewrite or rule does, and where it \
         stops: `rplan explain ID`.\n",
    );
    for group in groups() {
        let letter = group.rows[0].id.trim_end_matches(|char: char| char.is_ascii_digit());
        text.push_str(&format!("\n## {letter}. {}\n\n| | rewrite | done by |\n|---|---|---|\n", group.group));
        for row in &group.rows {
            text.push_str(&format!("| {} | {} | {} |\n", row.id, row.rewrite, done_by(row)));
        }
    }
    generated("rules/catalogue.md", &text);
}

fn done_by(row: &Row) -> String {
    let is_rewrite = |name: &str| rplan::rewrite::ids::ALL.iter().any(|id| id.as_str() == name);
    let link = |name: &String| {
        let folder = if is_rewrite(name) { "rewrite" } else { "lint" };
        format!("[`{name}`]({folder}/{name}.yaml)")
    };
    let mut told = Vec::new();
    if !row.by.is_empty() {
        told.push(row.by.iter().map(link).collect::<Vec<_>>().join(", "));
    }
    let line = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    told.extend(row.builder.as_ref().map(|text| format!("the builder. {}", line(text))));
    told.extend(row.declined.as_ref().map(|text| format!("declined. {}", line(text))));
    told.extend(row.part.as_ref().map(line));
    told.join("; ")
}
