//! A base image whose software gets no fixes any more. Depends on the day, so somebody has to ask for it.

use super::{Check, Cx, Out, lifetimes};
use crate::model::image_ref::ImageRef;
use crate::model::{Base, Stage};

pub(super) struct EndOfLife;

impl Check for EndOfLife {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let (Base::Image(name), Some(from)) = (&cx.resolved.bases[stage.id.0], stage.from()) else { return };
        let Some(today) = cx.around.today.as_deref().filter(|_| !cx.around.named_contexts.contains(name)) else {
            return;
        };
        let Ok(image) = ImageRef::parse(name) else { return };
        for (what, end) in lifetimes::of(&image).into_iter().filter(|(_, end)| *end < today) {
            out.find(from.image.span(), format!("{what} has had no fixes since {end}"))
                .help("move to a version that gets fixes");
        }
    }
}
