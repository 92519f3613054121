//! From a registry into the store.

use super::super::blobs::StoreBlobs;
use super::super::error::{Error, Result};
use super::super::whereabouts;
use crate::digest::Digest;
use crate::event::{Event, ImagePlace};
use crate::model::image_ref::ImageRef;
use crate::oci::registry::Registries;
use crate::oci::{Image, Platform, Progress, copy};
use crate::store::{Store, Tag};

/// An image that was pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// The name it has in the store now, in full.
    pub name: String,
    /// The digest that the registry has under that name: of an index where it has one.
    pub found: Digest,
    /// The digest of the image itself.
    pub digest: Digest,
    /// What it is for.
    pub platform: Platform,
}

/// Fetches the image `said` (a name with a tag or a digest) for `platform` with all its layers, and keeps it under
/// that name. What the store has already is not fetched again.
pub fn pull(
    store: &Store,
    registries: &Registries,
    said: &str,
    platform: &Platform,
    say: &(dyn Fn(Event) + Sync),
) -> Result<Pulled> {
    let wrong = |message: String| Error::Wrong { message, span: None };
    let name = ImageRef::parse(said).map_err(|error| wrong(format!("`{said}`: {error}")))?;
    let wanted = name.digest().or(name.effective_tag()).expect("a name without a digest has a tag in force");
    say(Event::ImageWanted { reference: said.to_owned() });
    let (repository, root) = registries.find(name.registry(), name.repository(), wanted)?;
    let image = Image::load(&repository, &root, platform)?;
    say(Event::ImageFound { reference: said.to_owned(), digest: image.digest(), place: ImagePlace::Registry });
    let actual = &image.config.platform;
    if platform.suits(actual).is_none() {
        return Err(wrong(format!("`{said}` is an image for {actual} alone, and {platform} was asked for")));
    }
    copy(&image, &repository, &StoreBlobs(store), &|progress| {
        if let Progress::Moved { blob, done, total } = progress {
            say(Event::ImageMoved { reference: said.to_owned(), blob, done, total });
        }
    })?;
    whereabouts::note(store, &image, repository.host(), repository.name())?;
    let tag = Tag {
        name: name.to_string(),
        manifest: image.digest(),
        config: image.config_descriptor.digest,
        layers: image.layers.iter().map(|layer| layer.blob.digest).collect(),
        snapshot: None,
        tagged_at: jiff::Timestamp::now().as_second(),
    };
    store.tags.put(&tag)?;
    Ok(Pulled { name: tag.name, found: root.digest, digest: image.digest(), platform: actual.clone() })
}
