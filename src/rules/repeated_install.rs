//! The same RUN that installs packages, in two stages on the same base image that the build needs, below lines that
//! differ: builders share it only where everything above is the same.

use super::{Check, Cx, Out};
use crate::effect::packages::{APK, APT, DNF, Installer, YUM, ZYPPER};
use crate::model::{Base, Instruction, Operation, Stage};

pub(super) struct RepeatedInstall;

const INSTALLERS: &[&Installer] = &[&APK, &APT, &DNF, &YUM, &ZYPPER];

impl Check for RepeatedInstall {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let needed = cx.resolved.model.graph.needed_by(cx.resolved.target);
        let bases = &cx.resolved.bases;
        if !needed.contains(&stage.id) || !matches!(bases[stage.id.0], Base::Image(_)) {
            return;
        }
        for (index, instruction) in stage.instructions.iter().enumerate().filter(|(_, one)| installs(one, cx)) {
            let earlier = cx.stages()[..stage.id.0]
                .iter()
                .filter(|other| needed.contains(&other.id) && bases[other.id.0] == bases[stage.id.0]);
            let twin = earlier.into_iter().find_map(|other| {
                let at = other.instructions.iter().position(|one| one.text == instruction.text)?;
                let is_shared = at == index && same_above(stage, other, index);
                (!is_shared).then_some((other, &other.instructions[at]))
            });
            let Some((other, again)) = twin else { continue };
            let name = other.name.as_ref().map_or_else(|| other.id.0.to_string(), |name| name.value.clone());
            out.find(instruction.span, format!("the stage `{name}` installs the same on the same base image"))
                .related(again.span, "here too")
                .help("install in a stage of its own, and start both stages from that");
        }
    }
}

fn installs(instruction: &Instruction, cx: &Cx<'_>) -> bool {
    matches!(instruction.operation, Operation::Run(_))
        && cx.commands(instruction).any(|command| {
            let asks = |installer: &&Installer| installer.request(command.command);
            INSTALLERS.iter().filter_map(asks).any(|request| !request.packages.is_empty())
        })
}

/// Whether the lines between FROM and the instruction at `index` are the same in both stages.
fn same_above(one: &Stage, other: &Stage, index: usize) -> bool {
    let lines = |stage: &Stage| stage.instructions[1..index].iter().map(|above| above.text.clone()).collect::<Vec<_>>();
    lines(one) == lines(other)
}
