//! wget with a bar of dots for every kilobyte. The fix is safe where wget is certain to be GNU's: the one of busybox knows
//! no such option.

use super::userland::{Family, family};
use super::{Check, Cx, Out, RunCommand};
use crate::diagnostic::Safety;
use crate::model::shell::ShellWord;
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

/// The options that take a file or a directory.
const FILE: &[&str] = &["-O", "--output-document", "-P", "--directory-prefix"];

impl Check for WgetProgressBar {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let arguments = command.command.arguments();
        if command.command.name() != Some("wget") || arguments.is_empty() || command.has_option(SILENT) {
            return;
        }
        if may_hold_options(arguments) {
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

/// Whether a variable may stand for an option: one that is no file, no path, and not the only address there is.
fn may_hold_options(arguments: &[ShellWord]) -> bool {
    let is_file = |at: usize| at > 0 && arguments[at - 1].literal.as_deref().is_some_and(|word| FILE.contains(&word));
    let operands = arguments.iter().enumerate().filter(|(at, word)| !word.raw.starts_with('-') && !is_file(*at));
    let (open, addresses): (Vec<_>, Vec<_>) =
        operands.map(|(_, word)| word).partition(|word| word.raw.starts_with('$') && !word.raw.contains('/'));
    open.len() > usize::from(addresses.is_empty())
}
