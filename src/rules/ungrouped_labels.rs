//! LABEL right below another LABEL: one instruction can hold the pairs of both.

use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation, Stage};
use crate::syntax::Arguments;
use crate::text::{Edit, Span};

pub(super) struct UngroupedLabels;

impl Check for UngroupedLabels {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        for pair in stage.instructions.windows(2) {
            let [above, below] = pair else { continue };
            if !is_label(above) || !is_label(below) || above.item + 1 != below.item {
                continue;
            }
            out.find(below.keyword_span, "the LABEL above can hold these labels too")
                .related(above.keyword_span, "this one")
                .help("write the pairs of both behind one LABEL")
                .fix("join it with the LABEL above", || joined(above, below, cx));
        }
    }
}

fn is_label(instruction: &Instruction) -> bool {
    matches!(instruction.operation, Operation::Label(_))
}

/// The line end and the keyword between the two give way to a continuation.
fn joined(above: &Instruction, below: &Instruction, cx: &Cx<'_>) -> Option<Vec<Edit>> {
    let is_modern =
        |one| matches!(cx.written(one).map(|written| &written.arguments), Some(Arguments::Pairs { legacy: false, .. }));
    let (Operation::Label(first), Operation::Label(second)) = (&above.operation, &below.operation) else { return None };
    let gap = Span::new(first.pairs.last()?.value.span().end, second.pairs.first()?.key.span().start);
    let has_comments = [above, below]
        .iter()
        .filter_map(|one| cx.written(one))
        .any(|one| one.interior.iter().any(|line| line.overlaps(gap)));
    let escape = cx.tree().directives.escape;
    (is_modern(above) && is_modern(below) && !has_comments)
        .then(|| vec![Edit::replace(gap, format!(" {escape}{}      ", cx.line_end()))])
}
