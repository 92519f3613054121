//! Files that must not be rewritten, files that have nothing left to be done, and files that get better: `tests/rewrite`.
//!
//! A file in `refused` names the words of the refusal; one in `good` comes back as it is, without a word.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rplan::model::{self, ResolveOptions, Resolved, Surroundings};
use rplan::rewrite::{self, Costs, Proposals};
use rplan::syntax;
use rplan::text::SourceFile;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::support::memory::MemoryContext;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trap {
    context: BTreeMap<String, String>,
    #[serde(default)]
    links: BTreeMap<String, String>,
    #[serde(default)]
    ignore: Vec<String>,
    dockerfile: String,
    refused: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Good {
    context: BTreeMap<String, String>,
    dockerfile: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Better {
    context: BTreeMap<String, String>,
    class: String,
    before: String,
    after: String,
}

/// Every file of a directory, by name.
fn all<T: DeserializeOwned>(directory: &str) -> BTreeMap<String, T> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rewrite").join(directory);
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let file = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, file)
    };
    paths.map(read).collect()
}

fn around(context: MemoryContext) -> Surroundings {
    Surroundings { context: Some(Arc::new(context)), ..Surroundings::default() }
}

fn resolve(name: &str, text: &str, around: &Surroundings) -> Resolved {
    let parsed = syntax::parse(&SourceFile::new("Dockerfile", text.as_bytes()));
    assert!(parsed.errors.is_empty(), "{name}: {:?}", parsed.errors);
    let options = ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() };
    model::resolve(model::analyze(parsed.tree), &options, around)
}

fn proposals(name: &str, text: &str, around: &Surroundings) -> Proposals {
    rewrite::propose(&resolve(name, text, around), around, &Costs::default())
}

fn is_hoist(proposal: &&rewrite::Proposal) -> bool {
    proposal.id == rewrite::ids::HOIST_MANIFESTS
}

#[test]
fn every_trap_is_refused_for_its_reason() {
    let traps = all::<Trap>("refused");
    assert!(traps.len() >= 40, "there are {}", traps.len());
    let mut wrong = Vec::new();
    for (name, trap) in traps {
        let ignored: Vec<&str> = trap.ignore.iter().map(String::as_str).collect();
        let mut context = MemoryContext::new(trap.context.clone()).ignoring(&ignored);
        for (path, target) in &trap.links {
            context = context.with_link(path, target);
        }
        let around = around(context);
        // Another rewrite may clear the way.
        let resolved = resolve(&name, &trap.dockerfile, &around);
        let found = rewrite::propose_where(&resolved, &around, &Costs::default(), &|one| is_hoist(&one));
        let reasons: Vec<&str> = found.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
        if !reasons.iter().any(|reason| reason.contains(&trap.refused)) || found.moves.iter().any(|one| is_hoist(&one))
        {
            let moves: Vec<&str> = found.moves.iter().map(|one| one.id.as_str()).collect();
            wrong.push(format!("{name}: {reasons:?} {moves:?} instead of {:?}", trap.refused));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_good_file_has_nothing_left_to_be_done() {
    let files = all::<Good>("good");
    assert!(files.len() >= 20, "there are {}", files.len());
    let mut wrong = Vec::new();
    for (name, good) in files {
        let found = proposals(&name, &good.dockerfile, &around(MemoryContext::new(good.context.clone())));
        // What the ignore file leaves out is no matter of the file itself.
        let own = |id: &&str| !["extend-ignore-file", "ignore-git"].contains(id);
        let moves: Vec<&str> = found.moves.iter().map(|one| one.id.as_str()).filter(own).collect();
        let refused = found.refused.iter().filter(|refusal| own(&refusal.id.as_str()));
        let reasons: Vec<&str> = refused.map(|refusal| refusal.reason.as_str()).collect();
        if !moves.is_empty() || !reasons.is_empty() {
            wrong.push(format!("{name}: {moves:?} {reasons:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn manifests_of_every_ecosystem_are_hoisted() {
    let mut wrong = Vec::new();
    for (name, file) in all::<Better>("better") {
        let around = around(MemoryContext::new(file.context.clone()));
        let resolved = resolve(&name, &file.before, &around);
        let found = rewrite::propose_where(&resolved, &around, &Costs::default(), &|one| is_hoist(&one));
        let apply = |bytes: Vec<u8>, one: &rewrite::Proposal| one.edits.apply(&bytes);
        let after = String::from_utf8(found.moves.iter().fold(file.before.clone().into_bytes(), apply)).unwrap();
        let class = found.moves.first().map(|one| serde_json::to_value(one.class).unwrap());
        if after != file.after || class.as_ref().and_then(|class| class.as_str()) != Some(&file.class) {
            let reasons: Vec<&str> = found.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
            let assumed: Vec<&String> = found.moves.iter().flat_map(|one| &one.assumed).collect();
            wrong.push(format!("{name}: {class:?} {reasons:?} {assumed:?}\n{after}"));
        }
        let again =
            rewrite::propose_where(&resolve(&name, &after, &around), &around, &Costs::default(), &|one| is_hoist(&one));
        assert!(again.moves.is_empty(), "{name}: a rewritten file is left alone");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
