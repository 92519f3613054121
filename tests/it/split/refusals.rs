//! Stages that must not be split, each with the words of the refusal: `tests/rewrite/split`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rplan::model::{self, ResolveOptions, Surroundings};
use rplan::rewrite::{self, Costs};
use rplan::syntax;
use rplan::text::SourceFile;
use serde::Deserialize;

use crate::support::memory::MemoryContext;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trap {
    context: BTreeMap<String, String>,
    dockerfile: String,
    refused: String,
}

#[test]
fn every_stage_that_cannot_do_without_its_build_is_refused_for_its_reason() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rewrite/split");
    let mut paths: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 40, "there are {}", paths.len());
    let mut wrong = Vec::new();
    for path in paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let trap: Trap = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let context = Arc::new(MemoryContext::new(trap.context.clone()));
        let around = Surroundings { context: Some(context), ..Surroundings::default() };
        let parsed = syntax::parse(&SourceFile::new("Dockerfile", trap.dockerfile.as_bytes()));
        assert!(parsed.errors.is_empty(), "{name}: {:?}", parsed.errors);
        let options = ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() };
        let resolved = model::resolve(model::analyze(parsed.tree), &options, &around);
        let is_split = |proposal: &rewrite::Proposal| proposal.id == rewrite::ids::SPLIT_STAGE;
        let found = rewrite::propose_where(&resolved, &around, &Costs::default(), &is_split);
        let reasons: Vec<&str> = found.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
        if !found.moves.is_empty() || !reasons.iter().any(|reason| reason.contains(&trap.refused)) {
            wrong.push(format!("{name}: {reasons:?}, {} proposals, instead of {:?}", found.moves.len(), trap.refused));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
