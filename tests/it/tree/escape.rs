//! Whatever links a tree holds, nothing outside its root is read or written.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rplan::tree::apply::Clash;
use rplan::tree::copy::{Arrival, copy};
use rplan::tree::select::SourceTree;
use rplan::tree::{Applier, Attributes, New};
use tempfile::TempDir;

use super::{directory, file, link, listing, root};
use crate::support::system::system_tests_run;

/// One thing that an archive from a stranger, or a stranger's context, may hold.
#[derive(Debug, Clone)]
enum Act {
    Directory(String),
    File(String),
    Symlink(String, String),
    HardLink(String, String),
    Remove(String),
    Opaque(String),
    Copy { source: String, destination: String },
}

/// A few names, so that paths meet; `..` and absolute ones, so that they try to get out.
fn path() -> impl Strategy<Value = String> {
    let name = prop_oneof![5 => "[ab]", 3 => Just("..".to_owned()), 2 => Just("outside".to_owned())];
    (proptest::bool::weighted(0.2), proptest::collection::vec(name, 1..4))
        .prop_map(|(absolute, names)| format!("{}{}", if absolute { "/" } else { "" }, names.join("/")))
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => path().prop_map(Act::Directory),
        3 => path().prop_map(Act::File),
        4 => (path(), path()).prop_map(|(at, target)| Act::Symlink(at, target)),
        2 => (path(), path()).prop_map(|(at, target)| Act::HardLink(at, target)),
        1 => path().prop_map(Act::Remove),
        1 => path().prop_map(Act::Opaque),
        3 => (path(), path()).prop_map(|(source, destination)| Act::Copy { source, destination }),
    ]
}

/// Does what it can of `acts` below `target`. Failures are fine; what counts is where things end up.
fn perform(acts: &[Act], target: &Path, clash: Clash) {
    let target = root(target);
    let attributes = Attributes { mode: 0o755, ..Attributes::default() };
    let mut applier = Applier::new(&target, clash);
    for act in acts {
        let _ = match act {
            Act::Directory(at) => applier.put(Path::new(at), New::Directory, &attributes),
            Act::File(at) => applier.put(Path::new(at), New::File(&mut &b"inside"[..]), &attributes),
            Act::Symlink(at, target) => applier.put(Path::new(at), New::Symlink(Path::new(target)), &attributes),
            Act::HardLink(at, target) => applier.put(Path::new(at), New::HardLink(Path::new(target)), &attributes),
            Act::Remove(at) => applier.remove(Path::new(at)).map(drop),
            Act::Opaque(at) => applier.make_opaque(Path::new(at)),
            Act::Copy { source, destination } => {
                let tree = SourceTree::of_stage(&target);
                let copied = tree.select(source).and_then(|hits| {
                    // A directory copied into itself would not end; a COPY never has one tree on both sides.
                    let files: Vec<_> = hits.into_iter().filter(|hit| !hit.entry.is_directory()).collect();
                    copy(&tree, &files, &target, destination, &Arrival::default())
                });
                copied.map(drop)
            }
        };
    }
    let _ = applier.finish();
}

/// A directory with a secret, whose `root` is the world of a test, and what the rest of it looks like.
fn world() -> (TempDir, Vec<String>) {
    let world = TempDir::new().expect("a directory");
    file(world.path(), "outside", "secret");
    file(world.path(), "a/outside", "secret");
    directory(world.path(), "root");
    let around = around(world.path());
    (world, around)
}

fn around(world: &Path) -> Vec<String> {
    listing(world).into_iter().filter(|line| !line.starts_with("root")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, rng_seed: RngSeed::Fixed(2), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_gets_out_of_a_root(acts in proptest::collection::vec(act(), 1..25), replace in any::<bool>()) {
        if !system_tests_run("root, to give files away") {
            return Ok(());
        }
        let (world, before) = world();
        let clash = if replace { Clash::Replace } else { Clash::Refuse };
        perform(&acts, &world.path().join("root"), clash);
        prop_assert_eq!(around(world.path()), before);
        let inside = fs::read_dir(world.path().join("root")).expect("the root is there").count();
        prop_assert!(inside <= 3, "only a, b and outside can be made at the top");
        for line in listing(&world.path().join("root")) {
            prop_assert!(!line.contains("secret"), "{}", line);
        }
    }
}

#[test]
fn links_that_lead_out_are_taken_inside() {
    if !system_tests_run("root, to give files away") {
        return;
    }
    let (world, before) = world();
    let inner = world.path().join("root");
    link(&inner, "up", "../outside");
    link(&inner, "abs", world.path().join("outside").to_str().expect("text"));
    link(&inner, "dir", "..");
    let target = root(&inner);
    for path in ["up", "abs", "dir/outside", "dir/../../outside"] {
        assert_eq!(target.read(Path::new(path)).expect("no failure"), None, "{path}");
    }
    let acts = ["up", "abs", "dir/outside"].map(|at| Act::File(format!("{at}/x")));
    perform(&acts, &inner, Clash::Replace);
    assert_eq!(around(world.path()), before);
}
