//! Finding base images: a named context, then a tag in the store, then a registry.
//!
//! Fetches manifest and config, which planning needs; layers are fetched by the step that needs them, from the
//! [`BaseImage`] that remembers where.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::blobs::StoreBlobs;
use super::config::facts;
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

/// What `--build-context NAME=…` gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedContext {
    /// `docker-image://REFERENCE`: another image.
    Image(String),
    /// `oci-layout://PATH[:TAG][@DIGEST]`: a layout directory or an archive.
    Layout {
        /// Where it is.
        path: PathBuf,
        /// Which image of it.
        tag: Option<String>,
        /// The digest it must have.
        digest: Option<String>,
    },
    /// Anything else: a directory, a repository, a URL.
    Other(String),
}

impl NamedContext {
    /// Reads the part after `NAME=`. Relative paths are relative to `directory`.
    pub fn parse(value: &str, directory: &Path) -> Self {
        if let Some(reference) = value.strip_prefix("docker-image://") {
            return Self::Image(reference.to_owned());
        }
        let Some(place) = value.strip_prefix("oci-layout://") else { return Self::Other(value.to_owned()) };
        let (place, digest) = match place.split_once('@') {
            Some((place, digest)) => (place, Some(digest.to_owned())),
            None => (place, None),
        };
        let (path, tag) = match place.rsplit_once(':') {
            // A colon may also be part of the path.
            Some((path, tag)) if !tag.contains('/') && !directory.join(place).exists() => (path, Some(tag.to_owned())),
            _ => (place, None),
        };
        Self::Layout { path: directory.join(path), tag, digest }
    }
}

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

/// Everything that base images can be found with.
pub(super) struct Finder<'a> {
    pub(super) store: &'a Store,
    pub(super) contexts: &'a BTreeMap<String, NamedContext>,
    pub(super) registries: Option<&'a Registries>,
    /// Whether the registry is asked even where the store has a tag.
    pub(super) always_pull: bool,
}

impl<'a> Finder<'a> {
    /// The image that `reference`, written at `span`, stands for.
    pub(super) fn find(&self, reference: &str, platform: &Platform, span: Span) -> Result<BaseImage<'a>> {
        match self.context(reference) {
            Some(NamedContext::Layout { path, tag, digest }) => {
                in_layout(path, tag.as_deref(), digest.as_deref(), platform)
            }
            Some(NamedContext::Image(other)) => {
                let found = self.find_image(other, platform, span)?;
                Ok(BaseImage { place: ImagePlace::NamedContext, ..found })
            }
            Some(NamedContext::Other(value)) => {
                Err(Error::NotSupported { what: format!("the named context `{value}`"), span })
            }
            None => self.find_image(reference, platform, span),
        }
    }

    fn context(&self, reference: &str) -> Option<&'a NamedContext> {
        let wanted = normalized(reference);
        self.contexts.iter().find(|(name, _)| normalized(name) == wanted).map(|(_, context)| context)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_context_is_read_as_buildx_reads_it() {
        let parse = |value: &str| NamedContext::parse(value, Path::new("/site"));
        let layout = |path: &str, tag: Option<&str>, digest: Option<&str>| NamedContext::Layout {
            path: path.into(),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        };
        assert_eq!(parse("docker-image://alpine:3"), NamedContext::Image("alpine:3".into()));
        assert_eq!(parse("oci-layout://base"), layout("/site/base", None, None));
        assert_eq!(parse("oci-layout:///a/b:1@sha256:x"), layout("/a/b", Some("1"), Some("sha256:x")));
        assert_eq!(parse("oci-layout:///a:b/c"), layout("/a:b/c", None, None));
        assert_eq!(parse("../other"), NamedContext::Other("../other".into()));
    }
}
