//! What is told of rules: the page of one, and the reference of all.

use std::fmt::Write;

use crate::rules::user::read_document;
use crate::rules::{Category, Document, Edition, Kind, Offered, Rule, RuleMeta, Status, declined};
use crate::text::SourceFile;

/// What stands above the reference.
const HEAD: &str = "\
# Rules

Generated from `rules/lint/*.yaml`; do not edit. `rplan explain ID` tells all about one rule.

When a rule runs, and how grave it is, stands in its file:

| key | means |
|---|---|
| `status: stable`, `edition: 1` | it runs by default from this edition on; a rule that comes within a major version belongs to the next |
| `status: optional`, `edition: 1` | a matter of taste or policy: it runs in the profile `strict` from this edition on, or when it is selected |
| `edition: opt-in` | not even the profile `strict` holds it (what depends on the clock, and proposals, which are of the category `cache`): it runs when it, its category or `all` is selected |
| `status: preview` | it runs when it is selected |
| `severity-from: {2: info}` | its severity from a later edition on |
| `aliases: [DL3006: warning, UndefinedVar]` | what others call it; with hadolint's names its own default severity, `ignore` where it is silent by default |

The profile `hadolint` holds exactly the rules with a DL name, the profile `buildkit` those with a name of BuildKit's
checks. Under *runs* stands the first edition that holds a rule, or when it runs instead.
";

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
    let _ = writeln!(page, "{}", runs(&rule.meta));
    if !rule.meta.aliases.is_empty() {
        let _ = writeln!(page, "also known as {}", aliases(&rule.meta));
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

/// The reference, in Markdown: rplan's rules, what it proposes, a user's rules, and what there is no rule for.
pub fn reference(rules: &[RuleMeta], proposals: &[RuleMeta], users: &[RuleMeta]) -> String {
    let mut page = String::from(HEAD);
    for category in Category::ALL {
        let rows = rules.iter().filter(|meta| meta.category == *category);
        page.push_str(&table(category.as_str(), rows.map(|meta| (format!("[`{0}`](lint/{0}.yaml)", meta.id), meta))));
    }
    let proposals = proposals.iter().map(|meta| (format!("[`{0}`](rewrite/{0}.yaml)", meta.id), meta));
    page.push_str(&table("Proposals of `rplan optimize`", proposals));
    page.push_str(&table("Rules of your own", users.iter().map(|meta| (format!("`{}`", meta.id), meta))));
    page + &declined::section()
}

/// A section with a row for each rule; nothing where there is none.
fn table<'a>(title: &str, rows: impl Iterator<Item = (String, &'a RuleMeta)>) -> String {
    let row = |(name, meta): (String, &RuleMeta)| {
        let (summary, severity) = (meta.summary.replace('|', "\\|"), meta.severity);
        let (runs, fix, aliases) = (runs_in(meta), fix(meta), aliases(meta));
        format!("| {name} | {summary} | {severity} | {runs} | {fix} | {aliases} |\n")
    };
    let rows: String = rows.map(row).collect();
    match rows.is_empty() {
        true => rows,
        false => format!(
            "\n## {title}\n\n| rule | finds | severity | runs | fix | also known as |\n|---|---|---|---|---|---|\n{rows}"
        ),
    }
}

/// When it runs, in one word.
fn runs_in(meta: &RuleMeta) -> String {
    match meta.status {
        Status::Stable => meta.edition.to_string(),
        Status::Optional if meta.edition != Edition::OptIn => "strict".to_owned(),
        status => status.to_string(),
    }
}

/// When it runs, in words.
fn runs(meta: &RuleMeta) -> String {
    let mut words = match (meta.status, meta.edition) {
        (Status::Preview, _) => "new: runs only when it is selected".to_owned(),
        (Status::Deprecated, _) => "going away: runs only when it is selected".to_owned(),
        (Status::Stable, Edition::From(edition)) => format!("runs by default since edition {edition}"),
        (Status::Optional, Edition::From(_)) => "runs in the profile strict, or when it is selected".to_owned(),
        (_, Edition::OptIn) => "runs only when it is selected".to_owned(),
    };
    for (edition, severity) in meta.severity_changes.iter() {
        let _ = write!(words, "; {severity} since edition {edition}");
    }
    words
}

fn aliases(meta: &RuleMeta) -> String {
    meta.names().skip(1).collect::<Vec<_>>().join(", ")
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
