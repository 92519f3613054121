//! A stage that the target does not need. Silent where targets are declared, or where the stage's name says that it is
//! built on purpose: test, lint, dev and the like.

use super::{Check, Cx, Out};
use crate::model::Stage;

pub(super) struct UnusedStage;

const ON_PURPOSE: &[&str] =
    &["bench", "check", "ci", "debug", "dev", "development", "docs", "export", "lint", "test", "tests"];

impl Check for UnusedStage {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if cx.around.targets.is_some() || cx.resolved.model.graph.needed_by(cx.resolved.target).contains(&stage.id) {
            return;
        }
        let users = cx.resolved.model.graph.users(stage.id);
        let name = stage.name.as_ref().map(|name| name.value.as_str());
        let words = name.map(|name| name.split(['-', '_', '.']));
        if !users.is_empty() || words.is_some_and(|mut words| words.any(|word| ON_PURPOSE.contains(&word))) {
            return;
        }
        let Some(from) = stage.instructions.first() else { return };
        out.find(from.span, "no other stage needs this one, and it is not built")
            .help("remove it, or build it by name: --target");
    }
}
