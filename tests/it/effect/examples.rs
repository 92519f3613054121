//! Every example of every command does what its file says.

use std::collections::BTreeSet;
use std::fmt::Debug;

use rplan::effect::instruction::of_run;
use rplan::effect::{Cell, CommandEffect, EffectSet, PathSet};
use rplan::model::{self, ResolveOptions, Surroundings};
use rplan::syntax;
use rplan::text::SourceFile;

use super::{Example, commands};

#[test]
fn every_example_does_what_its_file_says() {
    let examples = commands().iter().flat_map(|command| &command.examples);
    let failed: Vec<String> = examples.filter_map(|example| check(example).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn every_command_has_an_example() {
    for command in commands() {
        assert!(!command.examples.is_empty(), "{} has no example", command.id);
    }
}

/// A form that no example calls is a form that nobody has tried.
#[test]
fn what_is_listed_is_read_without_an_error() {
    for command in commands() {
        for form in &command.forms {
            let words: Vec<&str> = form.words.iter().map(|word| word.split('|').next().unwrap()).collect();
            let line = [command.names[0].as_str()].into_iter().chain(words).collect::<Vec<_>>().join(" ");
            for flag in form.flags.iter().filter(|flag| flag.starts_with('-')) {
                let effects = effects(&format!("{line} {flag}")).unwrap();
                let barrier = together(&effects).barrier;
                assert_eq!(barrier, None, "{line} {flag}");
            }
        }
    }
}

fn effects(line: &str) -> Result<Vec<CommandEffect>, String> {
    let text = format!("FROM scratch\nWORKDIR /app\nRUN {line}\n");
    let parsed = syntax::parse(&SourceFile::new("Dockerfile", text.as_bytes()));
    let around = Surroundings::default();
    let options = ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() };
    let resolved = model::resolve(model::analyze(parsed.tree), &options, &around);
    of_run(&resolved, &around, &resolved.model.stages[0], 2)
}

fn together(effects: &[CommandEffect]) -> EffectSet {
    effects.iter().fold(EffectSet::default(), |all, one| all.then(one.effect.clone()))
}

fn check(example: &Example) -> Result<(), String> {
    let line = &example.run;
    let effects = effects(line)?;
    let all = together(&effects);
    if all.barrier.is_some() || example.unknown.is_some() {
        return compare(line, "is unknown because", Some(&example.unknown), all.barrier);
    }
    let last = effects.last().ok_or_else(|| format!("{line} calls nothing"))?;
    let cells = |cells: &BTreeSet<Cell>| cells.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    compare(line, "manifests", example.manifests.as_ref(), last.manifests.clone())?;
    compare(line, "reads", example.reads.as_ref(), paths(&all.reads))?;
    compare(line, "writes", example.writes.as_ref(), paths(&all.writes))?;
    compare(line, "makes sure of", example.ensures.as_ref(), all.ensures.iter().cloned().collect())?;
    compare(line, "writes the cells", example.cells_written.as_ref(), cells(&all.cells_written))?;
    compare(line, "makes", example.output.as_ref().map(|path| Some(path.clone())).as_ref(), last.output.clone())?;
    compare(line, "is for", example.action.as_ref(), format!("{:?}", last.action).to_lowercase())?;
    match &example.cells_read {
        Some(wanted) if !wanted.is_subset(&cells(&all.cells_read)) => Err(format!("{line} reads {:?}", all.cells_read)),
        _ => Ok(()),
    }
}

fn paths(set: &PathSet) -> BTreeSet<String> {
    set.to_string().split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn compare<T: PartialEq + Debug>(line: &str, what: &str, wanted: Option<&T>, found: T) -> Result<(), String> {
    match wanted {
        Some(wanted) if *wanted != found => Err(format!("{line}: {what} {found:?} instead of {wanted:?}")),
        _ => Ok(()),
    }
}
