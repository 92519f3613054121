//! Legality: whatever order the exchange rule accepts, and whatever split the split rule accepts, gives the same tree and
//! config in a small machine; and how many refusals would not have been needed.

mod generate;
mod machine;

use std::collections::BTreeSet;
use std::sync::Arc;

use rplan::effect::instruction::{of_instruction, of_run, workdir_before};
use rplan::effect::transfer::brought;
use rplan::effect::{EffectSet, Split, exchange, split};
use rplan::model::{self, ResolveOptions, Resolved, Surroundings};
use rplan::syntax;
use rplan::text::SourceFile;

use generate::{Context, Source};
use machine::Machine;

/// Random stages that are tried.
const STAGES: u64 = 3000;

fn resolve(lines: &[String], around: &Surroundings) -> Resolved {
    let text = format!("FROM scratch\n{}\n", lines.join("\n"));
    let parsed = syntax::parse(&SourceFile::new("Dockerfile", text.as_bytes()));
    assert!(parsed.errors.is_empty(), "{text}");
    let options = ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() };
    model::resolve(model::analyze(parsed.tree), &options, around)
}

fn around(context: &Context) -> Surroundings {
    Surroundings { context: Some(Arc::new(context.in_memory())), ..Surroundings::default() }
}

fn effects(lines: &[String], around: &Surroundings) -> Vec<EffectSet> {
    let resolved = resolve(lines, around);
    let stage = &resolved.model.stages[0];
    (1..stage.instructions.len()).map(|index| of_instruction(&resolved, around, stage, index)).collect()
}

/// `lines` with the one at `from` moved below the one at `to`.
fn moved(lines: &[String], from: usize, to: usize) -> Vec<String> {
    let mut moved = lines.to_vec();
    let line = moved.remove(from);
    moved.insert(to, line);
    moved
}

#[test]
fn an_accepted_order_gives_the_same_tree_and_config() {
    let (mut accepted, mut refused, mut needless) = (0, 0, 0);
    for seed in 0..STAGES {
        let mut source = Source::new(seed);
        let context = Context::random(&mut source);
        let lines = generate::stage(&mut source);
        let Ok(before) = Machine::run(&lines, &context) else { continue };
        let around = around(&context);
        let effects = effects(&lines, &around);
        for from in 0..lines.len() {
            for to in from + 1..lines.len() {
                let conflict = (from + 1..=to).find_map(|passed| exchange(&effects[from], &effects[passed]).err());
                let other = moved(&lines, from, to);
                let is_same = Machine::run(&other, &context).as_ref() == Ok(&before);
                match conflict {
                    None => {
                        accepted += 1;
                        assert!(
                            is_same,
                            "seed {seed}: {context:?}\n{}\nbecomes\n{}",
                            lines.join("\n"),
                            other.join("\n")
                        );
                    }
                    Some(_) if to == from + 1 => {
                        refused += 1;
                        needless += usize::from(is_same);
                    }
                    Some(_) => {}
                }
            }
        }
    }
    eprintln!("{accepted} moves accepted, {refused} exchanges refused, {needless} of them needlessly");
    assert!(accepted > 1000, "{accepted} accepted moves prove little");
    assert!(needless * 10 < refused * 8, "{needless} of {refused} refusals were needless");
}

#[test]
fn an_accepted_split_gives_the_same_tree() {
    let (mut accepted, mut refused, mut needless) = (0, 0, 0);
    for seed in 0..STAGES {
        let mut source = Source::new(seed ^ 0x5eed);
        let context = Context::random(&mut source);
        let destination = source.pick(&["/a/", "/b/", "/a/d/"]);
        let mut lines = generate::stage(&mut source);
        lines.truncate(3);
        let at = lines.len();
        lines.extend([format!("COPY . {destination}"), generate::run(&mut source)]);
        let Ok(before) = Machine::run(&lines, &context) else { continue };
        let around = around(&context);
        let resolved = resolve(&lines, &around);
        let stage = &resolved.model.stages[0];
        let workdir = workdir_before(&resolved, &around, stage.id, at + 1);
        let operation = &stage.instructions[at + 1].operation;
        let Ok(brought) = brought(operation, workdir.as_deref(), &resolved, &context.in_memory()) else { continue };
        let Ok(commands) = of_run(&resolved, &around, stage, at + 2) else { continue };
        let command = commands.into_iter().fold(EffectSet::default(), |all, one| all.then(one.effect));
        let copy = of_instruction(&resolved, &around, stage, at + 1);
        let name = source.pick(&["f", "g"]);
        let Some(target) = brought.target_of(name).map(str::to_owned) else { continue };
        let first = BTreeSet::from([target]);
        let all = brought.targets();
        let question =
            Split { brought: &all, destination: &brought.destination, first: &first, copy: &copy, command: &command };
        let mut other = lines[..at].to_vec();
        other.extend([format!("COPY {name} {destination}"), lines[at + 1].clone(), lines[at].clone()]);
        let is_same = Machine::run(&other, &context).as_ref() == Ok(&before);
        match split(&question) {
            Ok(()) => {
                accepted += 1;
                assert!(is_same, "seed {seed}: {context:?}\n{}\nbecomes\n{}", lines.join("\n"), other.join("\n"));
            }
            Err(_) => {
                refused += 1;
                needless += usize::from(is_same);
            }
        }
    }
    eprintln!("{accepted} splits accepted, {refused} refused, {needless} of them needlessly");
    assert!(accepted > 50, "{accepted} accepted splits prove little");
    assert!(needless * 10 < refused * 9, "{needless} of {refused} refusals were needless");
}
