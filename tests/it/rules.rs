//! Rules: the generated table, every example of every rule, and what must hold of any fix.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rplan::diagnostic::{Finding, Safety};
use rplan::lint::{self, Selection};
use rplan::model::{self, ResolveOptions, Surroundings};
use rplan::rules::{Catalogue, CommandMatch, Document, Example, ImageMatch, List, Match, Predicate, Text};
use rplan::syntax;
use rplan::text::SourceFile;

use crate::support::memory::MemoryContext;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every rule's file, sorted by name.
fn documents() -> Vec<Document> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(root().join("rules/lint")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let document = Document::parse(&fs::read_to_string(path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(path.file_stem().unwrap().to_str(), Some(document.id.as_str()), "a file is named after its rule");
        document
    };
    paths.iter().map(read).collect()
}

fn options() -> ResolveOptions {
    ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() }
}

fn surroundings(example: &Example) -> Surroundings {
    let files = example.context.iter().map(|(path, content)| (path.clone(), content.clone()));
    let context = (!example.context.is_empty()).then(|| Arc::new(MemoryContext::new(files)) as _);
    Surroundings { context, ..Surroundings::default() }
}

fn only(id: &str) -> Selection {
    Selection { select: vec![id.to_owned()], ..Selection::default() }
}

fn findings(text: &str, around: &Surroundings, selection: &Selection) -> Vec<Finding> {
    let parsed = syntax::parse(&SourceFile::new("Dockerfile", text.as_bytes()));
    let resolved = model::resolve(model::analyze(parsed.tree), &options(), around);
    lint::lint(&resolved, &parsed.errors, around, &Catalogue::builtin(), selection, Vec::new()).findings
}

fn line(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

#[test]
fn every_example_gives_the_findings_that_it_names() {
    for rule in documents() {
        assert!(rule.examples.iter().any(|example| !example.expect.is_empty()), "{} has a bad example", rule.id);
        assert!(rule.examples.iter().any(|example| example.expect.is_empty()), "{} has a good example", rule.id);
        for example in &rule.examples {
            let found = findings(&example.dockerfile, &surroundings(example), &only(&rule.id));
            let shown: Vec<(usize, &str)> = found
                .iter()
                .map(|one| (line(&example.dockerfile, one.primary.span.start), one.message.as_str()))
                .collect();
            assert_eq!(shown.len(), example.expect.len(), "{}: {}\n{shown:?}", rule.id, example.dockerfile);
            for (found, expected) in shown.iter().zip(&example.expect) {
                assert_eq!(found.0, expected.line, "{}: {}\n{shown:?}", rule.id, example.dockerfile);
                assert!(found.1.contains(&expected.words), "{}: {shown:?}", rule.id);
            }
        }
    }
}

#[test]
fn fixes_give_what_the_examples_say_and_silence_their_rule() {
    for rule in documents() {
        for example in &rule.examples {
            let around = surroundings(example);
            let source = SourceFile::new("Dockerfile", example.dockerfile.as_bytes());
            let fix =
                |allowed| lint::fix(&source, &options(), &around, &Catalogue::builtin(), &only(&rule.id), allowed);
            let fixed = fix(Safety::Unsafe);
            assert!(fixed.defects.is_empty(), "{}: a fix breaks the file", rule.id);
            let text = String::from_utf8(fixed.bytes).unwrap();
            assert_eq!(text, example.fixed.as_deref().unwrap_or(&example.dockerfile), "{}", rule.id);
            if example.fixed.is_some() {
                assert!(findings(&text, &around, &only(&rule.id)).is_empty(), "{}: the fix ends the finding", rule.id);
            }
            if rule.safety != Safety::Safe {
                assert_eq!(fix(Safety::Safe).bytes, example.dockerfile.as_bytes(), "{}: unsafe fixes wait", rule.id);
            }
        }
    }
}

#[test]
fn variants_of_a_file_give_as_many_findings() {
    for rule in documents() {
        for example in &rule.examples {
            let around = surroundings(example);
            let carriage = example.dockerfile.replace('\n', "\r\n");
            let found = findings(&carriage, &around, &only(&rule.id));
            assert_eq!(found.len(), example.expect.len(), "{} with CRLF: {}", rule.id, example.dockerfile);
        }
    }
}

#[test]
fn every_name_of_a_rule_silences_it() {
    for rule in documents() {
        for example in rule.examples.iter().filter(|example| !example.expect.is_empty()) {
            let around = surroundings(example);
            for name in rule.aliases.iter().chain([&rule.id]) {
                let text = format!("# rplan file-ignore={name}\n{}", example.dockerfile);
                assert!(findings(&text, &around, &only(&rule.id)).is_empty(), "{name}: {text}");
            }
        }
    }
}

#[test]
fn all_rules_together_come_to_an_end() {
    for rule in documents() {
        for example in &rule.examples {
            let around = surroundings(example);
            let all = Selection::default();
            let source = SourceFile::new("Dockerfile", example.dockerfile.as_bytes());
            let once = lint::fix(&source, &options(), &around, &Catalogue::builtin(), &all, Safety::Unsafe);
            let source = SourceFile::new("Dockerfile", once.bytes.clone());
            let twice = lint::fix(&source, &options(), &around, &Catalogue::builtin(), &all, Safety::Unsafe);
            assert_eq!(once.bytes, twice.bytes, "{}", rule.id);
            assert!(once.defects.is_empty());
        }
    }
}

#[test]
fn names_are_unique() {
    let mut seen = BTreeSet::new();
    for rule in documents() {
        for name in rule.aliases.iter().chain([&rule.id]) {
            assert!(seen.insert(name.to_lowercase()), "{name} names two rules");
        }
    }
}

/// Compares a generated file with what is committed; `RPLAN_UPDATE=1` writes it instead.
fn generated(path: &str, content: &str) {
    let path = root().join(path);
    if std::env::var_os("RPLAN_UPDATE").is_some() {
        fs::write(&path, content).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == content, "{} is out of date: RPLAN_UPDATE=1 cargo test --test it rules::", path.display());
}

#[test]
fn the_table_holds_every_rule() {
    let mut text = String::from(
        "//! Generated from `rules/lint/*.yaml` by `RPLAN_UPDATE=1 cargo test --test it rules::`. Do not edit.\n\n\
         use crate::diagnostic::{RuleId, Safety, Severity};\n\
         use crate::rules::{\n    Category, Change, CommandMatch, Confidence, FixPromise, ImageMatch, List, Match, Offered, Predicate, RuleMeta, Status, Text,\n};\n\n",
    );
    let documents = documents();
    text.push_str("/// The file of each rule, sorted by id.\npub static PAGES: &[(&str, &str)] = &[\n");
    for rule in &documents {
        writeln!(text, "    ({:?}, include_str!(\"../../rules/lint/{}.yaml\")),", rule.id, rule.id).unwrap();
    }
    text.push_str("];\n\n/// What deciding needs of each rule, sorted by id.\npub(super) fn rules() -> Vec<(RuleMeta, Option<Match>)> {\n    vec![\n");
    for rule in &documents {
        text.push_str(&entry(rule));
    }
    text.push_str("    ]\n}\n");
    generated("src/rules/table.rs", &text);
}

fn entry(rule: &Document) -> String {
    let meta = rule.meta();
    assert!(meta.options.is_empty(), "the table knows no options yet");
    let changes: Vec<String> = rule.changes.iter().map(|change| format!("Change::{change:?}")).collect();
    let matches = rule.matches.as_ref().map_or("None".to_owned(), |matches| format!("Some({})", shown_match(matches)));
    format!(
        "        (\n            RuleMeta {{\n                id: RuleId::builtin({:?}),\n                since: Text::Borrowed({:?}),\n                edition: {},\n                status: Status::{:?},\n                category: Category::{:?},\n                severity: Severity::{:?},\n                confidence: Confidence::{:?},\n                summary: Text::Borrowed({:?}),\n                fix: FixPromise {{ offered: Offered::{:?}, safety: Safety::{:?}, changes: List::Borrowed(&[{}]) }},\n                aliases: {},\n                options: List::Borrowed(&[]),\n            }},\n            {matches},\n        ),\n",
        rule.id,
        meta.since,
        meta.edition,
        meta.status,
        meta.category,
        meta.severity,
        meta.confidence,
        meta.summary,
        rule.fix,
        rule.safety,
        changes.join(", "),
        texts(&meta.aliases),
    )
}

fn shown_match(matches: &Match) -> String {
    let help = matches.help.as_ref().map_or("None".to_owned(), |help| format!("Some(Text::Borrowed({help:?}))"));
    format!(
        "Match {{ schema: {}, when: {}, message: Text::Borrowed({:?}), help: {help} }}",
        matches.schema,
        predicate(&matches.when),
        matches.message
    )
}

fn predicate(one: &Predicate) -> String {
    let several = |name: &str, inner: &List<Predicate>| {
        let inner: Vec<String> = inner.iter().map(predicate).collect();
        format!("Predicate::{name}(List::Owned(vec![{}]))", inner.join(", "))
    };
    match one {
        Predicate::All(inner) => several("All", inner),
        Predicate::Any(inner) => several("Any", inner),
        Predicate::Not(inner) => several("Not", inner),
        Predicate::Instruction(text) => format!("Predicate::Instruction(Text::Borrowed({text:?}))"),
        Predicate::Flag(text) => format!("Predicate::Flag(Text::Borrowed({text:?}))"),
        Predicate::Argument(text) => format!("Predicate::Argument(Text::Borrowed({text:?}))"),
        Predicate::Command(CommandMatch { name, sub, has, lacks }) => format!(
            "Predicate::Command(CommandMatch {{ name: {}, sub: {}, has: {}, lacks: {} }})",
            texts(name),
            texts(sub),
            texts(has),
            texts(lacks)
        ),
        Predicate::Image(ImageMatch { tag, tagged, digest }) => {
            let tag = tag.as_ref().map_or("None".to_owned(), |tag| format!("Some(Text::Borrowed({tag:?}))"));
            format!("Predicate::Image(ImageMatch {{ tag: {tag}, tagged: {tagged:?}, digest: {digest:?} }})")
        }
    }
}

fn texts(list: &List<Text>) -> String {
    let texts: Vec<String> = list.iter().map(|text| format!("Text::Borrowed({text:?})")).collect();
    format!("List::Borrowed(&[{}])", texts.join(", "))
}

#[test]
fn the_reference_lists_every_rule() {
    let mut text = String::from(
        "# The rules\n\nGenerated from `rules/lint/*.yaml` by `RPLAN_UPDATE=1 cargo test --test it rules::`.\n\n\
         | rule | category | severity | fix | finds | elsewhere |\n|---|---|---|---|---|---|\n",
    );
    for rule in documents() {
        let fix = match rule.fix {
            rplan::rules::Offered::Never => "".to_owned(),
            _ => rule.safety.as_str().to_owned(),
        };
        writeln!(
            text,
            "| `{}` | {} | {} | {fix} | {} | {} |",
            rule.id,
            rule.category,
            rule.severity,
            rule.summary.trim(),
            rule.aliases.join(", ")
        )
        .unwrap();
    }
    generated("rules/README.md", &text);
}
