//! Edits that add one thing to an instruction and leave the rest as it reads. None is given where it would not be clear
//! what it is added to.

use super::{Cx, RunCommand};
use crate::model::Command;
use crate::model::shell::{Connector, SimpleCommand};
use crate::text::{Edit, Span};

/// One more command at the end of the RUN, joined as others before it are.
pub(super) fn command(found: &RunCommand<'_>, text: &str, cx: &Cx<'_>) -> Option<Edit> {
    let Command::Shell { body, .. } = &found.run.command else { return None };
    let top: Vec<&SimpleCommand> = body.commands().iter().filter(|command| command.depth == 0).collect();
    let last = top.last()?;
    // What stands behind it closes a compound, or sends the command to the background.
    let behind = Span::new(last.span.end, found.instruction.span.end);
    if !cx.text(behind).trim().is_empty() {
        return None;
    }
    let escape = cx.tree().directives.escape;
    let joints = top.windows(2).rev().filter(|pair| pair[1].joined_by == Connector::And).map(|pair| {
        let (start, end) = (pair[0].span.end, pair[1].span.start);
        cx.text(Span::new(start, end.max(start)))
    });
    let is_plain = |joint: &&str| joint.trim_matches(|char: char| char.is_whitespace() || char == escape) == "&&";
    let joint = joints.into_iter().find(is_plain).unwrap_or(" && ");
    Some(Edit::insert(last.span.end, format!("{joint}{text}")))
}

/// One more option behind the subcommand.
pub(super) fn option(found: &RunCommand<'_>, option: &str) -> Option<Edit> {
    let sub = found.word(found.subcommand()?)?;
    Some(Edit::insert(sub.span.end, format!(" {option}")))
}
