//! The step cache on its way to another machine: results of steps, and cache mounts on request, in a directory or a
//! registry.
//!
//! # The format, version 1
//!
//! One OCI manifest, in an OCI layout directory or a registry, so that whatever copies images copies caches.
//!
//! - `config`: `application/vnd.rplan.cache.config.v1+json`, a `Document`. That type says that it is no image.
//! - `layers`: for each step one image layer (`application/vnd.oci.image.layer.v1.tar+gzip` and its kin), the blob that
//!   an image with this step has too; for each cache mount one `application/vnd.rplan.cache.mount.v1.tar+gzip`, an
//!   archive of the directory.
//!
//! A step stands under its content key, which names everything that its result depends on, the file system below it
//! among them; so it is one layer on whatever is there, and base images are not in the cache. A reader refuses another
//! version, leaves out fields that it does not know, fetches a blob when a step needs it, and verifies three things: the
//! blob's digest, the digest of the tar in it, and that the tree it gives changes what the maker's did.
//! What is broken or foreign is told and counts as not there.

mod export;
mod import;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::cache::Memory;
use super::error::{Error, Result};
use crate::digest::Digest;
use crate::model::image_ref::ImageRef;
use crate::oci::manifest::{self, Descriptor};
use crate::oci::registry::Registries;
use crate::oci::{self, BlobSource, ImagePlace, Layout, read_document};
use crate::plan::files::FileList;

pub(super) use export::export_steps;
pub use export::{Exported, export_store};
pub use import::{Brought, import_store};
pub(super) use import::{Elsewhere, Imports};

/// What the manifest's config is.
const CONFIG: &str = "application/vnd.rplan.cache.config.v1+json";
/// What a cache mount travels as.
const MOUNT: &str = "application/vnd.rplan.cache.mount.v1.tar+gzip";
/// The version of the format.
const VERSION: u32 = 1;
/// More than any manifest or document has.
const DOCUMENT_LIMIT: u64 = 256 << 20;

/// Where a cache is, or goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CachePlace {
    /// An OCI layout directory, and the tag in it.
    Directory {
        /// The directory.
        path: PathBuf,
        /// `latest`, unless another one was named.
        tag: String,
    },
    /// A reference in a registry.
    Registry(String),
}

impl std::fmt::Display for CachePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Directory { path, .. } => path.display().fmt(f),
            Self::Registry(reference) => f.write_str(reference),
        }
    }
}

/// `--cache-from`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheImport {
    /// From where.
    pub place: CachePlace,
    /// Which cache mounts begin with what is there.
    pub mounts: CacheMounts,
}

/// `--cache-to`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheExport {
    /// Where to.
    pub place: CachePlace,
    /// Whether the steps of all stages go, or those alone whose results are layers of the image.
    pub is_max: bool,
    /// Which cache mounts go too.
    pub mounts: CacheMounts,
    /// Whether the build fails where this does.
    pub is_required: bool,
}

/// Which cache mounts travel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CacheMounts {
    /// None.
    #[default]
    None,
    /// All.
    All,
    /// Those with these ids.
    Called(Vec<String>),
}

impl CacheMounts {
    fn contain(&self, id: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Called(ids) => ids.iter().any(|wanted| wanted == id),
        }
    }
}

/// What a cache holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Document {
    version: u32,
    steps: Vec<PortableStep>,
    mounts: Vec<PortableMount>,
}

/// The result of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PortableStep {
    /// Its key, and how long it took.
    memory: Memory,
    /// The files that it took, of which the memory names the list.
    #[serde(default, skip_serializing_if = "FileList::is_empty")]
    files: FileList,
    /// The digest of its changes, times aside.
    changes: Digest,
    /// The layer that brings them.
    layer: Descriptor,
    /// The digest of the tar in it.
    diff_id: Digest,
    /// The length of that.
    tar_size: u64,
    /// What packed it.
    packed_by: String,
}

/// A cache mount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PortableMount {
    /// What it is found by.
    key: Digest,
    /// What people call it.
    id: String,
    /// The archive of the directory.
    archive: Descriptor,
}

/// A cache that was found.
struct Opened<'a> {
    document: Document,
    source: Box<dyn BlobSource + Send + 'a>,
}

fn open<'a>(place: &CachePlace, registries: Option<&'a Registries>) -> Result<Opened<'a>> {
    let (source, root): (Box<dyn BlobSource + Send + 'a>, Descriptor) = match place {
        CachePlace::Directory { path, tag } => {
            let layout = Layout::open(path)?;
            let root = layout.resolve(Some(tag), None)?;
            (Box::new(layout), root)
        }
        CachePlace::Registry(text) => {
            let (registries, reference) = (registries.ok_or_else(no_registry)?, reference(text)?);
            let wanted = reference.digest().or(reference.effective_tag()).unwrap_or("latest");
            let (repository, root) = registries.find(reference.registry(), reference.repository(), wanted)?;
            (Box::new(repository), root)
        }
    };
    let what = format!("manifest {}", root.digest);
    let found = manifest::Document::parse(&what, &read_document(&*source, &root, DOCUMENT_LIMIT)?)?;
    let config = match found {
        manifest::Document::Manifest(manifest) if manifest.config.media_type == CONFIG => manifest.config,
        _ => return Err(wrong(format!("{place} holds no step cache of this version of rplan"))),
    };
    let bytes = read_document(&*source, &config, DOCUMENT_LIMIT)?;
    match serde_json::from_slice::<Document>(&bytes) {
        Ok(document) if document.version == VERSION => Ok(Opened { document, source }),
        Ok(document) => Err(wrong(format!("{place} holds a step cache of version {}", document.version))),
        Err(error) => Err(wrong(format!("the step cache in {place} cannot be understood: {error}"))),
    }
}

fn reference(text: &str) -> Result<ImageRef> {
    ImageRef::parse(text).map_err(|error| wrong(format!("`{text}`: {error}")))
}

fn no_registry() -> Error {
    wrong("no registry may be asked".to_owned())
}

fn wrong(message: String) -> Error {
    Error::Wrong { message, span: None }
}

/// The layer of a step, as images name it.
impl PortableStep {
    fn as_layer(&self) -> oci::Layer {
        oci::Layer { blob: self.layer.clone(), diff_id: self.diff_id }
    }
}
