//! A shipped stage whose last USER is root on purpose. Where no USER is written, the base image decides, which is not
//! known here; so that is another question.

use super::{Check, Cx, Out};
use crate::model::{Operation, Stage};

pub(super) struct RootUser;

impl Check for RootUser {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !cx.is_target(stage.id) {
            return;
        }
        let last = stage.instructions.iter().rev().find_map(|instruction| match &instruction.operation {
            Operation::User(user) => Some(&user.user),
            _ => None,
        });
        let Some(word) = last else { return };
        let Some(user) = cx.resolved.known(word) else { return };
        if matches!(user.split(':').next(), Some("root" | "0")) {
            out.find(word.span(), "the container runs as root")
                .label("the last USER of the image")
                .help("switch to a user without rights after the last step that needs root");
        }
    }
}
