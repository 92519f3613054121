//! What is generated from the files of the rules: the table that is compiled in, and the reference.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use rplan::diagnostic::Severity;
use rplan::rules::{
    Alias, Catalogue, CommandMatch, Document, FlagMatch, ImageMatch, Match, OptionValue, Pattern, Predicate, Text,
    reference,
};

use super::{documents, root};

const HEAD: &str = "\
//! Generated from `rules/lint/*.yaml` by `RPLAN_UPDATE=1 cargo test --test it rules::`; do not edit.

#![allow(unused_imports)] // Which of them are needed depends on the rules.

use std::borrow::Cow::Borrowed as B;

use super::{
    Alias, Category, CommandMatch, Confidence, Edition, FixPromise, FlagMatch, ImageMatch, Match, Offered, OptionMeta,
    OptionValue, Pattern::{Glob, Regex}, Predicate, Role, RuleMeta, Schema, Status,
};
use crate::diagnostic::{RuleId, Safety, Severity};
use crate::syntax::Keyword;

/// What is compiled in of a rule.
pub(super) struct Entry {
    pub(super) meta: RuleMeta,
    pub(super) advice: &'static str,
    pub(super) matches: Option<Match>,
    pub(super) yaml: &'static str,
}

/// Every rule, sorted by id.
pub(super) static RULES: &[Entry] = &[
";

#[test]
fn the_table_holds_every_rule() {
    let entries: String = documents().iter().map(entry).collect();
    generated("src/rules/table.rs", &format!("{HEAD}{entries}];\n"));
}

#[test]
fn the_reference_lists_every_rule() {
    let rules: Vec<_> = documents().iter().map(Document::meta).collect();
    let proposals = rplan::rewrite::metas();
    generated("rules/README.md", &reference(&rules, &proposals, &[]));
}

/// Compares the sets, so that the suite says what is missing rather than that a number is wrong.
#[test]
fn every_rule_has_its_file_its_code_and_its_entry() {
    let catalogue = Catalogue::builtin();
    let entries: BTreeSet<&str> = catalogue.rules().iter().map(|rule| rule.meta.id.as_str()).collect();
    let native: BTreeSet<&str> =
        catalogue.rules().iter().filter(|rule| rule.is_native()).map(|rule| rule.meta.id.as_str()).collect();
    let documents = documents();
    for document in documents {
        let id = document.id.as_ref();
        assert!(
            entries.contains(id),
            "rules/lint/{id}.yaml is not compiled in: RPLAN_UPDATE=1 cargo test --test it rules::"
        );
        let code = root().join("src/rules").join(format!("{}.rs", id.replace('-', "_")));
        match document.matches {
            None => assert!(
                native.contains(id) && code.exists(),
                "{id} has no `match:` block: write {} and add its lines to src/rules/mod.rs and register.rs, or add the block",
                code.display()
            ),
            Some(_) => assert!(!code.exists(), "{id} has a `match:` block and {}: only one can decide", code.display()),
        }
    }
    let files: BTreeSet<&str> = documents.iter().map(|document| document.id.as_ref()).collect();
    let stray: Vec<&&str> = entries.difference(&files).collect();
    assert!(stray.is_empty(), "compiled in without a file: {stray:?}; RPLAN_UPDATE=1 cargo test --test it rules::");
}

#[test]
fn the_lines_of_registration_are_sorted() {
    let text = fs::read_to_string(root().join("src/rules/register.rs")).unwrap();
    let lines = |start: &str| -> Vec<String> {
        text.lines().map(str::trim).filter(|line| line.starts_with(start)).map(str::to_owned).collect()
    };
    let mut registered = lines("(\"");
    let written = registered.clone();
    registered.sort();
    assert_eq!(written, registered, "the lines of NATIVE are sorted by id");
}

/// Compares a generated file with what is committed; `RPLAN_UPDATE=1` writes it instead.
pub(super) fn generated(path: &str, content: &str) {
    let path = root().join(path);
    if std::env::var_os("RPLAN_UPDATE").is_some() {
        fs::write(&path, content).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == content, "{} is out of date: RPLAN_UPDATE=1 cargo test --test it rules::", path.display());
}

fn entry(document: &Document) -> String {
    let meta = document.meta();
    let options: Vec<String> = meta
        .options
        .iter()
        .map(|option| {
            let default = match &option.default {
                OptionValue::Flag(flag) => format!("OptionValue::Flag({flag})"),
                OptionValue::Number(number) => format!("OptionValue::Number({number})"),
                OptionValue::Texts(list) => format!("OptionValue::Texts({})", texts(list)),
            };
            format!("OptionMeta {{ name: {}, about: {}, default: {default} }}", text(&option.name), text(&option.about))
        })
        .collect();
    let severity =
        |severity: &Option<Severity>| severity.map_or("None".to_owned(), |one| format!("Some(Severity::{one:?})"));
    let alias =
        |alias: &Alias| format!("Alias {{ name: {}, severity: {} }}", text(&alias.name), severity(&alias.severity));
    let aliases: Vec<String> = meta.aliases.iter().map(alias).collect();
    let change = |(from, severity): &(u16, Severity)| format!("({from}, Severity::{severity:?})");
    let changes: Vec<String> = meta.severity_changes.iter().map(change).collect();
    let fix = format!(
        "FixPromise {{ offered: Offered::{:?}, safety: Safety::{:?}, changes: {} }}",
        meta.fix.offered,
        meta.fix.safety,
        texts(&meta.fix.changes)
    );
    let id = meta.id.as_str();
    let mut entry = String::from("    Entry {\n        meta: RuleMeta {\n");
    for (name, value) in [
        ("id", format!("RuleId::builtin({id:?})")),
        ("since", text(&meta.since)),
        ("edition", format!("Edition::{:?}", meta.edition)),
        ("status", format!("Status::{:?}", meta.status)),
        ("category", format!("Category::{:?}", meta.category)),
        ("severity", format!("Severity::{:?}", meta.severity)),
        ("severity_changes", list(&changes)),
        ("confidence", format!("Confidence::{:?}", meta.confidence)),
        ("summary", text(&meta.summary)),
        ("fix", fix),
        ("aliases", list(&aliases)),
        ("options", list(&options)),
        ("reference", meta.reference.as_ref().map_or("None".to_owned(), |one| format!("Some({})", text(one)))),
    ] {
        writeln!(entry, "            {name}: {value},").unwrap();
    }
    let matches = document.matches.as_ref().map_or("None".to_owned(), |one| format!("Some({})", block(one)));
    writeln!(entry, "        }},\n        advice: {:?},\n        matches: {matches},", document.help()).unwrap();
    writeln!(entry, "        yaml: include_str!(\"../../rules/lint/{id}.yaml\"),\n    }},").unwrap();
    entry
}

fn block(block: &Match) -> String {
    format!(
        "Match {{ schema: Schema, message: {}, all: {}, any: {}, not: {} }}",
        text(&block.message),
        predicates(&block.all),
        predicates(&block.any),
        predicates(&block.not)
    )
}

fn predicates(predicates: &[Predicate]) -> String {
    list(&predicates.iter().map(predicate).collect::<Vec<_>>())
}

fn predicate(one: &Predicate) -> String {
    let body = match one {
        Predicate::All(inner) => format!("All({})", predicates(inner)),
        Predicate::Any(inner) => format!("Any({})", predicates(inner)),
        Predicate::Not(inner) => format!("Not({})", predicates(inner)),
        Predicate::Instruction(keywords) => {
            let keywords: Vec<String> = keywords.iter().map(|keyword| format!("Keyword::{keyword:?}")).collect();
            format!("Instruction({})", list(&keywords))
        }
        Predicate::Flag(FlagMatch { name, value }) => {
            format!("Flag(FlagMatch {{ name: {}, value: {} }})", text(name), optional(value))
        }
        Predicate::Argument(one) => format!("Argument({})", pattern(one)),
        Predicate::Command(CommandMatch { name, sub, has, lacks }) => format!(
            "Command(CommandMatch {{ name: {}, sub: {}, has: {}, lacks: {} }})",
            texts(name),
            texts(sub),
            texts(has),
            texts(lacks)
        ),
        Predicate::Image(ImageMatch { registry, tag, digest }) => format!(
            "Image(ImageMatch {{ registry: {}, tag: {}, digest: {digest:?} }})",
            optional(registry),
            optional(tag)
        ),
        Predicate::Stage(role) => format!("Stage(Role::{role:?})"),
    };
    format!("Predicate::{body}")
}

fn optional(one: &Option<Pattern>) -> String {
    one.as_ref().map_or("None".to_owned(), |one| format!("Some({})", pattern(one)))
}

fn pattern(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Glob(glob) => format!("Glob({})", text(glob)),
        Pattern::Regex(regex) => format!("Regex({})", text(regex)),
    }
}

fn text(text: &Text) -> String {
    format!("B({text:?})")
}

fn texts(texts: &[Text]) -> String {
    list(&texts.iter().map(text).collect::<Vec<_>>())
}

fn list(items: &[String]) -> String {
    format!("B(&[{}])", items.join(", "))
}
