//! Golden trees: every Dockerfile of the corpus, parsed and written out.

use std::path::Path;

use rplan::syntax::{self, Parsed};
use rplan::text::SourceFile;

use crate::support::snapshot;
use crate::syntax::outline::outline;

/// The Dockerfiles written for these tests, by name.
fn corpus() -> Vec<(String, Vec<u8>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .expect("the corpus is there")
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?.strip_suffix(".Dockerfile")?.to_owned();
            Some((name, std::fs::read(&path).unwrap()))
        })
        .collect();
    files.sort();
    files
}

fn parse(name: &str, bytes: &[u8]) -> Parsed {
    let parsed = syntax::parse(&SourceFile::new(name, bytes));
    assert!(syntax::print(&parsed.tree) == bytes, "{name}: printing gives the source back");
    parsed
}

#[test]
fn the_corpus_parses_to_its_golden_trees() {
    snapshot::in_area("syntax", || {
        for (name, bytes) in corpus() {
            insta::assert_snapshot!(name.as_str(), outline(&parse(&name, &bytes)));
        }
    });
}

/// What BuildKit's parser is known to make of the corpus; compared with BuildKit itself when it was accepted.
#[test]
fn the_corpus_has_its_golden_notation() {
    let mut all = String::new();
    for (name, bytes) in corpus() {
        let parsed = parse(&name, &bytes);
        let notation = match syntax::notation(&parsed) {
            Ok(notation) => notation,
            Err(error) => format!("refused: {}\n", error.message),
        };
        all.push_str(&format!("{name}\n{notation}\n"));
    }
    snapshot::in_area("syntax", || insta::assert_snapshot!("notation", all));
}

#[test]
fn every_snapshot_of_a_tree_has_its_dockerfile() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/syntax");
    let mut snapshots: Vec<String> = std::fs::read_dir(directory)
        .expect("the snapshots are there")
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".snap").map(str::to_owned))
        .filter(|name| name != "notation")
        .collect();
    snapshots.sort();
    let names: Vec<String> = corpus().into_iter().map(|(name, _)| name).collect();
    assert_eq!(snapshots, names);
}
