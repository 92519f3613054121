//! zypper whose metadata and packages stay in the layer. Silent where a later command of the same RUN cleans up, or where
//! a mount holds them.

use super::leftovers::Leftover;
use super::{Check, Cx, Out, addition};
use crate::model::Instruction;

pub(super) struct ZypperWithoutClean;

const CACHE: Leftover = Leftover { places: &["/var/cache/zypp"], cleaners: &["zypper clean", "zypper cc"] };
const ACTS: &[&str] =
    &["install", "in", "update", "up", "patch", "dist-upgrade", "dup", "refresh", "ref", "source-install", "si"];

impl Check for ZypperWithoutClean {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(last) = CACHE.of(instruction, cx, |command| command.calls(&["zypper"], ACTS)) else { return };
        out.find(last.head(), "what zypper has fetched stays in the layer")
            .help("end the RUN with `zypper clean --all`, or mount a cache at /var/cache/zypp")
            .fix("clean up in the same RUN", || {
                addition::command(&last, "zypper clean --all", cx).map(|edit| vec![edit])
            });
    }
}
