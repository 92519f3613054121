//! An image from a registry that the project does not allow. Silent until the option `allowed` names some.

use super::{Check, Cx, Out, Pattern, Text};
use crate::model::image_ref::ImageRef;
use crate::model::{Base, Operation, SourceRef, Stage};
use crate::text::Span;

pub(super) struct RegistryNotAllowed;

impl Check for RegistryNotAllowed {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let allowed: Vec<String> = out.texts("allowed").into_iter().map(str::to_owned).collect();
        if allowed.is_empty() {
            return;
        }
        let mut images: Vec<(&str, Span)> = Vec::new();
        if let (Base::Image(name), Some(from)) = (&cx.resolved.bases[stage.id.0], stage.from()) {
            images.push((name, from.image.span()));
        }
        for instruction in &stage.instructions {
            if let Operation::Copy(copy) = &instruction.operation
                && let (Some(from), Some(SourceRef::Image(name))) =
                    (&copy.from, cx.resolved.model.graph.reference(instruction.id, 0))
            {
                images.push((name, from.span));
            }
        }
        for (name, span) in images.into_iter().filter(|(name, _)| !cx.around.named_contexts.contains(*name)) {
            let Ok(image) = ImageRef::parse(name) else { continue };
            let is_allowed = |one: &String| Pattern::Glob(Text::Owned(one.clone())).matches(image.registry());
            if !allowed.iter().any(is_allowed) {
                out.find(span, format!("images from {} are not allowed here", image.registry()))
                    .help(format!("allowed are {}", allowed.join(", ")));
            }
        }
    }
}
