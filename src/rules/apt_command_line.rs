//! `apt`, whose command line is made for people. A fix is offered where apt-get or apt-cache does the same; it is safe on
//! images that throw archives away by their own configuration, as apt does and apt-get does not.

use super::userland::{Family, named_family};
use super::{Check, Cx, Out, RunCommand};
use crate::diagnostic::Safety;
use crate::text::Edit;

pub(super) struct AptCommandLine;

impl Check for AptCommandLine {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        if command.command.name() != Some("apt") {
            return;
        }
        let word = command.command.words[0].span;
        let draft = out.find(word, "apt is made for people, not for scripts");
        let Some(instead) = command.subcommand().and_then(instead) else {
            draft.help("use apt-get or apt-cache");
            return;
        };
        let family = command.instruction.stage.and_then(|stage| named_family(cx, stage));
        let is_same = instead == "apt-cache" || family == Some(Family::Debian);
        let safety = if is_same { Safety::Safe } else { Safety::Unsafe };
        draft
            .help(format!("use {instead}"))
            .fix_as(safety, format!("use {instead}"), || Some(vec![Edit::replace(word, instead)]));
    }
}

/// The command for scripts whose subcommand of this name does the same.
fn instead(sub: &str) -> Option<&'static str> {
    match sub {
        "update" | "install" | "remove" | "purge" | "autoremove" | "clean" | "autoclean" | "build-dep" => {
            Some("apt-get")
        }
        "show" | "search" | "policy" | "depends" | "rdepends" => Some("apt-cache"),
        _ => None,
    }
}
