//! Edits that add one thing to an instruction and leave the rest as it reads. None is given where it would not be clear
//! what it is added to.

use super::{Cx, RunCommand};
use crate::model::Command;
use crate::model::shell::Connector;
use crate::text::{Edit, Span};

/// One more command at the end of the RUN, joined as the one before it is.
pub(super) fn command(found: &RunCommand<'_>, text: &str, cx: &Cx<'_>) -> Option<Edit> {
    let Command::Shell { body, .. } = &found.run.command else { return None };
    let mut top = body.commands().iter().filter(|command| command.depth == 0).rev();
    let last = top.next()?;
    // What stands behind it closes a compound, or sends the command to the background.
    let behind = Span::new(last.span.end, found.instruction.span.end);
    if !cx.text(behind).trim().is_empty() {
        return None;
    }
    let joined = top.next().filter(|_| last.joined_by == Connector::And).map(|before| {
        let between = cx.text(Span::new(before.span.end, last.span.start));
        let escape = cx.tree().directives.escape;
        (between.trim_matches(|char: char| char.is_whitespace() || char == escape) == "&&").then_some(between)
    });
    let joint = joined.flatten().unwrap_or(" && ");
    Some(Edit::insert(last.span.end, format!("{joint}{text}")))
}

/// One more option behind the subcommand.
pub(super) fn option(found: &RunCommand<'_>, option: &str) -> Option<Edit> {
    let sub = found.word(found.subcommand()?)?;
    Some(Edit::insert(sub.span.end, format!(" {option}")))
}
