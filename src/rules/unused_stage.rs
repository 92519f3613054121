//! A stage that no target needs: neither the one that is built, nor any that is declared, nor the last one. Silent where
//! the stage's name says that it is built on purpose (test, lint, dev and the like), or where a FROM may mean it by a
//! variable: `FROM build-$TARGETARCH` needs another stage for another platform.

use super::{Check, Cx, Out};
use crate::model::{Stage, StageId};

pub(super) struct UnusedStage;

const ON_PURPOSE: &[&str] =
    &["bench", "check", "ci", "debug", "dev", "development", "docs", "export", "lint", "test", "tests"];

impl Check for UnusedStage {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if targets(cx).into_iter().any(|target| cx.resolved.model.graph.needed_by(target).contains(&stage.id)) {
            return;
        }
        if stage.name.as_ref().is_some_and(|name| may_be_meant(&name.value, cx)) {
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

/// Whether a FROM with a variable may come to name the stage.
fn may_be_meant(name: &str, cx: &Cx<'_>) -> bool {
    let images = cx.stages().iter().filter_map(Stage::from).map(|from| from.image.raw.as_str());
    let before = images.filter_map(|image| Some(image.split_once('$')?.0.trim_start_matches('"').to_lowercase()));
    before.into_iter().any(|before| name.starts_with(&before))
}

/// The stages that are built: by what was asked for, by nobody in particular, on purpose.
fn targets(cx: &Cx<'_>) -> Vec<StageId> {
    let declared = cx.around.targets.iter().flatten();
    let named = declared.filter_map(|target| {
        let is_named = |stage: &&Stage| stage.name.as_ref().is_some_and(|name| name.value.eq_ignore_ascii_case(target));
        cx.stages().iter().rev().find(is_named).map(|stage| stage.id)
    });
    named.chain([cx.resolved.target]).chain(cx.stages().last().map(|stage| stage.id)).collect()
}
