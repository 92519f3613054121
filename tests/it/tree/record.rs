//! What a tree is without its times.

use std::path::Path;

use rplan::digest::Digest;
use rplan::tree::copy::Arrival;
use rplan::tree::record::{self, Record, What};
use rplan::tree::select::SourceTree;
use rplan::tree::{Entry, Verdict};
use tempfile::TempDir;

use super::{file, link, mode, root, touch};

fn records(tree: &Path, sources: &[&str], arrival: &Arrival) -> Vec<Record> {
    let judge = |_: &Entry| Verdict::Take;
    let root = root(tree);
    let source = SourceTree::of_context(&root, &judge);
    let hits: Vec<_> = sources.iter().flat_map(|name| source.select(name).expect("hits")).collect();
    record::arriving(&source, &hits, arrival, &|entry| record::read_content(&root, entry)).expect("records")
}

fn key(tree: &Path, sources: &[&str]) -> Digest {
    record::digest(&records(tree, sources, &Arrival::default()))
}

fn tree() -> TempDir {
    let tree = TempDir::new().expect("a directory");
    file(tree.path(), "src/a", "A");
    file(tree.path(), "src/sub/b", "B");
    link(tree.path(), "src/l", "a");
    tree
}

#[test]
fn records_name_the_paths_of_the_source_and_what_is_there() {
    let tree = tree();
    let records = records(tree.path(), &["src", "src/a"], &Arrival::default());
    let lines: Vec<String> = records.iter().map(|record| format!("{} {:o}", record.path, record.mode)).collect();
    assert_eq!(lines, ["src/a 644", "src/l 777", "src/sub 755", "src/sub/b 644", "src/a 644"]);
    assert_eq!(records[0].what, What::File { size: 1, content: Digest::of("A") });
    assert_eq!(records[1].what, What::Symlink { target: "a".to_owned() });
}

#[test]
fn times_do_not_count() {
    let tree = tree();
    let before = key(tree.path(), &["src"]);
    touch(tree.path(), "src/a", 7);
    touch(tree.path(), "src/sub", 7);
    assert_eq!(key(tree.path(), &["src"]), before);
}

#[test]
fn content_mode_target_and_name_count() {
    let changes: [&dyn Fn(&Path); 5] = [
        &|tree| file(tree, "src/a", "B"),
        &|tree| mode(tree, "src/a", 0o755),
        &|tree| mode(tree, "src/sub", 0o700),
        &|tree| std::fs::rename(tree.join("src/a"), tree.join("src/c")).expect("renamed"),
        &|tree| {
            std::fs::remove_file(tree.join("src/l")).expect("removed");
            link(tree, "src/l", "b");
        },
    ];
    for (number, change) in changes.iter().enumerate() {
        let tree = tree();
        let before = key(tree.path(), &["src"]);
        change(tree.path());
        assert_ne!(key(tree.path(), &["src"]), before, "change {number}");
    }
}

#[test]
fn a_merged_directory_counts_by_its_content_alone() {
    let tree = tree();
    let before = key(tree.path(), &["src"]);
    mode(tree.path(), "src", 0o700);
    std::fs::rename(tree.path().join("src"), tree.path().join("lib")).expect("renamed");
    assert_eq!(key(tree.path(), &["lib"]), before);
}

#[test]
fn a_file_renamed_under_a_wildcard_counts() {
    let tree = tree();
    let before = key(tree.path(), &["src/a*"]);
    std::fs::rename(tree.path().join("src/a"), tree.path().join("src/az")).expect("renamed");
    assert_ne!(key(tree.path(), &["src/a*"]), before);
}

#[test]
fn a_mode_that_chmod_replaces_does_not_count() {
    let tree = tree();
    let arrival = Arrival { owner: None, mode: Some("644".parse().expect("a mode")) };
    let before = record::digest(&records(tree.path(), &["src/a"], &arrival));
    mode(tree.path(), "src/a", 0o755);
    assert_eq!(record::digest(&records(tree.path(), &["src/a"], &arrival)), before);
}

#[test]
fn records_read_back_what_they_write() {
    let tree = tree();
    let records = records(tree.path(), &["src"], &Arrival::default());
    let text = serde_json::to_string(&records).expect("JSON");
    assert_eq!(serde_json::from_str::<Vec<Record>>(&text).expect("records"), records);
}
