//! `bundle install` that may change Gemfile.lock, and so install what nobody tested. Judged where the lock file is known to
//! be there.

use super::{Check, Cx, Out, RunCommand, bundler};
use crate::model::{CopySource, Operation, StageId};
use crate::text::Edit;

pub(super) struct BundleWithoutLock;

impl Check for BundleWithoutLock {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(stage) = command.instruction.stage else { return };
        let is_free = || !bundler::is_set(&["deployment", "frozen"], &command, cx);
        if !bundler::is_install(&command) || !copies_lock(stage, cx) || !is_free() {
            return;
        }
        let name = &command.command.words[0];
        out.find(name.span, "bundle may write another Gemfile.lock than the one that was tested")
            .help("set BUNDLE_FROZEN=true, or BUNDLE_DEPLOYMENT=1: then a lock file that does not fit is an error")
            .fix("hold on to Gemfile.lock", || Some(vec![Edit::insert(name.span.start, "BUNDLE_FROZEN=true ")]));
    }
}

/// Whether a COPY of the stage, or of what it starts from, names the lock file or a pattern that takes it along.
fn copies_lock(stage: StageId, cx: &Cx<'_>) -> bool {
    let has_lock = cx.around.context.as_deref().is_some_and(|context| context.entry("Gemfile.lock").is_some());
    let is_lock = |source: &CopySource| match source {
        CopySource::Path(word) => cx.resolved.known(word).is_some_and(|path| {
            let name = path.rsplit('/').next().unwrap_or(path);
            matches!(name, "Gemfile.lock" | "Gemfile.*" | "Gemfile*") || matches!(name, "" | ".") && has_lock
        }),
        CopySource::Heredoc { .. } => false,
    };
    cx.lineage(stage).flat_map(|stage| &stage.instructions).any(|instruction| match &instruction.operation {
        Operation::Copy(copy) => copy.from.is_none() && copy.transfer.sources.iter().any(is_lock),
        Operation::Add(add) => add.transfer.sources.iter().any(is_lock),
        _ => false,
    })
}
