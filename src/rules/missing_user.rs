//! An image that starts as root because nothing says otherwise. Judged where the base is known to start as root and
//! nothing in the file looks as if the program became another user by itself.

use super::{Check, Cx, Out, account, windows};
use crate::model::Stage;

pub(super) struct MissingUser;

impl Check for MissingUser {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let is_root = || account::starts_as_root(stage.id, cx) == Some(true) && !windows::is_certain(stage.id, cx);
        if !cx.is_target(stage.id) || account::last_user(stage.id, cx).is_some() || !is_root() {
            return;
        }
        if let Some(from) = stage.from().filter(|_| !account::may_drop_root(stage.id, cx)) {
            out.find(from.image.span(), "the container runs as root, for want of a USER")
                .help("add a USER after the last step that needs root");
        }
    }
}
