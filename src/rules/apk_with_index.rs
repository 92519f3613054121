//! apk that leaves its index in the layer. The fix passes --no-cache, and takes out an update that is needless then.

use super::leftovers::Leftover;
use super::{Check, Cx, Out, RunCommand, addition, removal};
use crate::model::Instruction;
use crate::text::Edit;

pub(super) struct ApkWithIndex;

const INDEX: Leftover = Leftover { places: &["/var/cache/apk", "/etc/apk/cache"], cleaners: &[] };

impl Check for ApkWithIndex {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let keeps = |sub: &'static str| {
            move |one: &RunCommand<'_>| one.calls(&["apk"], &[sub]) && !one.has_option(&["--no-cache"])
        };
        let (adds, updates) = (keeps("add"), keeps("update"));
        let Some(last) = INDEX.of(instruction, cx, |one| adds(one) || updates(one)) else { return };
        let commands = || cx.commands(instruction);
        let has_adds = commands().any(|one| one.calls(&["apk"], &["add"]));
        // The update alone is at fault only where the packages come without it.
        let culprit = commands().filter(&adds).last().unwrap_or(last);
        let name = if adds(&culprit) { "apk add" } else { "apk update" };
        out.find(culprit.head(), format!("{name} leaves its package index in the layer"))
            .help("pass --no-cache to apk add, or mount a cache at /var/cache/apk")
            .fix("pass --no-cache", || {
                let options = commands().filter(&adds).filter_map(|one| addition::option(&one, "--no-cache"));
                // One of them: two that stand side by side would cut into each other.
                let needless =
                    commands().filter(|one| has_adds && updates(one)).find_map(|one| removal::command(&one, cx));
                let edits: Vec<Edit> = options.chain(needless).collect();
                (!edits.is_empty()).then_some(edits)
            });
    }
}
