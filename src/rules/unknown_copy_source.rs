//! COPY --from, or a mount, of a name that is nearly that of a stage: an image of that name would be pulled instead.
//! Any other name that is no stage may well be an image on purpose, and is left alone.

use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation, SourceRef};
use crate::text::{Edit, Span, nearest};

pub(super) struct UnknownCopySource;

impl Check for UnknownCopySource {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Copy(copy) = &instruction.operation else { return };
        let Some(from) = &copy.from else { return };
        let reference = cx.resolved.model.graph.reference(instruction.id, 0);
        if !matches!(reference, Some(SourceRef::Image(_))) || cx.around.named_contexts.contains(&from.value) {
            return;
        }
        let is_plain = !from.value.contains(['/', ':', '@', '.', '$']);
        let above = cx.stages().iter().take_while(|stage| Some(stage.id) != instruction.stage);
        // A name with bytes that are no text cannot be written again.
        let names = above.filter_map(|stage| stage.name.as_ref()).filter(|name| cx.source().is_utf8(name.span));
        let Some(meant) = nearest(&from.value, names.map(|name| name.value.as_str())) else { return };
        if is_plain {
            let title = format!("copy from `{meant}`");
            let span: Span = from.span;
            out.find(span, format!("no stage is called `{}`: an image of that name would be pulled", from.value))
                .help(format!("did you mean the stage `{meant}`?"))
                .fix(title, || Some(vec![Edit::replace(span, meant)]));
        }
    }
}
