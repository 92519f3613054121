//! From a Dockerfile to a plan with all its base images at hand.
//!
//! What an image sets (variables, ONBUILD triggers) is part of what a file means, and may name further images; so
//! resolving and planning repeat until nothing more is needed.

use std::collections::BTreeMap;

use super::config::facts;
use super::contexts::{Fetching, keeps_git_dir};
use super::emulation;
use super::entitled;
use super::error::{Error, Result};
use super::images::{BaseImage, Finder, Found};
use super::request::{Request, Tools};
use super::supported;
use crate::event::Event;
use crate::model::{ImageFacts, Operation, Resolved, RuntimeConfig, Surroundings, resolve};
use crate::oci::Platform;
use crate::plan::{self, Images, Outcome, Planned};
use crate::workspace::Context;

/// A plan, and the images that its bases stand for, by reference in full and platform.
pub(super) struct Prepared<'a> {
    pub(super) planned: Planned,
    /// No time in the result is later than this.
    pub(super) epoch: Option<i64>,
    pub(super) images: BTreeMap<(String, String), BaseImage<'a>>,
    /// The named contexts that stand for bases with nothing but files, by reference in full.
    pub(super) trees: BTreeMap<String, Context>,
    /// What those images set, by reference in full.
    pub(super) facts: BTreeMap<String, ImageFacts>,
}

/// How often planning may find that it needs more images: each time only triggers can name new ones.
const MOST_ROUNDS: usize = 10;

/// Prepares `request`.
pub(super) fn prepare<'a>(request: &'a Request, tools: Tools<'a>, tell: &mut dyn FnMut(Event)) -> Result<Prepared<'a>> {
    let mut surroundings = Surroundings {
        named_contexts: request.named_contexts.keys().cloned().collect(),
        ..request.surroundings.clone()
    };
    let finder = Finder {
        store: tools.store,
        contexts: &request.named_contexts,
        registries: tools.registries,
        always_pull: request.settings.pull,
        fetching: Fetching {
            store: tools.store,
            settings: &request.settings,
            keeps_git_dir: keeps_git_dir(&request.options.build_args),
            cancel: tools.cancel,
        },
    };
    let (mut images, mut trees) = (BTreeMap::new(), BTreeMap::new());
    for _ in 0..MOST_ROUNDS {
        let resolved = resolve(request.model.clone(), &request.options, &surroundings);
        let needed = match plan::plan(&resolved, &surroundings, Images::Required).map_err(Error::Problems)? {
            Outcome::Planned(planned) => {
                supported::check(&planned)?;
                emulation::check(&planned)?;
                entitled::check(&planned, &request.settings)?;
                let epoch = epoch(request, &resolved)?;
                return Ok(Prepared { planned, epoch, images, trees, facts: surroundings.images });
            }
            Outcome::Needs(needed) => needed,
        };
        for needed in needed {
            tell(Event::ImageWanted { reference: needed.reference.clone() });
            let found = match finder.find(&needed.reference, &platform(&needed.platform), needed.span)? {
                Found::Image(image) => *image,
                // Files say nothing of variables or triggers; what is built on them begins as on nothing.
                Found::Tree(context) => {
                    let config = RuntimeConfig { workdir: "/".to_owned(), ..RuntimeConfig::default() };
                    let facts = ImageFacts { config, ..ImageFacts::default() };
                    surroundings.images.insert(needed.normalized.clone(), facts);
                    trees.insert(needed.normalized, *context);
                    continue;
                }
            };
            let (digest, place) = (found.image.digest(), found.place);
            tell(Event::ImageFound { reference: needed.reference, digest, place });
            surroundings.images.insert(needed.normalized.clone(), facts(&found.image));
            images.insert((needed.normalized, needed.platform), found);
        }
    }
    let message = "the triggers of the base images name further images without end".to_owned();
    Err(Error::Wrong { message, span: None })
}

/// The variable that limits times: a build argument, or a global ARG with a default, or what the settings say.
const EPOCH: &str = "SOURCE_DATE_EPOCH";

fn epoch(request: &Request, resolved: &Resolved) -> Result<Option<i64>> {
    let given = request.options.build_args.get(EPOCH).map(|text| (text.clone(), None));
    let args = resolved.model.globals.iter().filter_map(|instruction| match &instruction.operation {
        Operation::Arg(args) => Some(args),
        _ => None,
    });
    let declared = || {
        let arg = args.flatten().rfind(|arg| arg.name.value == EPOCH)?;
        let default = arg.default.as_ref()?;
        Some((resolved.known(default)?.to_owned(), Some(default.span())))
    };
    match given.or_else(declared) {
        None => Ok(request.settings.epoch),
        Some((text, _)) if text.is_empty() => Ok(None),
        Some((text, span)) => match text.parse() {
            Ok(seconds) => Ok(Some(seconds)),
            Err(_) => {
                let message = format!("{EPOCH} is `{text}`: expected seconds since 1970");
                Err(Error::Wrong { message, span })
            }
        },
    }
}

/// `os/architecture[/variant]`, as images say it.
pub(super) fn platform(text: &str) -> Platform {
    let mut parts = text.split('/');
    let (os, architecture) = (parts.next().unwrap_or("linux"), parts.next().unwrap_or_default());
    Platform::new(os, architecture, parts.next())
}
