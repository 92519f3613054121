//! From the store into registries.
//!
//! A blob that a repository has is not sent, and one that another repository of the same registry is known to have is
//! mounted from there.

use super::super::blobs::StoreBlobs;
use super::super::error::{Error, Result};
use super::super::whereabouts;
use super::find::find;
use crate::digest::Digest;
use crate::event::Event;
use crate::model::image_ref::ImageRef;
use crate::oci::registry::Registries;
use crate::oci::{Image, Progress, copy};
use crate::store::Store;

/// Pushes the image that a person calls `said` to each of `names`, or to its own name where there are none. Says what
/// it is called by now: each name with the digest of the image.
pub fn push(
    store: &Store,
    registries: &Registries,
    said: &str,
    names: &[String],
    say: &(dyn Fn(Event) + Sync),
) -> Result<Vec<(String, Digest)>> {
    let found = find(store, said)?;
    let own: Vec<String> = found.iter().map(|found| found.tag.name.clone()).collect();
    let names = match (names, &own[..]) {
        ([], [_]) => own,
        ([], _) => {
            let message =
                format!("`{said}` has several names: say where to push it, as in `rplan image push {said} NAME`");
            return Err(Error::Wrong { message, span: None });
        }
        (names, _) => names.to_vec(),
    };
    let image = found.first().expect("what is found is at least one").documents()?;
    // Every name is read before anything is sent.
    let targets = names.iter().map(|name| target(name)).collect::<Result<Vec<_>>>()?;
    let mut pushed = Vec::new();
    for target in targets {
        send(store, registries, image, &target, say)?;
        pushed.push((target.to_string(), image.digest()));
    }
    Ok(pushed)
}

/// Where an image is pushed that is to be called `name`.
pub(in crate::exec) fn target(name: &str) -> Result<ImageRef> {
    let wrong = |why: String| Error::Wrong { message: format!("`{name}`: {why}"), span: None };
    match ImageRef::parse(name) {
        Ok(parsed) if parsed.digest().is_none() => Ok(parsed),
        Ok(_) => Err(wrong("an image is pushed to a tag; its digest follows from what is in it".to_owned())),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// Pushes `image`, whose layers the store has, to `target`.
pub(in crate::exec) fn send(
    store: &Store,
    registries: &Registries,
    image: &Image,
    target: &ImageRef,
    say: &(dyn Fn(Event) + Sync),
) -> Result<()> {
    let host = target.registry();
    let known = whereabouts::known(store, image, host)?;
    let repository = registries.repository(host, target.repository())?.mount_from(known);
    let name = target.to_string();
    copy(image, &StoreBlobs(store), &repository, &|progress| {
        let (blob, done, total) = match progress {
            Progress::Moved { blob, done, total } => (blob, done, total),
            Progress::Present(_) => return,
        };
        say(Event::ImageSent { name: name.clone(), blob, done, total });
    })?;
    repository.tag(image, target.effective_tag().expect("a name without a digest has a tag in force"))?;
    whereabouts::note(store, image, host, target.repository())
}
