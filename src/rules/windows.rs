//! Whether a stage is for Windows, where that is certain: by its platform, or by the name of its base image.

use super::Cx;
use crate::model::image_ref::ImageRef;
use crate::model::{Base, StageId};

/// Whether the stage certainly runs on Windows.
pub(super) fn is_certain(stage: StageId, cx: &Cx<'_>) -> bool {
    let Some(first) = cx.lineage(stage).last() else { return false };
    let platform = first.from().and_then(|from| from.platform.as_ref());
    if let Some(platform) = platform.and_then(|word| cx.resolved.known(word)) {
        return platform.split('/').next().is_some_and(|system| system.eq_ignore_ascii_case("windows"));
    }
    match &cx.resolved.bases[first.id.0] {
        Base::Image(name) if !cx.around.named_contexts.contains(name) => is_for_windows(name),
        _ => false,
    }
}

fn is_for_windows(name: &str) -> bool {
    let Ok(image) = ImageRef::parse(name) else { return false };
    let is_base = image.registry() == "mcr.microsoft.com" && image.repository().starts_with("windows/")
        || matches!(image.repository(), "microsoft/nanoserver" | "microsoft/windowsservercore");
    let says = |tag: &str| tag.contains("nanoserver") || tag.contains("windowsservercore");
    is_base || image.repository() == "windows" || image.tag().is_some_and(says)
}
