//! A diff, applied to what was below, gives what the overlay shows: with random changes made by the kernel's overlay.

use std::fs::{self, File};
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rplan::tree::apply::Clash;
use rplan::tree::copy::{Arrival, copy};
use rplan::tree::diff::{Difference, diff};
use rplan::tree::select::SourceTree;
use rplan::tree::{Applier, Kind, New};

use super::overlay::Overlay;
use super::{listing, mode, root};
use crate::support::system::system_tests_run;

/// What a step may do to a path.
#[derive(Debug, Clone)]
enum Act {
    Write(String, String),
    MakeDirectory(String),
    Link(String),
    Remove(String),
    ChangeMode(String, u32),
    Rename(String, String),
}

/// Few names, so that paths meet; the target of a link is none of them.
fn path() -> impl Strategy<Value = String> {
    proptest::collection::vec("[abc]", 1..4).prop_map(|names| names.join("/"))
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (path(), "[xy]").prop_map(|(path, text)| Act::Write(path, text)),
        3 => path().prop_map(Act::MakeDirectory),
        1 => path().prop_map(Act::Link),
        4 => path().prop_map(Act::Remove),
        1 => (path(), prop_oneof![Just(0o700), Just(0o755)]).prop_map(|(path, mode)| Act::ChangeMode(path, mode)),
        2 => (path(), path()).prop_map(|(from, to)| Act::Rename(from, to)),
    ]
}

/// Does what it can.
fn perform(acts: &[Act], root: &Path) {
    for act in acts {
        let _ = match act {
            Act::Write(path, text) => fs::write(root.join(path), text),
            Act::MakeDirectory(path) => fs::create_dir(root.join(path)),
            Act::Link(path) => std::os::unix::fs::symlink("/nowhere", root.join(path)),
            Act::Remove(path) => match root.join(path).is_dir() {
                true => fs::remove_dir_all(root.join(path)),
                false => fs::remove_file(root.join(path)),
            },
            Act::ChangeMode(path, bits) => {
                if root.join(path).exists() {
                    mode(root, path, *bits);
                }
                Ok(())
            }
            Act::Rename(from, to) => fs::rename(root.join(from), root.join(to)),
        };
    }
}

/// Copies the whole of `from` into the empty `to`.
fn copy_all(from: &Path, to: &Path) {
    let source = root(from);
    let tree = SourceTree::of_stage(&source);
    let hits = tree.select(".").expect("the root");
    copy(&tree, &hits, &root(to), "/", &Arrival::default()).expect("a copy");
}

/// Applies the changes in `upper` to the plain directory `target`.
fn replay(upper: &Path, lowers: &[std::path::PathBuf], target: &Path) {
    let target = root(target);
    let mut applier = Applier::new(&target, Clash::Replace);
    for change in diff(upper, lowers).expect("a diff") {
        let entry = match &change.difference {
            Difference::Deleted => {
                assert!(applier.remove(&change.path).expect("removed"), "{} was there", change.path.display());
                continue;
            }
            Difference::Added(entry) | Difference::Modified(entry) | Difference::Implied(entry) => entry,
        };
        let file;
        let new = match &entry.kind {
            Kind::Directory => New::Directory,
            Kind::Symlink { target } => New::Symlink(target),
            Kind::File => {
                file = File::open(upper.join(&entry.path)).expect("a file");
                New::CopyOf(&file)
            }
            other => panic!("nobody made a {other:?}"),
        };
        applier.put(&change.path, new, &entry.attributes).expect("put");
    }
    applier.finish().expect("times");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60,
        rng_seed: RngSeed::Fixed(3),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_replayed_diff_gives_what_the_overlay_shows(
        base in proptest::collection::vec(act(), 1..30),
        first in proptest::collection::vec(act(), 1..20),
        second in proptest::collection::vec(act(), 1..20),
    ) {
        if !system_tests_run("root, to mount overlays") {
            return Ok(());
        }
        let lower = Overlay::new(&[&|lower| perform(&base, lower)]).expect("an overlay");
        let target = tempfile::tempdir().expect("a directory");
        copy_all(&lower.lowers[0], target.path());

        let shown = lower.change(|merged| perform(&first, merged));
        replay(&lower.upper(), &lower.lowers, target.path());
        prop_assert_eq!(listing(target.path()), shown);

        let top = lower.on_top();
        let shown = top.change(|merged| perform(&second, merged));
        replay(&top.upper(), &top.lowers, target.path());
        prop_assert_eq!(listing(target.path()), shown);
    }
}
