//! wget with a bar of dots for every kilobyte. The fix is safe where wget is certain to be GNU's: the one of busybox knows
//! no such option.

use super::userland::{Family, family};
use super::{Check, Cx, Out, RunCommand};
use crate::diagnostic::Safety;
use crate::text::Edit;

pub(super) struct WgetProgressBar;

const SILENT: &[&str] = &[
    "--progress",
    "-q",
    "--quiet",
    "-nv",
    "--no-verbose",
    "-o",
    "--output-file",
    "-a",
    "--append-output",
    "--spider",
    "-h",
    "--help",
    "-V",
    "--version",
];

impl Check for WgetProgressBar {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let arguments = command.command.arguments();
        let is_open = arguments.iter().any(|word| word.raw.starts_with('$'));
        if command.command.name() != Some("wget") || arguments.is_empty() || is_open || command.has_option(SILENT) {
            return;
        }
        let word = command.command.words[0].span;
        let family = command.instruction.stage.and_then(|stage| family(cx, stage));
        let (option, safety) = match family {
            Some(Family::Alpine | Family::Busybox) => ("-q", Safety::Safe),
            Some(_) => ("--progress=dot:giga", Safety::Safe),
            None => ("--progress=dot:giga", Safety::Unsafe),
        };
        out.find(word, "wget draws a progress bar, line after line, into the log of the build")
            .help(format!("pass {option}"))
            .fix_as(safety, format!("pass {option}"), || Some(vec![Edit::insert(word.end, format!(" {option}"))]));
    }
}
