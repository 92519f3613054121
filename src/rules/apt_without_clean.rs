//! apt-get update whose lists stay in the layer. A fix is offered where no later step installs from these lists.

use super::leftovers::Leftover;
use super::{Check, Cx, Out, RunCommand, addition};
use crate::model::{Instruction, Operation};

pub(super) struct AptWithoutClean;

const LISTS: Leftover = Leftover {
    places: &["/var/lib/apt/lists"],
    cleaners: &["apt-get dist-clean", "apt-get distclean", "apt dist-clean", "apt distclean"],
};
const APT: &[&str] = &["apt-get", "apt", "aptitude"];

impl Check for AptWithoutClean {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let elsewhere = |command: &RunCommand<'_>| command.command.words.iter().any(|word| word.raw.contains("Dir::"));
        let updates = |command: &RunCommand<'_>| command.calls(APT, &["update"]) && !elsewhere(command);
        let Some(update) = LISTS.of(instruction, cx, updates) else { return };
        let later = later(instruction, cx);
        let too_late = later.iter().flat_map(|one| cx.commands(one)).find(|one| LISTS.is_cleaned_by(one.command));
        let mut draft = out
            .find(update.head(), "the package lists stay in the layer")
            .help("end the RUN with `rm -rf /var/lib/apt/lists/*`, or mount a cache at /var/lib/apt");
        if let Some(clean) = too_late {
            draft = draft.related(clean.command.span, "too late: the layer above keeps them");
        }
        draft.fix("remove the lists in the same RUN", || {
            let is_needed = later.iter().any(|one| may_read_lists(one, cx));
            let remove = || addition::command(&update, "rm -rf /var/lib/apt/lists/*", cx);
            (!is_needed).then(remove).flatten().map(|edit| vec![edit])
        });
    }
}

/// What runs on top of the instruction: the rest of its stage, and the stages that start from that.
fn later<'a>(instruction: &Instruction, cx: &Cx<'a>) -> Vec<&'a Instruction> {
    let Some(own) = instruction.stage else { return Vec::new() };
    let on_top = cx.stages().iter().filter(|stage| cx.lineage(stage.id).any(|below| below.id == own));
    on_top
        .flat_map(|stage| &stage.instructions)
        .filter(|one| one.stage != Some(own) || one.id > instruction.id)
        .collect()
}

/// Whether the instruction may install from lists that were there before.
fn may_read_lists(instruction: &Instruction, cx: &Cx<'_>) -> bool {
    let Operation::Run(run) = &instruction.operation else { return false };
    if run.command.body().is_none_or(|body| body.script().is_none()) {
        return true;
    }
    let uses = cx.commands(instruction).find_map(|command| match command.subcommand() {
        _ if !APT.contains(&command.command.name()?) => None,
        Some("update") => Some(false),
        Some("install" | "build-dep" | "source" | "upgrade" | "dist-upgrade" | "full-upgrade" | "download") => {
            Some(true)
        }
        _ => None,
    });
    uses == Some(true)
}
