//! An image from a registry that the project does not allow. Silent until the option `allowed` names some.

use super::{Check, Cx, Out, images};
use crate::model::Stage;

pub(super) struct RegistryNotAllowed;

impl Check for RegistryNotAllowed {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let allowed: Vec<String> = out.texts("allowed").into_iter().map(str::to_owned).collect();
        if allowed.is_empty() {
            return;
        }
        for (image, place) in images::of_stage(stage, cx) {
            if !images::is_among(&allowed, image.registry()) {
                out.find(place, format!("images from {} are not allowed here", image.registry()))
                    .help(format!("allowed are {}", allowed.join(", ")));
            }
        }
    }
}
