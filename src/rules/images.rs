//! The images that a stage names: in FROM, in COPY --from, and in the `from` of mounts. Stages, scratch and named contexts
//! are none.

use super::{Cx, Pattern, Text};
use crate::model::image_ref::ImageRef;
use crate::model::{Base, Operation, SourceRef, Stage};
use crate::text::Span;

/// The images with the places of their names, in the order of the file. What is no name of an image is left out.
pub(super) fn of_stage(stage: &Stage, cx: &Cx<'_>) -> Vec<(ImageRef, Span)> {
    let mut named: Vec<(&str, Span)> = Vec::new();
    if let (Base::Image(name), Some(from)) = (&cx.resolved.bases[stage.id.0], stage.from()) {
        named.push((name, from.image.span()));
    }
    for instruction in &stage.instructions {
        let places: Vec<Option<Span>> = match &instruction.operation {
            Operation::Copy(copy) => vec![copy.from.as_ref().map(|from| from.span)],
            Operation::Run(run) => {
                run.mounts.iter().map(|mount| mount.option(&["from"]).map(|word| word.span())).collect()
            }
            _ => continue,
        };
        for (position, place) in places.into_iter().enumerate() {
            let reference = cx.resolved.model.graph.reference(instruction.id, position);
            if let (Some(place), Some(SourceRef::Image(name))) = (place, reference) {
                named.push((name, place));
            }
        }
    }
    let images = named.into_iter().filter(|(name, _)| !cx.around.named_contexts.contains(*name));
    images.filter_map(|(name, place)| Some((ImageRef::parse(name).ok()?, place))).collect()
}

/// Whether one of the patterns is the text; `*` stands for any text.
pub(super) fn is_among(patterns: &[String], text: &str) -> bool {
    patterns.iter().any(|pattern| Pattern::Glob(Text::Owned(pattern.clone())).matches(text))
}
