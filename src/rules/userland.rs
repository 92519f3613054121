//! What is certain of the programs in a stage: which family of distributions it comes from.
//!
//! Told by the name of a well-known base image, or by a package manager that the stage calls; anything else is unknown.

use super::Cx;
use crate::model::image_ref::ImageRef;
use crate::model::{Base, StageId};

/// A family of distributions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Debian,
    Alpine,
    Busybox,
    RedHat,
    Suse,
    Arch,
}

/// Images of Docker's own library whose variants are all of one family.
const ONE_FAMILY: &[(&str, Family)] = &[
    ("almalinux", Family::RedHat),
    ("alpine", Family::Alpine),
    ("amazonlinux", Family::RedHat),
    ("archlinux", Family::Arch),
    ("buildpack-deps", Family::Debian),
    ("busybox", Family::Busybox),
    ("centos", Family::RedHat),
    ("debian", Family::Debian),
    ("fedora", Family::RedHat),
    ("oraclelinux", Family::RedHat),
    ("rockylinux", Family::RedHat),
    ("ubuntu", Family::Debian),
];

/// Images of Docker's own library that are Debian's or Ubuntu's unless the tag says otherwise.
const MOSTLY_DEBIAN: &[&str] = &[
    "elixir",
    "erlang",
    "gcc",
    "golang",
    "gradle",
    "haproxy",
    "httpd",
    "julia",
    "mariadb",
    "maven",
    "memcached",
    "mongo",
    "nginx",
    "node",
    "perl",
    "php",
    "postgres",
    "python",
    "rabbitmq",
    "redis",
    "ruby",
    "rust",
    "tomcat",
    "wordpress",
];

/// Parts of a tag that name something other than Debian, or nothing that is certain.
const OTHER_VARIANTS: &[&str] =
    &["windows", "nanoserver", "ubi", "oracle", "centos", "fedora", "amazon", "corretto", "sapmachine", "openj9"];

/// The family that the stage begins with, or shows by the package manager that it calls.
pub(super) fn family(cx: &Cx<'_>, stage: StageId) -> Option<Family> {
    let parent = match cx.resolved.bases.get(stage.0)? {
        Base::Scratch => return None,
        Base::Stage(parent) => family(cx, *parent),
        Base::Image(_) | Base::Unknown => named_family(cx, stage),
    };
    parent.or_else(|| by_package_manager(cx, stage))
}

/// The family of the image of Docker's own library that the stage begins with.
pub(super) fn named_family(cx: &Cx<'_>, stage: StageId) -> Option<Family> {
    match cx.resolved.bases.get(stage.0)? {
        Base::Stage(parent) => named_family(cx, *parent),
        Base::Image(name) if !cx.around.named_contexts.contains(name) => of_image(name),
        _ => None,
    }
}

/// Whether the stage begins with a distribution as it is, from Docker's own library: no program is set up in it.
pub(super) fn is_plain(stage: StageId, cx: &Cx<'_>) -> bool {
    library(stage, cx).is_some_and(|name| ONE_FAMILY.iter().any(|(one, _)| *one == name))
}

/// The image of Docker's own library that the stage begins with, by its name there.
pub(super) fn library(stage: StageId, cx: &Cx<'_>) -> Option<String> {
    match cx.resolved.bases.get(stage.0)? {
        Base::Stage(parent) => library(*parent, cx),
        Base::Image(name) if !cx.around.named_contexts.contains(name) => {
            let image = ImageRef::parse(name).ok().filter(|image| image.registry() == "docker.io")?;
            image.repository().strip_prefix("library/").map(str::to_owned)
        }
        _ => None,
    }
}

fn of_image(name: &str) -> Option<Family> {
    let image = ImageRef::parse(name).ok()?;
    let repository = match (image.registry(), image.repository()) {
        ("docker.io", repository) => repository,
        _ => return None,
    };
    if repository.starts_with("opensuse/") {
        return Some(Family::Suse);
    }
    let name = repository.strip_prefix("library/")?;
    if let Some((_, family)) = ONE_FAMILY.iter().find(|(one, _)| *one == name) {
        return Some(*family);
    }
    let tag = image.effective_tag()?;
    match tag {
        _ if !MOSTLY_DEBIAN.contains(&name) || OTHER_VARIANTS.iter().any(|variant| tag.contains(variant)) => None,
        _ if tag.contains("alpine") => Some(Family::Alpine),
        _ => Some(Family::Debian),
    }
}

/// The family whose package manager the stage calls in every build, when it is but one.
fn by_package_manager(cx: &Cx<'_>, stage: StageId) -> Option<Family> {
    let instructions = &cx.resolved.model.stage(stage).instructions;
    let commands = instructions.iter().flat_map(|instruction| cx.commands(instruction));
    let certain = commands.filter(|command| !command.command.conditional && command.command.depth == 0);
    let mut families = certain.filter_map(|command| match command.command.name()? {
        "apt-get" => Some(Family::Debian),
        "apk" => Some(Family::Alpine),
        "dnf" | "microdnf" | "yum" => Some(Family::RedHat),
        "zypper" => Some(Family::Suse),
        "pacman" => Some(Family::Arch),
        _ => None,
    });
    let first = families.next()?;
    families.all(|family| family == first).then_some(first)
}
