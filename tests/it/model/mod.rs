//! What Dockerfiles mean: stages and names, values, expansion, ignore files, shell texts, differences.

mod diff;
mod expand;
mod ignore;
mod problems;
mod properties;
mod resolve;
mod shell;
mod stages;

use rplan::model::{self, Operation, ResolveOptions, Resolved, Surroundings, Value};
use rplan::syntax;
use rplan::text::SourceFile;

/// Resolves a file that must have no syntax errors.
fn resolved(text: &str) -> Resolved {
    resolved_with(text, &options(), &Surroundings::default())
}

fn resolved_with(text: &str, options: &ResolveOptions, surroundings: &Surroundings) -> Resolved {
    let parsed = syntax::parse(&SourceFile::new("Dockerfile", text));
    assert_eq!(parsed.errors, [], "in {text:?}");
    model::resolve(model::analyze(parsed.tree), options, surroundings)
}

fn options() -> ResolveOptions {
    ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() }
}

/// Options with build arguments written `NAME=value`.
fn with_args(args: &[&str]) -> ResolveOptions {
    let pair = |arg: &&str| arg.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    ResolveOptions { build_args: args.iter().filter_map(pair).collect(), ..options() }
}

/// Every problem as `text under the span: message`.
fn problems(resolved: &Resolved) -> Vec<String> {
    let source = &resolved.model.tree.source;
    let shown = |problem: &&model::Problem| format!("{}: {}", source.slice(problem.span), problem.message);
    resolved.all_problems().iter().map(shown).collect()
}

/// The values of all words of the last instruction, `?reason` where unknown.
fn last_values(resolved: &Resolved) -> Vec<String> {
    let stage = resolved.model.stages.last().expect("a stage");
    values(resolved, &stage.instructions.last().expect("an instruction").operation)
}

fn values(resolved: &Resolved, operation: &Operation) -> Vec<String> {
    let mut values = Vec::new();
    operation.for_each_word(&mut |word| {
        values.push(match resolved.value(word) {
            Value::Known(text) => text.clone(),
            Value::Unknown(reason) => format!("?{reason}"),
        });
    });
    values
}
