//! What must hold of any fix, whatever its rule says of it.

use std::collections::BTreeSet;

use rplan::diagnostic::Safety;
use rplan::lint::{self, Selection};
use rplan::model::{Surroundings, diff};
use rplan::rules::Offered;
use rplan::text::SourceFile;

use super::{bad_cases, cases, catalogue, documents, each, ensure, options, resolved};

#[test]
fn fixes_give_what_the_examples_say() {
    each(cases(), |case| {
        let fixed = case.fixed(&case.text, Safety::Unsafe);
        ensure!(fixed.defects.is_empty(), "{}: {}{:?}", case.rule, case.text, fixed.defects);
        let text = String::from_utf8(fixed.bytes).unwrap();
        let expected = case.example.fixed.as_deref().unwrap_or(&case.text);
        ensure!(text == expected, "{} gives\n{text}instead of\n{expected}", case.rule);
        Ok(())
    });
}

#[test]
fn a_fix_ends_its_finding_and_needs_no_second_time() {
    each(bad_cases(), |case| {
        let before = case.findings(&case.text);
        for fix in before.iter().flat_map(|finding| &finding.fixes).filter(|fix| fix.safety != Safety::Display) {
            let text = String::from_utf8(fix.edits.apply(case.text.as_bytes())).unwrap();
            let left = case.shown(&text);
            ensure!(left.len() < before.len(), "{}: {} ends nothing\n{text}\n{left:?}", case.rule, fix.title);
        }
        let once = case.fixed(&case.text, Safety::Unsafe).bytes;
        let twice = case.fixed(std::str::from_utf8(&once).unwrap(), Safety::Unsafe).bytes;
        ensure!(once == twice, "{} changes again what it has mended", case.rule);
        Ok(())
    });
}

/// Changes that leave tree and config of every build that went through before as they were.
const HARMLESS: &[(&str, &str)] = &[
    ("add-instead-of-copy", "add.removed"),
    ("add-instead-of-copy", "copy.added"),
    ("apt-without-yes", "run.command"),
    ("cd-in-run", "run.command"),
    ("cd-in-run", "workdir.added"),
    ("dnf-without-yes", "run.command"),
    ("empty-run", "run.removed"),
    ("epilogue-order", "cmd.moved"),
    ("expose-casing", "expose.arguments"),
    ("expose-host-part", "expose.arguments"),
    ("index-update-alone", "run.command"),
    ("index-update-alone", "run.removed"),
    ("maintainer", "label.added"),
    ("maintainer", "maintainer.removed"),
    ("multiple-cmd", "cmd.removed"),
    ("multiple-cmd", "entrypoint.removed"),
    ("multiple-cmd", "healthcheck.removed"),
    ("redundant-platform", "from.platform"),
    ("relative-destination", "add.destination"),
    ("relative-destination", "copy.destination"),
    ("relative-workdir", "workdir.arguments"),
    ("repeated-label", "label.pairs"),
    ("repeated-label", "label.removed"),
    ("repeated-port", "expose.arguments"),
    ("repeated-port", "expose.removed"),
    ("stage-by-number", "copy.from"),
    ("uneven-heredoc", "run.command"),
    ("ungrouped-labels", "label.pairs"),
    ("ungrouped-labels", "label.removed"),
    ("unsorted-labels", "label.pairs"),
    ("yum-without-yes", "run.command"),
    ("zypper-without-yes", "run.command"),
];

#[test]
fn fixes_are_as_safe_and_as_frequent_as_declared() {
    each(documents(), |document| {
        let id = document.id.as_ref();
        let cases: Vec<_> = bad_cases().into_iter().filter(|case| case.rule == id).collect();
        let found: Vec<_> = cases.iter().flat_map(|case| case.findings(&case.text)).collect();
        let fixable = found.iter().filter(|finding| !finding.fixes.is_empty()).count();
        match document.fix.offered {
            Offered::Never => ensure!(fixable == 0, "{id} promises no fix"),
            Offered::Always => ensure!(fixable == found.len(), "{id} promises a fix for each"),
            Offered::Sometimes => {
                ensure!(fixable > 0, "no example of {id} has a fix");
                ensure!(fixable < found.len(), "every example of {id} has a fix: say `always`");
            }
        }
        let worst = found.iter().flat_map(|finding| &finding.fixes).map(|fix| fix.safety).max();
        ensure!(worst.is_none_or(|worst| worst == document.fix.safety), "{id} declares another safety than {worst:?}");
        if document.fix.safety == Safety::Safe {
            let is_harmless = |change: &&rplan::rules::Text| HARMLESS.contains(&(id, change.as_ref()));
            let wrong = document.changes.iter().find(|change| !is_harmless(change));
            ensure!(wrong.is_none(), "{id}: is {wrong:?} safe? then say why in HARMLESS");
        }
        Ok(())
    });
}

#[test]
fn fixes_change_all_of_what_is_declared_and_nothing_else() {
    each(documents(), |document| {
        let declared: BTreeSet<String> = document.changes.iter().map(|change| change.to_string()).collect();
        let mut seen = BTreeSet::new();
        for case in bad_cases().into_iter().filter(|case| case.rule == document.id) {
            let after = String::from_utf8(case.fixed(&case.text, Safety::Unsafe).bytes).unwrap();
            let (before, _) = resolved(&case.text, &case.around());
            let (after, _) = resolved(&after, &case.around());
            seen.extend(diff(&before, &after).iter().flat_map(|change| change.names()));
        }
        ensure!(seen == declared, "{}: its examples change {seen:?}, and it declares {declared:?}", document.id);
        Ok(())
    });
}

#[test]
fn unsafe_fixes_wait_until_they_are_allowed() {
    each(bad_cases(), |case| {
        let offered = case.findings(&case.text);
        if offered.iter().flat_map(|finding| &finding.fixes).all(|fix| fix.safety != Safety::Safe) {
            ensure!(case.fixed(&case.text, Safety::Safe).bytes == case.text.as_bytes(), "{} did not wait", case.rule);
        }
        Ok(())
    });
}

#[test]
fn all_rules_together_come_to_an_end() {
    let all = Selection { select: vec!["all".to_owned()], ..Selection::default() };
    each(cases(), |case| {
        let fix = |bytes: &[u8]| {
            let source = SourceFile::new("Dockerfile", bytes);
            lint::fix(&source, &options(), &case.around(), catalogue(), &all, Safety::Unsafe)
        };
        let once = fix(case.text.as_bytes());
        ensure!(once.defects.is_empty(), "{}: {}{:?}", case.rule, case.text, once.defects);
        ensure!(once.bytes == fix(&once.bytes).bytes, "{}: a second time changes more", case.rule);
        Ok(())
    });
}

/// Either mends what the other does: both at once would mount a cache that nothing fills.
#[test]
fn a_cache_is_mounted_or_left_out_but_not_both() {
    let text = "FROM python:3.12\nRUN echo a && pip install flask && npm ci\n";
    for mounts in [true, false] {
        let ids = ["pip-with-cache", "npm-with-cache", "install-without-cache-mount"];
        let select = ids[..if mounts { 3 } else { 2 }].iter().map(|id| (*id).to_owned()).collect();
        let selection = Selection { select, ..Selection::default() };
        let source = SourceFile::new("Dockerfile", text.as_bytes());
        let fixed = lint::fix(&source, &options(), &Surroundings::default(), catalogue(), &selection, Safety::Unsafe);
        let fixed = String::from_utf8(fixed.bytes).unwrap();
        assert_eq!(fixed.contains("--mount=type=cache"), mounts, "{fixed}");
        assert_eq!(fixed.contains("--no-cache-dir"), !mounts, "{fixed}");
        assert_eq!(fixed.contains("npm cache clean"), !mounts, "{fixed}");
    }
}
