//! Images by what people call them: a name, or the beginning of a digest.

use super::super::blobs::StoreBlobs;
use super::super::error::{Error, Result};
use crate::digest::Digest;
use crate::model::image_ref::normalized;
use crate::oci::manifest::Descriptor;
use crate::oci::{self, Image, Platform};
use crate::store::{Store, Tag};

/// The fewest digits that are taken for the beginning of a digest.
const FEWEST_DIGITS: usize = 4;

/// An image under one of its names.
#[derive(Debug, Clone)]
pub struct StoredImage {
    /// The name, and what it stands for.
    pub tag: Tag,
    /// Its documents; `None` where they cannot be read any more.
    pub image: Option<Image>,
}

/// All images of `store`, by name.
pub fn list(store: &Store) -> Result<Vec<StoredImage>> {
    store.tags.all()?.into_iter().map(|tag| Ok(StoredImage { image: load(store, &tag)?, tag })).collect()
}

/// Every name of the one image that a person calls `said`: its name, written out or not, or the beginning of its
/// digest or of its config's. The name that was said comes alone, since it is what was meant.
pub fn find(store: &Store, said: &str) -> Result<Vec<StoredImage>> {
    let of = |tag: Tag| Ok(StoredImage { image: load(store, &tag)?, tag });
    if let Some(tag) = store.tags.get(&normalized(said))? {
        return Ok(vec![of(tag)?]);
    }
    let digits = said.strip_prefix("sha256:").unwrap_or(said);
    let is_digest = digits.len() >= FEWEST_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let begins = |digest: &Digest| digest.hex().starts_with(&digits.to_ascii_lowercase());
    let mut tags = store.tags.all()?;
    tags.retain(|tag| is_digest && (begins(&tag.manifest) || begins(&tag.config)));
    if tags.is_empty() {
        let what = format!("image `{said}` in rplan's store");
        return Err(oci::Error::NotFound { what, known: Vec::new() }.into());
    }
    if tags.iter().any(|tag| tag.manifest != tags[0].manifest) {
        let message = format!("`{said}` is the beginning of several digests: say more of it");
        return Err(Error::Wrong { message, span: None });
    }
    tags.into_iter().map(of).collect()
}

impl StoredImage {
    /// Its documents, or why it cannot be used.
    pub(super) fn documents(&self) -> Result<&Image> {
        self.image.as_ref().ok_or_else(|| {
            let message = format!("`{}` is damaged in rplan's store: build or pull it again", self.tag.name);
            Error::Wrong { message, span: None }
        })
    }
}

fn load(store: &Store, tag: &Tag) -> Result<Option<Image>> {
    let Some(size) = store.blobs.size(&tag.manifest)? else { return Ok(None) };
    let root = Descriptor::new("", tag.manifest, size);
    // A manifest is for one platform, whichever is asked for.
    Ok(Image::load(&StoreBlobs(store), &root, &Platform::host()).ok())
}
