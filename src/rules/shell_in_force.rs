//! Which shell reads the text of RUN at a place: the one that SHELL names, or what `/bin/sh` is in the base image.

use super::Cx;
use super::userland::{self, Family};
use crate::model::image_ref::normalized;
use crate::model::{Base, Instruction, Operation};

/// A shell of which it is known what it can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bash,
    /// `/bin/sh` of Debian and Ubuntu.
    Dash,
    /// `/bin/sh` of Alpine and BusyBox.
    Ash,
}

/// The words of SHELL that hold at an instruction; none where nothing sets them, or nobody knows.
pub(super) fn words<'a>(instruction: &Instruction, cx: &Cx<'a>) -> Option<Vec<&'a str>> {
    let stage = instruction.stage?;
    let earlier = cx.lineage(stage).flat_map(|one| one.instructions.iter().rev());
    let mut earlier = earlier.filter(|one| one.stage != Some(stage) || one.id < instruction.id);
    let set = earlier.find_map(|one| match &one.operation {
        Operation::Shell(shell) => Some(shell.words.iter().map(|word| word.value.as_str()).collect()),
        _ => None,
    });
    set.or_else(|| {
        let Base::Image(name) = &cx.resolved.bases[cx.lineage(stage).last()?.id.0] else { return None };
        let shell = cx.around.images.get(&normalized(name))?.config.shell.as_ref()?;
        Some(shell.iter().map(String::as_str).collect())
    })
}

/// The shell at an instruction, where it is certain.
pub(super) fn kind(instruction: &Instruction, cx: &Cx<'_>) -> Option<Kind> {
    let words = words(instruction, cx).unwrap_or_default();
    match words.first().map(|program| program.rsplit('/').next().unwrap_or(program)) {
        Some("bash") => Some(Kind::Bash),
        Some("dash") => Some(Kind::Dash),
        Some("ash") => Some(Kind::Ash),
        Some("sh") | None => system_shell(instruction, cx),
        Some(_) => None,
    }
}

/// What `/bin/sh` is, unless something before the instruction may have replaced it.
pub(super) fn system_shell(instruction: &Instruction, cx: &Cx<'_>) -> Option<Kind> {
    let stage = instruction.stage?;
    let kind = match userland::named_family(cx, stage)? {
        Family::Debian => Kind::Dash,
        Family::Alpine | Family::Busybox => Kind::Ash,
        Family::RedHat | Family::Suse | Family::Arch => Kind::Bash,
    };
    let earlier = cx.lineage(stage).flat_map(|one| &one.instructions).filter(|one| one.id <= instruction.id);
    let is_replaced = earlier.into_iter().flat_map(|one| cx.commands(one)).any(|command| {
        let changes_shell = |word: &str| matches!(word, "/bin/sh" | "/usr/bin/sh" | "sh" | "dash");
        match command.command.name() {
            Some("ln" | "mv" | "cp" | "update-alternatives") => command.literals().any(changes_shell),
            Some("dpkg-reconfigure" | "dpkg-divert") => command.literals().any(|word| word.contains("sh")),
            _ => false,
        }
    });
    (!is_replaced).then_some(kind)
}
