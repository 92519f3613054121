//! A shipped stage whose last USER is root on purpose. Where no USER is written, the base image decides, and that is for
//! `missing-user`. The fix switches back to the user that the file named before, when there is one.

use super::{Check, Cx, Out, account, insertion};
use crate::model::{Operation, Stage, StageId};

pub(super) struct RootUser;

impl Check for RootUser {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !cx.is_target(stage.id) {
            return;
        }
        let Some(word) = account::last_user(stage.id, cx) else { return };
        if cx.resolved.known(word).is_some_and(account::is_root) {
            let earlier = earlier_user(stage.id, cx);
            let help = match earlier {
                Some(user) => format!("switch back after the last step that needs root: USER {user}"),
                None => "switch to a user without rights after the last step that needs root".to_owned(),
            };
            out.find(word.span(), "the container runs as root").label("the last USER of the image").help(help).fix(
                "switch back to the user before",
                || {
                    let last = stage.instructions.iter().rev().find(|one| !is_epilogue(&one.operation))?;
                    Some(vec![insertion::below(last, "USER", earlier?, cx)?])
                },
            );
        }
    }
}

/// The last USER that is not root, as it is written.
fn earlier_user<'a>(stage: StageId, cx: &Cx<'a>) -> Option<&'a str> {
    cx.lineage(stage).find_map(|stage| {
        stage.instructions.iter().rev().find_map(|instruction| match &instruction.operation {
            Operation::User(user) if !cx.resolved.known(&user.user).is_some_and(account::is_root) => {
                Some(user.user.raw.as_str())
            }
            _ => None,
        })
    })
}

/// What says how the container runs, and stands last by custom.
fn is_epilogue(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::Cmd(_)
            | Operation::Entrypoint(_)
            | Operation::Expose(_)
            | Operation::Healthcheck(_)
            | Operation::Stopsignal(_)
    )
}
