//! FROM asks for a platform, and the image is for another one. Known are images that are at hand, and names that can mean
//! nothing else: the namespaces of Docker's library for one processor, and the images of Windows.

use super::{Check, Cx, Out};
use crate::model::image_ref::{ImageRef, normalized};
use crate::model::{Base, Stage};

pub(super) struct ImageForOtherPlatform;

/// Namespaces of docker.io whose images are all for one processor, by the name that platforms give it.
const NAMESPACES: &[(&str, &str)] = &[
    ("amd64", "amd64"),
    ("arm32v5", "arm"),
    ("arm32v6", "arm"),
    ("arm32v7", "arm"),
    ("arm64v8", "arm64"),
    ("i386", "386"),
    ("mips64le", "mips64le"),
    ("ppc64le", "ppc64le"),
    ("riscv64", "riscv64"),
    ("s390x", "s390x"),
];

impl Check for ImageForOtherPlatform {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let (Some(from), Base::Image(name)) = (stage.from(), &cx.resolved.bases[stage.id.0]) else { return };
        let Some(word) = &from.platform else { return };
        let (Some(wanted), Ok(image)) = (cx.resolved.known(word), ImageRef::parse(name)) else { return };
        if wanted.is_empty() || cx.around.named_contexts.contains(name) {
            return;
        }
        let at_hand = cx.around.images.get(&normalized(name)).and_then(|facts| facts.platform.as_deref());
        let Some((held, why)) = at_hand
            .map(|held| (held.to_owned(), "the image that is at hand says so"))
            .or_else(|| Some((of_name(&image)?, "the name says so")))
        else {
            return;
        };
        if !suits(wanted, &held) {
            out.find(word.span(), format!("`{name}` is an image for {held}, not for {wanted}"))
                .related(from.image.span(), why)
                .help("leave the platform out, or name the image that has it");
        }
    }
}

/// Whether both are the same system and the same processor, as far as they say.
fn suits(wanted: &str, held: &str) -> bool {
    let (mut wanted, mut held) = (wanted.split('/'), held.split('/'));
    let same_system = wanted.next() == held.next();
    let (wanted, held) = (wanted.next(), held.next());
    same_system && wanted.zip(held).is_none_or(|(wanted, held)| usual(wanted) == usual(held))
}

/// The system of an image, and its processor, as far as the name says.
fn of_name(image: &ImageRef) -> Option<String> {
    let (namespace, _) = image.repository().split_once('/')?;
    match image.registry() {
        "docker.io" => {
            let (_, processor) = NAMESPACES.iter().find(|(known, _)| *known == namespace)?;
            Some(format!("linux/{processor}"))
        }
        "mcr.microsoft.com" if namespace == "windows" => Some("windows".to_owned()),
        _ => None,
    }
}

/// The name of a processor that platforms give it; some have two.
fn usual(processor: &str) -> &str {
    match processor {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "armhf" | "armel" => "arm",
        "i386" => "386",
        other => other,
    }
}
