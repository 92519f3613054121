//! STOPSIGNAL, HEALTHCHECK, ENTRYPOINT and CMD in another order than this one, or with something else below them. They
//! only set what the container does, so where they stand makes no difference within a stage.

use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation, Stage};
use crate::syntax::ItemKind;
use crate::text::{Edit, Span};

pub(super) struct EpilogueOrder;

impl Check for EpilogueOrder {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        for pair in stage.instructions.windows(2) {
            let [above, below] = pair else { continue };
            let (Some(upper), lower) = (rank(above), rank(below)) else { continue };
            let (keyword, next) = (above.keyword.as_str(), below.keyword.as_str());
            let help = "say last how the container runs: STOPSIGNAL, HEALTHCHECK, ENTRYPOINT, CMD";
            match lower {
                None => {
                    out.find(above.keyword_span, format!("{keyword} stands above {next}")).help(help);
                }
                Some(lower) if lower < upper => {
                    out.find(above.keyword_span, format!("{keyword} stands above {next}"))
                        .help(help)
                        .fix(format!("put {next} first"), || swapped(above, below, cx));
                }
                Some(_) => {}
            }
        }
    }
}

fn rank(instruction: &Instruction) -> Option<usize> {
    match &instruction.operation {
        Operation::Stopsignal(_) => Some(0),
        Operation::Healthcheck(_) => Some(1),
        Operation::Entrypoint(_) => Some(2),
        Operation::Cmd(_) => Some(3),
        _ => None,
    }
}

/// CMD and what stands below it, each in the place of the other, where nothing but they stands there.
fn swapped(above: &Instruction, below: &Instruction, cx: &Cx<'_>) -> Option<Vec<Edit>> {
    let (first, second) = (cx.written(above)?.span, cx.written(below)?.span);
    let is_bare = above.item + 1 == below.item && !has_comment_above(above, cx);
    let is_utf8 = cx.source().is_utf8(Span::new(first.start, second.end));
    // What the file breaks off in would go on in the line that then stands below.
    let is_whole = !cx.text(second).trim_end().ends_with(['\\', '`']);
    (is_bare && is_utf8 && is_whole && matches!(above.operation, Operation::Cmd(_)))
        .then(|| vec![Edit::replace(first, cx.text(second)), Edit::replace(second, cx.text(first))])
}

fn has_comment_above(instruction: &Instruction, cx: &Cx<'_>) -> bool {
    let above = instruction.item.checked_sub(1).map(|above| &cx.tree().items[above].kind);
    matches!(above, Some(ItemKind::Comment(_)))
}
