//! The language, case by case: `tests/conformance` has a file for each behaviour that builds show, with a Dockerfile, its
//! context, and what must come of it. `RPLAN_UPDATE=1` writes down what comes of it now, to be read before it is kept.
//!
//! Each case is built by the program itself, in a store of its own. `tests/conformance/compare` builds the same cases
//! with other builders.

mod case;
mod catalogue;
mod differences;
mod peers;
mod place;
mod shown;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use similar::TextDiff;

use crate::support::system::system_tests_run;
use case::Case;
use place::{Place, Rplan};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

fn is_update() -> bool {
    std::env::var_os("RPLAN_UPDATE").is_some_and(|value| value == "1")
}

/// The cases whose names contain one of the words in `RPLAN_CASES`; all when it has none.
fn wanted() -> Vec<Case> {
    let words = std::env::var("RPLAN_CASES").unwrap_or_default();
    let is_wanted = |case: &Case| words.is_empty() || words.split_whitespace().any(|word| case.name.contains(word));
    Case::all(&directory()).into_iter().filter(is_wanted).collect()
}

#[test]
fn every_case_gives_what_it_says() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let cases = wanted();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Some(difference) = check(case) {
                wrong.lock().unwrap().push(difference);
            }
        }
    };
    std::thread::scope(|scope| {
        (0..4).for_each(|_| drop(scope.spawn(work)));
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {} cases:\n\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// What differs from what `case` says, or, when it is updated, nothing.
fn check(case: &Case) -> Option<String> {
    let place = Place::lay_out(case);
    let result = place.build(&Rplan, case.shows_layers());
    if is_update() {
        case.expect(&result);
        return None;
    }
    let expected = case.expected.as_ref().map(ToString::to_string).unwrap_or_default();
    let actual = result.to_string();
    let diff = TextDiff::from_lines(&expected, &actual);
    (expected != actual).then(|| format!("{}\n{}", case.name, diff.unified_diff().header("expected", "actual")))
}

#[test]
fn the_catalogue_of_the_cases_is_up_to_date() {
    let (path, expected) = (directory().join("README.md"), catalogue::readme(&Case::all(&directory())));
    if is_update() {
        std::fs::write(&path, &expected).unwrap();
    }
    let actual = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(actual == expected, "RPLAN_UPDATE=1 writes tests/conformance/README.md");
}

/// Run by `tests/conformance/compare`, which also says with whom.
#[test]
#[ignore = "compares with other builders; tests/conformance/compare runs it"]
fn other_builders_differ_only_for_a_reason() {
    let reasons = differences::Reasons::read(&directory().join("differences.toml"));
    let names = std::env::var("RPLAN_PEERS").unwrap_or_else(|_| "dockerd buildah".to_owned());
    let mut trouble = Vec::new();
    for name in names.split_whitespace() {
        let peer = peers::start(name);
        for case in wanted() {
            let place = Place::lay_out(&case);
            let theirs = place.build(&*peer, case.shows_layers());
            let ours = case.expected.as_ref().expect("every case says what comes of it");
            trouble.extend(reasons.unexplained(name, &case, ours, &theirs));
        }
    }
    if std::env::var_os("RPLAN_CASES").is_none() {
        trouble.extend(reasons.unused(&names));
    }
    eprintln!("{}", reasons.summary());
    assert!(trouble.is_empty(), "{}", trouble.join("\n"));
}
