//! An image that is not on the project's list. Silent until the option `allowed` names some.

use super::{Check, Cx, Out, images};
use crate::model::Stage;
use crate::model::image_ref::ImageRef;

pub(super) struct ImageNotAllowed;

impl Check for ImageNotAllowed {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let allowed: Vec<String> = out.texts("allowed").into_iter().map(str::to_owned).collect();
        if allowed.is_empty() {
            return;
        }
        for (image, place) in images::of_stage(stage, cx) {
            if !names(&image).iter().any(|name| images::is_among(&allowed, name)) {
                out.find(place, format!("{} is not on the list of images", image.familiar()))
                    .help(format!("allowed are {}", allowed.join(", ")));
            }
        }
    }
}

/// Every way to write the image: short and in full, with its tag and for all tags.
fn names(image: &ImageRef) -> [String; 4] {
    let (short, full) = (image.familiar(), image.to_string());
    let bare = |name: &str| {
        let name = name.split('@').next().unwrap_or_default();
        let last = name.rfind('/').map_or(0, |slash| slash + 1);
        name[last..].find(':').map_or(name, |colon| &name[..last + colon]).to_owned()
    };
    [bare(&short), bare(&full), short, full]
}
