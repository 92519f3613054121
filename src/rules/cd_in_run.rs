//! cd that a WORKDIR would say. The fix is offered for a plain `cd /there && …` where everything after it stays where it
//! is: the working directory is that one already, or nothing sees the new one before it is set again.

use super::{Check, Cx, Out, RunCommand, directory_change};
use crate::model::shell::Connector;
use crate::text::{Edit, Span};

pub(super) struct CdInRun;

impl Check for CdInRun {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        if command.command.name() == Some("cd") {
            out.find(command.command.span, "cd holds for this RUN alone")
                .help("use WORKDIR")
                .fix("use WORKDIR", || repair(&command, cx));
        }
    }
}

fn repair(command: &RunCommand<'_>, cx: &Cx<'_>) -> Option<Vec<Edit>> {
    let script = command.run.command.body()?.script().filter(|script| script.is_flat)?;
    let [first, next, ..] = script.commands.as_slice() else { return None };
    let ([directory], Connector::And) = (first.arguments(), next.joined_by) else { return None };
    let directory = directory.literal.as_deref().filter(|path| path.starts_with('/'))?;
    let is_simple = command.index == 0 && first.redirects.is_empty() && directory_change::is_plain(directory);
    let prefix = Span::new(first.span.start, next.span.start);
    let written = cx.written(command.instruction)?;
    let has_comments = written.interior.iter().any(|line| line.overlaps(prefix));
    // A mount may be what there is to go to, and `cd -` what goes back.
    let goes_back = ["cd -", "OLDPWD", "CDPATH"].iter().any(|word| written.rest.as_str().contains(word));
    if !is_simple || !command.is_on_line() || has_comments || goes_back || !command.run.mounts.is_empty() {
        return None;
    }
    let (stage, index) = directory_change::position(command.instruction, cx)?;
    let gone = Edit::delete(prefix);
    if cx.workdir(command.instruction).as_deref() == Some(directory) {
        return Some(vec![gone]);
    }
    let keyword = super::cased_like("WORKDIR", cx.text(command.instruction.keyword_span));
    let line = format!("{keyword} {directory}{}", cx.line_end());
    let is_forgotten = directory_change::is_forgotten_after(index, stage, cx);
    is_forgotten.then(|| vec![Edit::insert(command.instruction.keyword_span.start, line), gone])
}
