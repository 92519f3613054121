//! ENV of a variable that another ENV of the stage sets again before anything can have read it. Any RUN in between may
//! read it from its environment, so only what follows each other is judged.

use super::{Check, Cx, Out, removal};
use crate::model::{EnvPair, Instruction, Operation, Stage};
use crate::text::Span;

pub(super) struct OverwrittenEnv;

impl Check for OverwrittenEnv {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        for (at, instruction) in stage.instructions.iter().enumerate() {
            let Operation::Env(env) = &instruction.operation else { continue };
            for (index, pair) in env.pairs.iter().enumerate() {
                let Some(name) = cx.resolved.known(&pair.key) else { continue };
                let Some(later) = set_again(name, &env.pairs[index + 1..], &stage.instructions[at + 1..], cx) else {
                    continue;
                };
                let between = Span::new(pair.value.span().end, later.value.span().end);
                let is_used = |used: &crate::model::VariableUse| used.name == name && between.encloses(used.span);
                if !cx.resolved.uses().iter().any(is_used) {
                    out.find(pair.key.span(), format!("`{name}` is set again below, and nothing reads this value"))
                        .related(later.key.span(), "this one counts")
                        .help("remove it")
                        .fix("remove it", || removal::pair(instruction, &env.pairs, index, cx).map(|edit| vec![edit]));
                }
            }
        }
    }
}

/// The pair that sets the variable next, when no step runs before that.
fn set_again<'a>(name: &str, pairs: &'a [EnvPair], later: &'a [Instruction], cx: &Cx<'_>) -> Option<&'a EnvPair> {
    let sets = |pair: &&EnvPair| cx.resolved.known(&pair.key) == Some(name);
    pairs.iter().find(sets).or_else(|| {
        let quiet = |one: &&Instruction| !matches!(one.operation, Operation::Run(_) | Operation::Onbuild(_));
        let pairs = later.iter().take_while(quiet).filter_map(|one| match &one.operation {
            Operation::Env(env) => Some(&env.pairs),
            _ => None,
        });
        pairs.flatten().find(sets)
    })
}
