//! A shipped image on a full image of Docker's own library that has a slim variant. What is missing there is not known, so
//! the change is only shown.

use super::{Check, Cx, Out};
use crate::model::image_ref::ImageRef;
use crate::model::{Base, Instruction, Operation};
use crate::text::Edit;

pub(super) struct BigBaseImage;

/// The images with slim variants of their tags.
const SLIM: &[&str] = &["debian", "node", "perl", "python", "ruby", "rust"];
/// Parts of a tag that name a variant which is small, or has none.
const OTHERS: &[&str] = &["slim", "alpine", "windows", "nanoserver", "onbuild", "backports"];

impl Check for BigBaseImage {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let (Operation::From(from), Some(stage)) = (&instruction.operation, instruction.stage) else { return };
        let Base::Image(name) = &cx.resolved.bases[stage.0] else { return };
        if !cx.ships(stage) || cx.around.names_context(name, &cx.resolved.options.platform) {
            return;
        }
        let Ok(image) = ImageRef::parse(name) else { return };
        let short = image.repository().strip_prefix("library/").filter(|_| image.registry() == "docker.io");
        let Some(short) = short.filter(|short| SLIM.contains(short) && image.digest().is_none()) else { return };
        let slim = match image.tag() {
            None | Some("latest") => format!("{short}:slim"),
            Some(tag) if !OTHERS.iter().any(|other| tag.contains(other)) => format!("{short}:{tag}-slim"),
            Some(_) => return,
        };
        let span = from.image.span();
        out.find(span, format!("{short} has a slim variant of this image"))
            .help(format!("try {slim}, and install what is missing there"))
            .fix(format!("start from {slim}"), || Some(vec![Edit::replace(span, slim)]));
    }
}
