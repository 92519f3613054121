//! What every builder would refuse although it can be read: the problems of the model, as findings.

use super::{Check, Cx, Out};

pub(super) struct BuildError;

impl Check for BuildError {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        for problem in cx.resolved.model.problems.iter().chain(&cx.resolved.problems) {
            let mut draft = out.find(problem.span, problem.message.clone());
            for place in &problem.related {
                draft = draft.related(place.span, place.value.clone());
            }
            if let Some(help) = &problem.help {
                draft.help(help.clone());
            }
        }
    }
}
