//! Every example of every ecosystem reads what its file says.

use std::collections::BTreeSet;

use rplan::effect::ecosystem::{self, Asked};
use rplan::effect::instruction::of_run;
use rplan::model::{self, BuildContext, ResolveOptions, Surroundings};
use rplan::syntax;
use rplan::text::SourceFile;

use super::{Example, ecosystems};
use crate::support::memory::MemoryContext;

#[test]
fn every_example_reads_what_its_file_says() {
    let mut failed = Vec::new();
    for ecosystem in ecosystems() {
        assert_eq!(
            ecosystem.examples.is_empty(),
            ecosystem.calls.is_empty(),
            "{}: an example of its calls",
            ecosystem.id
        );
        failed.extend(ecosystem.examples.iter().filter_map(|example| check(&ecosystem.tool, example).err()));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn check(tool: &str, example: &Example) -> Result<(), String> {
    let line = &example.run;
    let text = format!("FROM scratch\nWORKDIR /app\nRUN {line}\n");
    let parsed = syntax::parse(&SourceFile::new("Dockerfile", text.as_bytes()));
    let around = Surroundings::default();
    let options = ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() };
    let resolved = model::resolve(model::analyze(parsed.tree), &options, &around);
    let command = of_run(&resolved, &around, &resolved.model.stages[0], 2)?.pop().ok_or("calls nothing")?;
    if let Some(reason) = &command.effect.barrier {
        return Err(format!("{line}: {reason}"));
    }
    let (found, _) = ecosystem::of(&command).ok_or_else(|| format!("{line} calls no installer"))?;
    if found.tool != tool {
        return Err(format!("{line} is of {}", found.tool));
    }
    let context = MemoryContext::new(example.context.clone());
    let named = command.manifests.iter().map(|path| path.trim_start_matches("/app/").to_owned());
    let named: Vec<String> = named.filter(|path| context.entry(path).is_some()).collect();
    let asked = Asked { named: &named, directory: "", words: &command.words, context: &context };
    match (found.manifests(&asked), &example.refused) {
        (Err(reason), Some(words)) if reason.contains(words) => Ok(()),
        (Err(reason), _) => Err(format!("{line} is refused: {reason}")),
        (Ok(_), Some(words)) => Err(format!("{line} is not refused: {words}")),
        (Ok(manifests), None) => {
            compare(line, "reads", &example.paths, &manifests.paths)?;
            compare(line, "reads below", &example.directories, &manifests.directories)?;
            compare(line, "writes below", &example.writes, &manifests.writes)
        }
    }
}

fn compare(line: &str, what: &str, wanted: &BTreeSet<String>, found: &BTreeSet<String>) -> Result<(), String> {
    match wanted == found {
        true => Ok(()),
        false => Err(format!("{line} {what} {found:?} instead of {wanted:?}")),
    }
}
