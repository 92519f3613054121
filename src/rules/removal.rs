//! Edits that take one thing out of an instruction and leave the rest as it reads: a pair of LABEL, a command of RUN or
//! words of it, or the instruction as a whole. None is given where a comment would go along, or where something else hangs on it.

use super::{Cx, RunCommand};
use crate::model::shell::Connector;
use crate::model::{EnvPair, Instruction};
use crate::syntax::ItemKind;
use crate::text::{Edit, Span};

/// The instruction with its line, unless a comment above may speak of it.
pub(super) fn instruction(instruction: &Instruction, cx: &Cx<'_>) -> Option<Edit> {
    let above = instruction.item.checked_sub(1).map(|above| &cx.tree().items[above].kind);
    let has_comments = matches!(above, Some(ItemKind::Comment(_))) || !is_free(instruction.span, instruction, cx);
    (!has_comments).then(|| Edit::delete(cx.lines(instruction)))
}

/// One pair of an instruction that has these pairs; the whole instruction where it is the only one.
pub(super) fn pair(owner: &Instruction, pairs: &[EnvPair], index: usize, cx: &Cx<'_>) -> Option<Edit> {
    let place = |pair: &EnvPair| pair.key.span().to(pair.value.span());
    let places: Vec<Span> = pairs.iter().map(place).collect();
    part(owner, &places, index, cx)
}

/// One part of an instruction that has its parts at these places; the whole instruction where it is the only one.
pub(super) fn part(owner: &Instruction, places: &[Span], index: usize, cx: &Cx<'_>) -> Option<Edit> {
    let span = match (index, places.len()) {
        (0, 1) => return instruction(owner, cx),
        (0, _) => Span::new(places[0].start, places[1].start),
        _ => Span::new(places[index - 1].end, places[index].end),
    };
    is_free(span, owner, cx).then(|| Edit::delete(span))
}

/// One command of a RUN that is a plain sequence; the whole RUN where it is the only one.
pub(super) fn command(found: &RunCommand<'_>, cx: &Cx<'_>) -> Option<Edit> {
    let script = found.run.command.body()?.script().filter(|script| script.is_flat && found.is_on_line())?;
    let goes_on = |index: usize| match script.commands.get(index) {
        None => true,
        Some(next) => matches!(next.joined_by, Connector::And | Connector::Sequence),
    };
    let (index, own) = (found.index, found.command.span);
    if !goes_on(index + 1) || !matches!(found.command.joined_by, Connector::First | Connector::And) {
        return None;
    }
    let span = match (index, script.commands.get(index + 1)) {
        (0, None) => return instruction(found.instruction, cx),
        (0, Some(next)) => Span::new(own.start, next.span.start),
        _ => Span::new(script.commands[index - 1].span.end, own.end),
    };
    is_free(span, found.instruction, cx).then(|| Edit::delete(span))
}

/// Some words of a command, from the `first` on, with the blank in front of them; the name of the command stays.
pub(super) fn words(found: &RunCommand<'_>, first: usize, count: usize, cx: &Cx<'_>) -> Option<Edit> {
    let words = &found.command.words;
    let span = Span::new(words.get(first.checked_sub(1)?)?.span.end, words.get(first + count - 1)?.span.end);
    is_free(span, found.instruction, cx).then(|| Edit::delete(span))
}

/// The first words of a command, with the blank behind them.
pub(super) fn lead(found: &RunCommand<'_>, count: usize, cx: &Cx<'_>) -> Option<Edit> {
    let words = &found.command.words;
    let span = Span::new(words.first()?.span.start, words.get(count)?.span.start);
    is_free(span, found.instruction, cx).then(|| Edit::delete(span))
}

/// Whether no comment or blank line inside the instruction lies in the span.
fn is_free(span: Span, instruction: &Instruction, cx: &Cx<'_>) -> bool {
    cx.written(instruction).is_some_and(|written| written.interior.iter().all(|line| !line.overlaps(span)))
}
