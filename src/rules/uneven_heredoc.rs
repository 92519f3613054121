//! A heredoc whose commands begin at different columns, or whose lines end in blanks, where nothing but plain commands is in
//! it: then neither says anything to the shell. Lines on which no command begins (the rest of a command, the text of a
//! heredoc inside) are left alone, and so are those that a condition or a loop holds.

use super::{Check, Cx, Out};
use crate::model::shell::{Connector, Script, SimpleCommand};
use crate::model::{Command, Instruction, Operation};
use crate::text::{Edit, Span};

pub(super) struct UnevenHeredoc;

impl Check for UnevenHeredoc {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Run(run) = &instruction.operation else { return };
        let Command::Script { heredoc, body } = &run.command else { return };
        let Some(script) = body.script().filter(|script| script.is_flat) else { return };
        let lines = Lines { body: heredoc.body, script, cx };
        let (uneven, trailing) = (lines.uneven(), lines.trailing());
        let Some((first, message)) = uneven
            .first()
            .map(|(blanks, _)| (*blanks, "a command begins at another column than the first"))
            .into_iter()
            .chain(trailing.first().map(|blanks| (*blanks, "blanks at the end of a line of the heredoc")))
            .min_by_key(|(span, _)| span.start)
        else {
            return;
        };
        let place = if first.is_empty() { Span::new(first.start, first.start + 1) } else { first };
        out.find(place, message)
            .help("begin each command at the same column, and end each line right behind the text")
            .fix("even out the lines", || {
                let moved = uneven.into_iter().map(|(blanks, wanted)| Edit::replace(blanks, wanted));
                Some(moved.chain(trailing.into_iter().map(Edit::delete)).collect())
            });
    }
}

/// The lines of a heredoc on which commands begin and end.
struct Lines<'a> {
    body: Span,
    script: &'a Script,
    cx: &'a Cx<'a>,
}

impl<'a> Lines<'a> {
    /// What stands in front of a command that begins a line; none where another one does.
    fn before(&self, command: &SimpleCommand) -> Option<Span> {
        let line = self.line(command.span.start);
        let blanks = Span::new(line.start, command.span.start);
        let begins = matches!(command.joined_by, Connector::First | Connector::Sequence);
        (begins && is_blank(self.cx.text(blanks))).then_some(blanks)
    }

    /// The blanks in front of commands that are not those of the first, and what belongs there.
    fn uneven(&self) -> Vec<(Span, &'a str)> {
        let mut before = self.script.commands.iter().filter_map(|command| self.before(command));
        let Some(first) = before.next() else { return Vec::new() };
        let wanted = self.cx.text(first);
        before.filter(|blanks| self.cx.text(*blanks) != wanted).map(|blanks| (blanks, wanted)).collect()
    }

    /// The blanks behind commands that end a line.
    fn trailing(&self) -> Vec<Span> {
        // A carriage return is a part of the last word.
        let rest = |command: &SimpleCommand| {
            let end = self.line(command.span.end).end;
            (command.span.end < end).then(|| Span::new(command.span.end, end))
        };
        let rests = self.script.commands.iter().filter_map(rest);
        rests.filter(|rest| is_blank(self.cx.text(*rest))).collect()
    }

    fn line(&self, offset: usize) -> Span {
        let source = self.cx.source();
        let line = source.line_span(source.line_of(offset));
        Span::new(line.start.max(self.body.start), line.end.min(self.body.end))
    }
}

fn is_blank(text: &str) -> bool {
    text.trim_matches([' ', '\t']).is_empty()
}
