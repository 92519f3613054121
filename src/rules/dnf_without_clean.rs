//! dnf, or one of its kin, whose metadata and packages stay in the layer. Silent where a later command of the same RUN cleans up, or where a
//! mount holds them.

use super::leftovers::{RPM, RPM_ACTS};
use super::{Check, Cx, Out, addition};
use crate::model::Instruction;

pub(super) struct DnfWithoutClean;

const DNF: &[&str] = &["dnf", "dnf5", "microdnf", "tdnf"];

impl Check for DnfWithoutClean {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(last) = RPM.of(instruction, cx, |command| command.calls(DNF, RPM_ACTS)) else { return };
        let name = last.command.name().unwrap_or("dnf");
        let clean = format!("{name} clean all");
        out.find(last.head(), format!("what {name} has fetched stays in the layer"))
            .help(format!("end the RUN with `{clean}`, or mount a cache at /var/cache"))
            .fix("clean up in the same RUN", || addition::command(&last, &clean, cx).map(|edit| vec![edit]));
    }
}
