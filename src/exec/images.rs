//! Finding what a base stands for: a named context, then a tag in the store, then a registry.
//!
//! Fetches manifest and config, which planning needs; layers are fetched by the step that needs them, from the
//! [`BaseImage`] that remembers where.

use std::collections::BTreeMap;
use std::path::Path;

use super::blobs::StoreBlobs;
use super::config::facts;
use super::contexts::{Fetching, NamedContext, open};
use super::error::{Error, Result};
use super::prepare::platform;
use crate::event::ImagePlace;
use crate::model::ImageFacts;
use crate::model::image_ref::{ImageRef, normalized};
use crate::oci;
use crate::oci::manifest::Descriptor;
use crate::oci::registry::Registries;
use crate::oci::{BlobSource, Image, Platform};
use crate::store::Store;
use crate::text::Span;
use crate::workspace::Context;

/// A base image and where its layers come from.
pub(super) struct BaseImage<'a> {
    /// The image.
    pub(super) image: Image,
    /// Where it was found.
    pub(super) place: ImagePlace,
    /// Where what is not in the store yet is fetched from.
    pub(super) source: Box<dyn BlobSource + 'a>,
    /// The host and the repository of that, where it is one.
    pub(super) home: Option<(String, String)>,
}

/// What a base stands for.
pub(super) enum Found<'a> {
    /// An image.
    Image(Box<BaseImage<'a>>),
    /// The files of a named context.
    Tree(Box<Context>),
}

/// Everything that bases can be found with.
pub(super) struct Finder<'a> {
    pub(super) store: &'a Store,
    pub(super) contexts: &'a BTreeMap<String, NamedContext>,
    pub(super) registries: Option<&'a Registries>,
    /// Whether the registry is asked even where the store has a tag.
    pub(super) always_pull: bool,
    /// Brings named contexts here.
    pub(super) fetching: Fetching<'a>,
}

impl<'a> Finder<'a> {
    /// What `reference`, written at `span`, stands for.
    pub(super) fn find(&self, reference: &str, platform: &Platform, span: Span) -> Result<Found<'a>> {
        let Some(named) = self.context(reference, platform) else {
            return Ok(Found::Image(Box::new(self.find_image(reference, platform, span)?)));
        };
        let image = match named {
            NamedContext::Layout { path, tag, digest } => in_layout(path, tag.as_deref(), digest.as_deref(), platform)?,
            NamedContext::Image(other) => {
                let found = self.find_image(other, platform, span)?;
                BaseImage { place: ImagePlace::NamedContext, ..found }
            }
            NamedContext::Address(_) | NamedContext::Directory(_) => {
                return Ok(Found::Tree(Box::new(open(named, &self.fetching, span)?)));
            }
        };
        Ok(Found::Image(Box::new(image)))
    }

    /// The named context of a name; one for the platform goes before one for all.
    fn context(&self, reference: &str, platform: &Platform) -> Option<&'a NamedContext> {
        let wanted = normalized(reference);
        let only = platform.to_string();
        let named = |platform: Option<&str>| {
            let is_meant = |name: &str| match name.split_once("::") {
                Some((name, only)) => platform == Some(only) && normalized(name) == wanted,
                None => platform.is_none() && normalized(name) == wanted,
            };
            self.contexts.iter().find(|(name, _)| is_meant(name)).map(|(_, context)| context)
        };
        named(Some(&only)).or_else(|| named(None))
    }

    fn find_image(&self, reference: &str, platform: &Platform, span: Span) -> Result<BaseImage<'a>> {
        let wrong = |message: String| Error::Wrong { message, span: Some(span) };
        let name = ImageRef::parse(reference).map_err(|error| wrong(format!("`{reference}`: {error}")))?;
        if !self.always_pull
            && let Some(found) = in_store(self.store, &normalized(reference), platform)?
        {
            return Ok(found);
        }
        let Some(registries) = self.registries else {
            return Err(wrong(format!("`{reference}` is not in rplan's store, and no registry may be asked")));
        };
        let wanted = name.digest().or(name.effective_tag()).expect("a name without a digest has a tag in force");
        let (repository, descriptor) = registries.find(name.registry(), name.repository(), wanted)?;
        let image = Image::load(&repository, &descriptor, platform)?;
        let home = Some((repository.host().to_owned(), repository.name().to_owned()));
        Ok(BaseImage { image, place: ImagePlace::Registry, source: Box::new(repository), home })
    }
}

fn in_store<'a>(store: &'a Store, name: &str, platform: &Platform) -> Result<Option<BaseImage<'a>>> {
    let Some(tag) = store.tags.get(name)? else { return Ok(None) };
    let Some(size) = store.blobs.size(&tag.manifest)? else { return Ok(None) };
    let blobs = StoreBlobs(store);
    let image = Image::load(&blobs, &Descriptor::new("", tag.manifest, size), platform)?;
    Ok(Some(BaseImage { image, place: ImagePlace::Store, source: Box::new(blobs), home: None }))
}

/// What is known of an image that the store has; nothing where what it has cannot be read.
pub fn image_at_hand(store: &Store, reference: &str, wanted: &str) -> Option<ImageFacts> {
    let found = in_store(store, &normalized(reference), &platform(wanted)).ok()??;
    let tag = store.tags.get(&normalized(reference)).ok()??;
    let facts = facts(&found.image);
    // Of an index the image that suits was taken; it may hold others.
    let is_the_only_one = tag.manifest == found.image.digest();
    Some(ImageFacts { platform: facts.platform.filter(|_| is_the_only_one), ..facts })
}

fn in_layout<'a>(path: &Path, tag: Option<&str>, digest: Option<&str>, platform: &Platform) -> Result<BaseImage<'a>> {
    let digest = match digest.map(str::parse) {
        Some(Err(error)) => {
            return Err(Error::Wrong { message: format!("oci-layout://{}: {error}", path.display()), span: None });
        }
        Some(Ok(digest)) => Some(digest),
        None => None,
    };
    let place = oci::open(path)?;
    let image = place.load(tag, digest, platform)?;
    Ok(BaseImage { image, place: ImagePlace::NamedContext, source: place, home: None })
}
