//! `gem install` of a gem without a version. An option with the version stands for all that are named.

use super::{Check, Cx, Out, RunCommand, pinning};
use crate::effect::packages::GEM;

pub(super) struct UnpinnedGem;

impl Check for UnpinnedGem {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(request) = GEM.request(command.command) else { return };
        let has_list = request.has(&["-v", "--version", "-g", "--file"]);
        let is_attached = request.options.iter().any(|option| option.starts_with("-v") && !option.starts_with("-ver"));
        if has_list || is_attached {
            return;
        }
        if let Some(draft) = pinning::tell(&request, is_pinned, out) {
            draft.help("write NAME:VERSION");
        }
    }
}

/// A version, or a file.
fn is_pinned(name: &str) -> bool {
    name.contains(':') || pinning::is_file(name, &[".gem"])
}
