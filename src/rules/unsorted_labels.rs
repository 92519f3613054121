//! Labels of one LABEL that are not in the order of their keys. An image keeps its labels as a map, so that their order says
//! nothing; the fix puts each pair where another stood, so that no continuation moves.

use std::collections::BTreeSet;

use super::{Check, Cx, Out};
use crate::model::{EnvPair, Instruction, Label, Operation};
use crate::text::{Edit, Span};

pub(super) struct UnsortedLabels;

impl Check for UnsortedLabels {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Label(label) = &instruction.operation else { return };
        let keys: Option<Vec<&str>> = label.pairs.iter().map(|pair| cx.resolved.known(&pair.key)).collect();
        let Some(keys) = keys.filter(|_| !label.legacy) else { return };
        let Some(late) = keys.windows(2).position(|pair| pair[0] > pair[1]) else { return };
        out.find(label.pairs[late + 1].key.span(), format!("`{}` stands below `{}`", keys[late + 1], keys[late]))
            .help("sort the labels: one that is missing or there twice then shows")
            .fix("sort the labels", || sorted(instruction, label, &keys, cx));
    }
}

fn sorted(instruction: &Instruction, label: &Label, keys: &[&str], cx: &Cx<'_>) -> Option<Vec<Edit>> {
    let place = |pair: &EnvPair| pair.key.span().to(pair.value.span());
    let list = Span::new(place(label.pairs.first()?).start, place(label.pairs.last()?).end);
    // A comment in between may speak of one of them, and of two equal keys the last one counts.
    // A value whose quotes do not close would take in whatever comes to stand behind it.
    let problems = cx.resolved.model.problems.iter().chain(&cx.resolved.problems).map(|problem| problem.span);
    let is_sound = !problems.chain(cx.errors.iter().map(|error| error.span)).any(|span| span.overlaps(list));
    let has_comments = cx.written(instruction)?.interior.iter().any(|line| line.overlaps(list));
    let are_unique = keys.iter().collect::<BTreeSet<_>>().len() == keys.len();
    let mut order: Vec<(&str, Span)> = keys.iter().copied().zip(label.pairs.iter().map(place)).collect();
    order.sort();
    let moved = label.pairs.iter().map(place).zip(order).filter(|(place, (_, pair))| place != pair);
    let edits = moved.map(|(place, (_, pair))| Edit::replace(place, cx.text(pair))).collect();
    (is_sound && !has_comments && are_unique && cx.source().is_utf8(list)).then_some(edits)
}
