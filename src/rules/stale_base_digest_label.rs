//! The label for the digest of the base image, written out below a FROM without a digest. Values with variables come
//! from whoever builds, and are left alone.

use super::{Check, Cx, Out, removal};
use crate::model::image_ref::ImageRef;
use crate::model::{Base, Operation, Stage};

pub(super) struct StaleBaseDigestLabel;

const LABEL: &str = "org.opencontainers.image.base.digest";

impl Check for StaleBaseDigestLabel {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let (Base::Image(name), Some(from)) = (&cx.resolved.bases[stage.id.0], stage.from()) else { return };
        if !ImageRef::parse(name).is_ok_and(|image| image.digest().is_none()) || cx.around.named_contexts.contains(name)
        {
            return;
        }
        for instruction in &stage.instructions {
            let Operation::Label(label) = &instruction.operation else { continue };
            for (index, pair) in label.pairs.iter().enumerate() {
                if cx.resolved.known(&pair.key) != Some(LABEL) || pair.value.raw.as_str().contains('$') {
                    continue;
                }
                out.find(pair.key.span(), format!("the label tells a digest that `{name}` need not have"))
                    .related(from.image.span(), "may be another image tomorrow")
                    .help("pin the base image by that digest, or remove the label")
                    .fix("remove the label", || {
                        removal::pair(instruction, &label.pairs, index, cx).map(|edit| vec![edit])
                    });
            }
        }
    }
}
