//! gpg that fetches, imports or verifies and may stop to ask: nobody answers in a build.

use super::{Check, Cx, Out, RunCommand};
use crate::text::Edit;

pub(super) struct GpgWithoutBatch;

const TASKS: &[&str] = &["--fetch-keys", "--import", "--keyserver", "--recv", "--recv-key", "--recv-keys", "--verify"];

impl Check for GpgWithoutBatch {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let is_gpg = matches!(command.command.name(), Some("gpg" | "gpg2"));
        let Some(name) = command.command.words.first().filter(|_| is_gpg) else { return };
        if command.has_option(TASKS) && !command.has_option(&["--batch"]) {
            out.find(name.span, "gpg may stop to ask, and nobody answers in a build")
                .help("pass --batch")
                .fix("pass --batch", || Some(vec![Edit::insert(name.span.end, " --batch")]));
        }
    }
}
