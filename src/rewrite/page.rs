//! The page of a rewrite: what people read of it, from its YAML file.

use std::fmt::Write;

use serde::Deserialize;

use crate::rewrite::REWRITES;

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
    /// The lines that the ignore file gets.
    #[serde(default)]
    ignored: Vec<String>,
}

/// Everything that is known of a rewrite, as text; none when there is no such rewrite.
pub fn explain(id: &str) -> Option<String> {
    let rewrite = REWRITES.iter().find(|rewrite| rewrite.id.as_str() == id)?;
    let page: Page = serde_yaml::from_str(rewrite.page).expect("the pages that are compiled in can be read");
    let class = match page.class.as_str() {
        "S" => "S: the same files and config are proved",
        "V" => "V: to be verified by building both files",
        "V or A" => "V or A: to be verified by building both files, or advice",
        "S or V" => "S or V: the same files and config are proved, or else to be verified by building both files",
        _ => "A: advice",
    };
    let mut text = format!("{id}: {}\nrewrite of `rplan optimize`, class {class}\n", page.summary.trim());
    text.push_str("a finding of `rplan lint` where it, `cache` or `all` is selected\n");
    for (title, body) in [("Why", &page.why), ("What to do", &page.advice), ("Limits", &page.limits)] {
        let _ = write!(text, "\n{title}\n{}", indented(body));
    }
    // One example shows the shape; the file has them all.
    if let Some(example) = page.examples.iter().find(|example| example.before != example.after) {
        let _ = write!(text, "\nBefore\n{}\nAfter\n{}", indented(&example.before), indented(&example.after));
    } else if let Some(example) = page.examples.iter().find(|example| !example.ignored.is_empty()) {
        let (file, lines) = (indented(&example.before), indented(&example.ignored.join("\n")));
        let _ = write!(text, "\nFor\n{file}\nThe ignore file gets\n{lines}");
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

    fn has_example(page: &str) -> bool {
        ["\nBefore\n", "\nThe ignore file gets\n"].iter().any(|title| page.contains(title))
    }

    #[test]
    fn every_rewrite_has_a_page() {
        let mut registered: Vec<&str> = REWRITES.iter().map(|rewrite| rewrite.id.as_str()).collect();
        registered.sort_unstable();
        let ids: Vec<&str> = ids::ALL.iter().map(|id| id.as_str()).collect();
        assert_eq!(registered, ids);
        assert!(ids.iter().all(|id| explain(id).is_some_and(|page| has_example(&page))));
    }
}
