//! yum whose metadata and packages stay in the layer. Silent where a later command of the same RUN cleans up, or where a
//! mount holds them.

use super::leftovers::{RPM, RPM_ACTS};
use super::{Check, Cx, Out, addition};
use crate::model::Instruction;

pub(super) struct YumWithoutClean;

impl Check for YumWithoutClean {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(last) = RPM.of(instruction, cx, |command| command.calls(&["yum"], RPM_ACTS)) else { return };
        out.find(last.head(), "what yum has fetched stays in the layer")
            .help("end the RUN with `yum clean all`, or mount a cache at /var/cache/yum")
            .fix("clean up in the same RUN", || addition::command(&last, "yum clean all", cx).map(|edit| vec![edit]));
    }
}
