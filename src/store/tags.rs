//! Names of images: a tag keeps an image alive and lets it be found again.
//!
//! Names come normalised; this room does not read them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

use super::error::Result;
use super::files;
use super::snapshots::SnapshotId;

/// A name and the image it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The normalised name.
    pub name: String,
    /// The manifest, a blob.
    pub manifest: Digest,
    /// The config, a blob.
    pub config: Digest,
    /// The other blobs of the image: its layers as far as they are kept packed.
    pub layers: Vec<Digest>,
    /// The topmost snapshot, when the image's file system is at hand; `None` also for an image without layers.
    pub snapshot: Option<SnapshotId>,
    /// When it was tagged, in seconds since 1970.
    pub tagged_at: i64,
}

/// The tags of a store.
#[derive(Debug)]
pub struct Tags {
    directory: PathBuf,
}

impl Tags {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// What `name` stands for.
    pub fn get(&self, name: &str) -> Result<Option<Tag>> {
        let tag: Option<Tag> = files::read_json(&self.path(name))?;
        Ok(tag.filter(|tag| tag.name == name))
    }

    /// Lets `tag.name` stand for this image from now on.
    pub fn put(&self, tag: &Tag) -> Result<()> {
        files::publish_durable_json(&self.path(&tag.name), tag)
    }

    /// Takes the name away; says whether there was one. The image goes with the next collection if nothing else
    /// keeps it.
    pub fn remove(&self, name: &str) -> Result<bool> {
        files::remove(&self.path(name))
    }

    /// All tags by name.
    pub fn all(&self) -> Result<Vec<Tag>> {
        let mut tags = Vec::new();
        for name in files::names(&self.directory)? {
            tags.extend(files::read_json::<Tag>(&self.directory.join(name))?);
        }
        tags.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(tags)
    }

    // A name may be longer than a file name can be, and may hold slashes.
    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(format!("{}.json", Digest::of(name).hex()))
    }
}
