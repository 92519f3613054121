//! Rails' assets built for production without a secret key: since Rails 7.1 a dummy does. A real one has no place in a
//! build.

use super::{Check, Cx, Out, RunCommand, bundler};
use crate::model::MountKind;
use crate::text::Edit;

pub(super) struct AssetsWithoutKey;

const VARIABLES: &[&str] = &["SECRET_KEY_BASE", "SECRET_KEY_BASE_DUMMY", "RAILS_MASTER_KEY"];

impl Check for AssetsWithoutKey {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let name = command.command.name().and_then(|name| name.rsplit('/').next());
        let runs = matches!(name, Some("bundle" | "rails" | "rake"));
        if !runs || !bundler::is_in_production(&command, cx) {
            return;
        }
        let Some(word) = command.word("assets:precompile") else { return };
        let is_set = |name: &&str| cx.resolved.variable(name, command.instruction).is_some();
        let is_mounted = command.run.mounts.iter().any(|mount| matches!(mount.kind, Some(MountKind::Secret) | None));
        // A word of the same RUN may export it.
        let is_said = VARIABLES.iter().any(|name| cx.text(command.instruction.span).contains(name));
        if is_mounted || is_said || VARIABLES.iter().any(is_set) {
            return;
        }
        let start = command.command.words[0].span.start;
        out.find(word.span, "Rails asks for a secret key here, and there is none")
            .help("set SECRET_KEY_BASE_DUMMY=1 for this command (Rails 7.1 and newer)")
            .fix("set a dummy", || Some(vec![Edit::insert(start, "SECRET_KEY_BASE_DUMMY=1 ")]));
    }
}
