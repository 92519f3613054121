//! What every builder would refuse although it can be read: the problems of the model, as findings.

use super::{Check, Cx, Out};
use crate::model::{Operation, Problem};

pub(super) struct BuildError;

/// No other linter has a name for it.
const NAMELESS: &[&str] = &["build-error"];

impl Check for BuildError {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        for problem in cx.resolved.model.problems.iter().chain(&cx.resolved.problems) {
            let mut draft = out.find(problem.span, problem.message.clone()).known_as(names(problem, cx));
            for place in &problem.related {
                draft = draft.related(place.span, place.value.clone());
            }
            if let Some(help) = &problem.help {
                draft.help(help.clone());
            }
        }
    }
}

/// What other linters call a problem, told by the instruction that it stands in.
fn names(problem: &Problem, cx: &Cx<'_>) -> &'static [&'static str] {
    let mut instructions = cx.resolved.model.instructions();
    let Some(instruction) = instructions.find(|instruction| instruction.span.encloses(problem.span)) else {
        let is_keyword = cx.tree().instructions().any(|written| written.keyword_span == problem.span);
        return if is_keyword { &["DL3061"] } else { NAMELESS };
    };
    let own = instruction.stage.and_then(|stage| cx.stages()[stage.0].name.as_ref());
    match &instruction.operation {
        Operation::Expose(_) => &["DL3011"],
        Operation::Copy(copy) => match (&copy.from, own) {
            (Some(from), Some(own)) if from.span == problem.span && from.value.eq_ignore_ascii_case(&own.value) => {
                &["DL3023"]
            }
            _ => NAMELESS,
        },
        _ => NAMELESS,
    }
}
