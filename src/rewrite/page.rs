//! The page of a rewrite: what people read of it, from its YAML file.

use std::fmt::Write;

use serde::Deserialize;

/// The files of every rewrite, by id, sorted.
const PAGES: &[(&str, &str)] = &[
    ("hoist-manifests", include_str!("../../rules/rewrite/hoist-manifests.yaml")),
    ("split-stage", include_str!("../../rules/rewrite/split-stage.yaml")),
];

#[derive(Deserialize)]
struct Page {
    class: String,
    summary: String,
    why: String,
    advice: String,
    limits: String,
    #[serde(default)]
    references: Vec<String>,
    examples: Vec<Example>,
}

#[derive(Deserialize)]
struct Example {
    before: String,
    after: String,
}

/// Everything that is known of a rewrite, as text; none when there is no such rewrite.
pub fn explain(id: &str) -> Option<String> {
    let (id, yaml) = PAGES.iter().find(|(known, _)| *known == id)?;
    let page: Page = serde_yaml::from_str(yaml).expect("the pages that are compiled in can be read");
    let class = match page.class.as_str() {
        "S" => "S: the same files and config are proved",
        "V" => "V: to be verified by building both files",
        _ => "A: advice",
    };
    let mut text = format!("{id}: {}\nrewrite of `rplan optimize`, class {class}\n", page.summary.trim());
    for (title, body) in [("Why", &page.why), ("What to do", &page.advice), ("Limits", &page.limits)] {
        let _ = write!(text, "\n{title}\n{}", indented(body));
    }
    // One example shows the shape; the file has them all.
    if let Some(example) = page.examples.iter().find(|example| example.before != example.after) {
        let _ = write!(text, "\nBefore\n{}\nAfter\n{}", indented(&example.before), indented(&example.after));
    }
    if !page.references.is_empty() {
        text.push_str("\nSee\n");
        page.references.iter().for_each(|reference| text.push_str(&format!("  {reference}\n")));
    }
    Some(text)
}

fn indented(body: &str) -> String {
    body.trim_end().lines().map(|line| format!("  {line}").trim_end().to_owned() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rewrite::ids;

    #[test]
    fn every_rewrite_has_a_page() {
        let pages: Vec<&str> = PAGES.iter().map(|(id, _)| *id).collect();
        let ids: Vec<&str> = ids::ALL.iter().map(|id| id.as_str()).collect();
        assert_eq!(pages, ids);
        assert!(ids.iter().all(|id| explain(id).is_some_and(|page| page.contains("\nBefore\n"))));
    }
}
