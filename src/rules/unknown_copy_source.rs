//! COPY --from, or a mount, of a name that is nearly that of a stage: an image of that name would be pulled instead.
//! Any other name that is no stage may well be an image on purpose, and is left alone.

use super::{Check, Cx, Out};
use crate::model::image_ref::ImageRef;
use crate::model::{Base, Instruction, Operation, SourceRef, StageId};
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
        let named = above.filter_map(|stage| Some((stage, stage.name.as_ref()?)));
        let named: Vec<_> = named.filter(|(_, name)| cx.source().is_utf8(name.span)).collect();
        let names = named.iter().map(|(_, name)| name.value.as_str());
        let Some(meant) = nearest(&from.value, names) else { return };
        let stage = named.iter().rev().find(|(_, name)| name.value == meant).map(|(stage, _)| stage.id);
        if is_plain {
            let title = format!("copy from `{meant}`");
            let span: Span = from.span;
            out.find(span, format!("no stage is called `{}`: an image of that name would be pulled", from.value))
                .help(format!("did you mean the stage `{meant}`?"))
                .fix(title, || {
                    stage.filter(|stage| can_be_built(*stage, cx)).map(|_| vec![Edit::replace(span, meant)])
                });
        }
    }
}

/// Whether a builder that needs the stage finds an image at the bottom of everything it is made of. A stage that nothing
/// needs may start from what is none.
fn can_be_built(stage: StageId, cx: &Cx<'_>) -> bool {
    let starts = |needed: &StageId| match &cx.resolved.bases[needed.0] {
        Base::Image(name) => {
            ImageRef::parse(name).is_ok() || cx.around.names_context(name, &cx.resolved.options.platform)
        }
        _ => true,
    };
    cx.resolved.model.graph.needed_by(stage).iter().all(starts)
}
