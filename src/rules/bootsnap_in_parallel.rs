//! `bootsnap precompile` with several processes, which crash where another architecture is emulated.

use super::{Check, Cx, Out, RunCommand};
use crate::text::Edit;

pub(super) struct BootsnapInParallel;

impl Check for BootsnapInParallel {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let name = command.command.name().and_then(|name| name.rsplit('/').next());
        let is_bootsnap = name == Some("bootsnap") || name == Some("bundle") && command.word("bootsnap").is_some();
        let Some(word) = command.word("precompile").filter(|_| is_bootsnap) else { return };
        if command.literals().any(|word| word.starts_with("-j") || word.starts_with("--jobs")) {
            return;
        }
        out.find(word.span, "several processes of bootsnap crash where the architecture is emulated")
            .help("pass -j 1: the cache becomes the same")
            .fix("pass -j 1", || Some(vec![Edit::insert(word.span.end, " -j 1")]));
    }
}
