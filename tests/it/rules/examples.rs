//! Each example gives the findings that it names, and no others.

use std::collections::BTreeSet;

use rplan::rules::Kind;

use super::{cases, documents, each, ensure};

#[test]
fn every_example_gives_the_findings_that_it_names() {
    each(cases(), |case| {
        let shown = case.shown(&case.text);
        let told = format!("{}\n{}\nfound {shown:#?}", case.rule, case.text);
        let is_bad = case.kind == Kind::Bad;
        ensure!(is_bad != case.example.expect.is_empty(), "bad examples expect findings, good ones none: {told}");
        ensure!(shown.len() == case.example.expect.len(), "{told}");
        for (found, expected) in shown.iter().zip(&case.example.expect) {
            let (line, message) = found.split_once(": ").unwrap();
            ensure!(line == expected.line.to_string(), "{told}");
            ensure!(message.contains(&expected.words), "{told}");
        }
        Ok(())
    });
}

#[test]
fn every_rule_shows_what_is_bad_and_what_is_good() {
    for document in documents() {
        for kind in [Kind::Bad, Kind::Good] {
            let has = document.examples.iter().any(|example| example.dockerfile().is_some_and(|(is, _)| is == kind));
            assert!(has, "{} has no {kind:?} example", document.id);
        }
    }
}

#[test]
fn messages_and_texts_have_one_style() {
    for case in cases() {
        for finding in case.findings(&case.text) {
            let message = &finding.message;
            assert!(!message.ends_with('.') && !message.contains('\n'), "{}: {message}", case.rule);
            let help = finding.help.unwrap_or_default();
            assert!(!help.ends_with('.'), "{}: {help}", case.rule);
        }
    }
    for document in documents() {
        assert!(document.summary.len() <= 100, "{}: the summary is one short line", document.id);
        for text in [&document.why, &document.advice] {
            assert!(!text.trim().is_empty(), "{} says nothing", document.id);
        }
    }
}

#[test]
fn every_option_is_shown_by_an_example() {
    for document in documents() {
        let shown: BTreeSet<&str> =
            document.examples.iter().flat_map(|example| example.options.keys()).map(String::as_str).collect();
        let declared: BTreeSet<&str> = document.options.iter().map(|option| option.name.as_ref()).collect();
        assert_eq!(shown, declared, "{}: options that examples set, and those that are declared", document.id);
    }
}

#[test]
fn names_are_unique() {
    let mut seen = BTreeSet::new();
    for document in documents() {
        for name in document.meta().names() {
            assert!(seen.insert(name.to_lowercase()), "{name} names two rules");
        }
    }
}
