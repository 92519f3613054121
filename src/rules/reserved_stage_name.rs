//! A stage called `scratch` or `context`: later lines that name it mean something else.

use super::{Check, Cx, Out};
use crate::model::Stage;

pub(super) struct ReservedStageName;

impl Check for ReservedStageName {
    fn stage(&self, stage: &Stage, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(name) = &stage.name else { return };
        if matches!(name.value.as_str(), "scratch" | "context") {
            out.find(name.span, format!("`{}` already means something, and cannot name a stage", name.value))
                .help("choose another name");
        }
    }
}
