//! What is told of rules: the page of one, and the reference of all.

use std::fmt::Write;

use crate::rules::user::read_document;
use crate::rules::{Category, Document, Kind, Offered, Rule, RuleMeta};
use crate::text::SourceFile;

/// The file of a rule as it was written.
pub fn document(rule: &Rule) -> Document {
    let source = SourceFile::new(format!("{}.yaml", rule.meta.id), rule.yaml());
    read_document(&source).expect("the file of a rule in the catalogue was read before")
}

/// Everything that is known of a rule, as text.
pub fn explain(rule: &Rule) -> String {
    let document = document(rule);
    let mut page = format!("{}: {}\n", rule.meta.id, rule.meta.summary);
    let _ = writeln!(
        page,
        "{}, {} ({}), fix: {}",
        document.category,
        document.severity,
        document.confidence,
        fix(&rule.meta)
    );
    if !rule.meta.aliases.is_empty() {
        let _ = writeln!(page, "also known as {}", rule.meta.aliases.join(", "));
    }
    for (title, body) in [("Why", &document.why), ("What to do", &document.advice), ("Limits", &document.limits)] {
        if !body.trim().is_empty() {
            let _ = write!(page, "\n{title}\n{}", indented(body));
        }
    }
    if !document.options.is_empty() {
        page.push_str("\nOptions\n");
        for option in rule.meta.options.iter() {
            let default = serde_json::to_string(&option.default).expect("an option is plain data");
            let _ = writeln!(page, "  {}: {} (default {default})", option.name, option.about);
        }
    }
    for example in &document.examples {
        let Some((kind, text)) = example.dockerfile() else { continue };
        let title = if kind == Kind::Bad { "Bad" } else { "Good" };
        let _ = write!(page, "\n{title}\n{}", indented(text));
        if let Some(fixed) = &example.fixed {
            let _ = write!(page, "\nFixed\n{}", indented(fixed));
        }
    }
    if !document.references.is_empty() {
        page.push_str("\nSee\n");
        document.references.iter().for_each(|reference| page.push_str(&format!("  {reference}\n")));
    }
    page
}

/// The reference of rules, in Markdown.
pub fn reference(documents: &[Document]) -> String {
    let mut page = String::from(
        "# Rules\n\nGenerated from `rules/lint/*.yaml`; do not edit. `rplan explain ID` tells all about one rule.\n",
    );
    for category in Category::ALL {
        let metas: Vec<RuleMeta> =
            documents.iter().map(Document::meta).filter(|meta| meta.category == *category).collect();
        if metas.is_empty() {
            continue;
        }
        let _ = write!(
            page,
            "\n## {category}\n\n| rule | finds | severity | fix | also known as |\n|---|---|---|---|---|\n"
        );
        for meta in metas {
            let summary = meta.summary.replace('|', "\\|");
            let _ = writeln!(
                page,
                "| [`{id}`](lint/{id}.yaml) | {summary} | {} | {} | {} |",
                meta.severity,
                fix(&meta),
                meta.aliases.join(", "),
                id = meta.id
            );
        }
    }
    page
}

fn fix(meta: &RuleMeta) -> String {
    let promise = &meta.fix;
    match promise.offered {
        Offered::Never => "none".to_owned(),
        Offered::Sometimes => format!("sometimes, {}", promise.safety.as_str()),
        Offered::Always => format!("always, {}", promise.safety.as_str()),
    }
}

fn indented(text: &str) -> String {
    text.trim_end().lines().map(|line| format!("  {line}\n").replace("  \n", "\n")).collect()
}
