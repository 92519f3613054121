//! COPY or ADD of several sources to a path that does not say it is a directory. Silent for `.` and `..`, which cannot be
//! files. The fix is safe where the path is the working directory or above it, because that is a directory already.

use super::{Check, Cx, Out};
use crate::diagnostic::Safety;
use crate::effect::paths;
use crate::model::{Instruction, Operation, Word};
use crate::text::Edit;

pub(super) struct DestinationWithoutSlash;

impl Check for DestinationWithoutSlash {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let transfer = match &instruction.operation {
            Operation::Copy(copy) => &copy.transfer,
            Operation::Add(add) => &add.transfer,
            _ => return,
        };
        let word = &transfer.destination;
        let Some(destination) = cx.resolved.known(word).or_else(|| plain(word)) else { return };
        if transfer.sources.len() < 2 || is_directory(destination) {
            return;
        }
        let exists = cx.workdir(instruction).is_some_and(|workdir| {
            let directory = paths::join(&workdir, destination);
            paths::is_below(&workdir, &directory)
        });
        let (safety, help) = match exists {
            true => (Safety::Safe, "end it with a slash: some builders refuse several sources without one"),
            false => {
                (Safety::Unsafe, "end it with a slash: unless it exists, each source is written over the one before")
            }
        };
        let count = transfer.sources.len();
        out.find(word.span(), format!("{count} sources, and nothing says that `{destination}` is a directory"))
            .help(help)
            .fix_as(safety, "end it with a slash", || {
                let text = cx.text(word.span());
                // A slash after an escape, or between it and what it escapes, would mean something else.
                let is_quoted = text.ends_with(['"', '\'']);
                (!text.contains(['\\', '`'])).then(|| vec![Edit::insert(word.span().end - usize::from(is_quoted), "/")])
            });
    }
}

/// What is written, where nothing in it is expanded: the words of ONBUILD have no value.
fn plain(word: &Word) -> Option<&str> {
    let raw = word.raw.as_str();
    (!raw.contains(['$', '"', '\'', '\\', '`'])).then_some(raw)
}

/// Whether the path can only be a directory.
fn is_directory(path: &str) -> bool {
    let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
    matches!(last, "" | "." | "..")
}
