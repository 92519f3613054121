//! A place on disk that images lie in: a layout directory or an archive.

use std::path::Path;

use super::archive::Archive;
use super::blob::BlobSource;
use super::error::{Error, Result};
use super::image::Image;
use super::layout::Layout;
use super::manifest::{Descriptor, Index, annotation};
use super::name::ImageName;
use super::platform::Platform;
use crate::digest::Digest;

/// A place that lists its images.
pub trait ImagePlace: BlobSource {
    /// The images, with their names as annotations.
    fn index(&self) -> Result<Index>;

    /// The size of the blob with this digest, if it is there.
    fn size_of(&self, digest: Digest) -> Option<u64>;

    /// The manifest or index that is called `name` (a tag or a name) and has `digest`, where given. With neither, the
    /// only one there is, or else the one tagged `latest`. A digest alone may also be of one that has no name.
    fn resolve(&self, name: Option<&str>, digest: Option<Digest>) -> Result<Descriptor> {
        let index = self.index()?;
        let suits = |entry: &&Descriptor| {
            name.is_none_or(|name| answers_to(entry, name)) && digest.is_none_or(|digest| entry.digest == digest)
        };
        let found: Vec<&Descriptor> = index.manifests.iter().filter(suits).collect();
        let chosen = match &found[..] {
            // Several names of one image are one image.
            [first, rest @ ..] if rest.iter().all(|other| other.digest == first.digest) => Some((*first).clone()),
            several => several.iter().find(|entry| answers_to(entry, "latest")).map(|entry| (*entry).clone()),
        };
        if let Some(chosen) = chosen {
            return Ok(chosen);
        }
        if let (None, Some(digest)) = (name, digest)
            && let Some(size) = self.size_of(digest)
        {
            return Ok(Descriptor::new("", digest, size));
        }
        let what = match (name, digest) {
            (Some(name), None) => format!("image `{name}`"),
            (Some(name), Some(digest)) => format!("image `{name}` with the digest {digest}"),
            (None, Some(digest)) => format!("image {digest}"),
            (None, None) if index.manifests.is_empty() => "image in it".to_owned(),
            (None, None) => "image tagged `latest`; say which one".to_owned(),
        };
        Err(Error::NotFound { what, known: index.manifests.iter().map(shown).collect() })
    }

    /// Loads the image that [`resolve`](Self::resolve) finds, for `platform`.
    fn load(&self, name: Option<&str>, digest: Option<Digest>, platform: &Platform) -> Result<Image> {
        let root = self.resolve(name, digest)?;
        Image::load(self.as_source(), &root, platform)
    }

    /// The same place as a source of blobs.
    fn as_source(&self) -> &dyn BlobSource;
}

/// Opens the layout directory or the archive at `path`.
pub fn open(path: &Path) -> Result<Box<dyn ImagePlace>> {
    if path.is_dir() { Ok(Box::new(Layout::open(path)?)) } else { Ok(Box::new(Archive::open(path)?)) }
}

/// The entry of an index for `image` under `name`.
pub(super) fn named(image: &Image, name: Option<&ImageName>) -> Descriptor {
    let mut entry = Descriptor { platform: Some(image.config.platform.clone()), ..image.descriptor.clone() };
    if let Some(created) = &image.config.created {
        entry.annotations.insert(annotation::CREATED.into(), created.clone());
    }
    if let Some(name) = name {
        entry.annotations.insert(annotation::IMAGE_NAME.into(), name.full().into());
        entry.annotations.insert(annotation::REF_NAME.into(), name.tag().into());
    }
    entry
}

/// Whether a person who says `name` may mean this entry.
fn answers_to(entry: &Descriptor, name: &str) -> bool {
    let full = entry.annotations.get(annotation::IMAGE_NAME).map(ImageName::new);
    let tag = entry.annotations.get(annotation::REF_NAME);
    tag.is_some_and(|tag| tag == name) || full.is_some_and(|full| full.answers_to(name))
}

/// What an entry is called in a list.
fn shown(entry: &Descriptor) -> String {
    match (entry.annotations.get(annotation::IMAGE_NAME), entry.annotations.get(annotation::REF_NAME)) {
        (Some(full), _) => ImageName::new(full).familiar().to_owned(),
        (None, Some(tag)) => tag.clone(),
        (None, None) => entry.digest.to_string(),
    }
}
