//! Whether a stage is for production, as far as names tell: what is meant for development may have what it likes.

use super::Cx;
use crate::model::StageId;

/// Parts of names that say that a stage or file is for something else.
const OTHERS: &[&str] =
    &["ci", "debug", "dev", "devcontainer", "development", "lint", "local", "test", "testing", "tests"];

/// Whether the target needs the stage, and neither the name of either nor that of the file speaks of another purpose.
pub(super) fn is_production(stage: StageId, cx: &Cx<'_>) -> bool {
    let target = cx.resolved.target;
    let file = cx.source().name().rsplit('/').next().unwrap_or_default();
    let names = [stage, target].into_iter().filter_map(|stage| cx.stages().get(stage.0)?.name.as_ref());
    let mut names = names.map(|name| name.value.as_str()).chain([file]);
    cx.resolved.model.graph.needed_by(target).contains(&stage) && !names.any(is_for_others)
}

fn is_for_others(name: &str) -> bool {
    let parts = name.split(|char: char| !char.is_ascii_alphanumeric());
    parts.into_iter().any(|part| OTHERS.iter().any(|other| part.eq_ignore_ascii_case(other)))
}
