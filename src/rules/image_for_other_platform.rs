//! FROM asks for a platform, and the name of the image says that it holds another one. Only names that can mean nothing
//! else are known: the namespaces of Docker's library for one processor, and the images of Windows.

use super::{Check, Cx, Out};
use crate::model::image_ref::ImageRef;
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
        let Some((os, processor)) = of_name(&image) else { return };
        let mut parts = wanted.split('/');
        let is_wanted = parts.next().is_some_and(|part| part == os)
            && processor.is_none_or(|processor| parts.next().is_none_or(|part| is_same(part, processor)));
        if !is_wanted {
            let holds = processor.map_or(os.to_owned(), |processor| format!("{os}/{processor}"));
            out.find(word.span(), format!("`{name}` is an image for {holds}, not for {wanted}"))
                .related(from.image.span(), "the name says so")
                .help("leave the platform out, or name the image that has it");
        }
    }
}

/// The system of an image, and its processor, as far as the name says.
fn of_name(image: &ImageRef) -> Option<(&'static str, Option<&'static str>)> {
    let (namespace, _) = image.repository().split_once('/')?;
    match image.registry() {
        "docker.io" => {
            let (_, processor) = NAMESPACES.iter().find(|(known, _)| *known == namespace)?;
            Some(("linux", Some(processor)))
        }
        "mcr.microsoft.com" if namespace == "windows" => Some(("windows", None)),
        _ => None,
    }
}

/// Whether both name the same processor; some have two names.
fn is_same(written: &str, processor: &str) -> bool {
    let usual = match written {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "armhf" | "armel" => "arm",
        "i386" => "386",
        other => other,
    };
    usual == processor
}
