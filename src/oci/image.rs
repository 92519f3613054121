//! An image as a value: its manifest, its config and the layers by name; and the way of its blobs between two places.
//!
//! The documents are kept as the bytes they came as, so that a copy has the digest of the original. The layers' bytes
//! stay in their [`BlobSource`].

use std::io::Read;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::blob::{BlobSink, BlobSource, read_document};
use super::config::ImageConfig;
use super::error::{Error, Result};
use super::manifest::{Descriptor, Document, Manifest, media_type};
use super::platform::Platform;
use crate::digest::Digest;

/// More than any real manifest or config has.
const DOCUMENT_LIMIT: u64 = 16 << 20;

/// How deep indexes may lie in indexes.
const INDEX_DEPTH: usize = 4;

/// One layer: the blob it travels as, and the digest of the tar inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The blob, compressed or not.
    pub blob: Descriptor,
    /// The digest of the uncompressed tar.
    pub diff_id: Digest,
}

/// An image.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// The manifest's digest and size: what an image is called by.
    pub descriptor: Descriptor,
    /// The manifest, byte for byte.
    pub manifest_bytes: Vec<u8>,
    /// The config, read.
    pub config: ImageConfig,
    /// The config's digest and size.
    pub config_descriptor: Descriptor,
    /// The config, byte for byte.
    pub config_bytes: Vec<u8>,
    /// The layers, lowest first.
    pub layers: Vec<Layer>,
}

impl Image {
    /// Loads the image that `root` names: the manifest itself, or through an index the one that suits `platform`.
    pub fn load(source: &dyn BlobSource, root: &Descriptor, platform: &Platform) -> Result<Self> {
        let mut descriptor = root.clone();
        for _ in 0..INDEX_DEPTH {
            let what = format!("manifest {}", descriptor.digest);
            let bytes = read_document(source, &descriptor, DOCUMENT_LIMIT)?;
            let document = Document::parse(&what, &bytes)?;
            if descriptor.media_type.is_empty() {
                descriptor.media_type = document.media_type().to_owned();
            }
            match document {
                Document::Manifest(manifest) => return Self::of_manifest(source, descriptor, *manifest, bytes),
                Document::Index(index) => {
                    let chosen = index.select(platform).ok_or_else(|| Error::NotFound {
                        what: format!("image for {platform} in index {}", descriptor.digest),
                        known: index.platforms(),
                    })?;
                    descriptor = chosen.clone();
                }
            }
        }
        Err(Error::malformed(format!("index {}", root.digest), format!("indexes lie more than {INDEX_DEPTH} deep")))
    }

    fn of_manifest(
        source: &dyn BlobSource,
        descriptor: Descriptor,
        manifest: Manifest,
        manifest_bytes: Vec<u8>,
    ) -> Result<Self> {
        let what = format!("image {}", descriptor.digest);
        let known = [media_type::CONFIG, media_type::DOCKER_CONFIG, ""];
        if !known.contains(&manifest.config.media_type.as_str()) {
            let why = format!("its config is `{}`: an artifact, not an image", manifest.config.media_type);
            return Err(Error::Unsupported { what, why });
        }
        let config_bytes = read_document(source, &manifest.config, DOCUMENT_LIMIT)?;
        let config = ImageConfig::parse(&format!("config {}", manifest.config.digest), &config_bytes)?;
        let diff_ids = &config.rootfs.diff_ids;
        if diff_ids.len() != manifest.layers.len() {
            let why = format!("it has {} layers, but its config {}", manifest.layers.len(), diff_ids.len());
            return Err(Error::malformed(what, why));
        }
        // What an index remarks about an image is not part of it.
        let descriptor = Descriptor::new(&descriptor.media_type, descriptor.digest, descriptor.size);
        let layers =
            manifest.layers.into_iter().zip(diff_ids).map(|(blob, &diff_id)| Layer { blob, diff_id }).collect();
        Ok(Self { descriptor, manifest_bytes, config, config_descriptor: manifest.config, config_bytes, layers })
    }

    /// The digest the image is called by.
    pub fn digest(&self) -> Digest {
        self.descriptor.digest
    }
}

/// An image has its own manifest and config.
impl BlobSource for Image {
    fn open(&self, blob: &Descriptor) -> Result<Box<dyn Read + Send + '_>> {
        let bytes = match blob.digest {
            digest if digest == self.descriptor.digest => &self.manifest_bytes,
            digest if digest == self.config_descriptor.digest => &self.config_bytes,
            digest => return Err(Error::NotFound { what: format!("document {digest}"), known: Vec::new() }),
        };
        Ok(Box::new(&bytes[..]))
    }
}

/// One step of a copy, for whoever shows progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The blob was there already.
    Present(Digest),
    /// So many bytes of so many have been read. A blob that is tried again starts again.
    Moved {
        /// Which blob.
        blob: Digest,
        /// Bytes so far.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
}

/// Whoever shows progress.
pub type Watch<'a> = &'a (dyn Fn(Progress) + Sync);

/// Copies `image` into `sink`: the layers from `layers`, several at a time where the sink likes that, then the config,
/// and the manifest last, so that a copy that breaks off leaves no image that lacks a part.
pub fn copy(image: &Image, layers: &dyn BlobSource, sink: &dyn BlobSink, watch: Watch<'_>) -> Result<()> {
    let mut blobs: Vec<&Descriptor> = Vec::new();
    for layer in &image.layers {
        // The same layer twice in one image is one blob.
        if blobs.iter().all(|blob| blob.digest != layer.blob.digest) {
            blobs.push(&layer.blob);
        }
    }
    let watched = Watched { source: layers, watch };
    let next = AtomicUsize::new(0);
    let failure = Mutex::new(None);
    let take_blobs = || {
        while let Some(blob) = blobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = put_if_absent(blob, &watched, sink, watch) {
                next.store(blobs.len(), Ordering::Relaxed);
                failure.lock().expect("no lane panics while it holds the failure").get_or_insert(error);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..sink.lanes().min(blobs.len()) {
            scope.spawn(take_blobs);
        }
        take_blobs();
    });
    if let Some(error) = failure.into_inner().expect("no lane panics while it holds the failure") {
        return Err(error);
    }
    put_if_absent(&image.config_descriptor, image, sink, watch)?;
    sink.put(&image.descriptor, image)
}

fn put_if_absent(blob: &Descriptor, source: &dyn BlobSource, sink: &dyn BlobSink, watch: Watch<'_>) -> Result<()> {
    if sink.has(blob)? {
        watch(Progress::Present(blob.digest));
        return Ok(());
    }
    sink.put(blob, source)
}

/// A source that reports what is read from it.
struct Watched<'a> {
    source: &'a dyn BlobSource,
    watch: Watch<'a>,
}

impl BlobSource for Watched<'_> {
    fn open(&self, blob: &Descriptor) -> Result<Box<dyn Read + Send + '_>> {
        let reader = self.source.open(blob)?;
        Ok(Box::new(Counted { reader, watch: self.watch, blob: blob.digest, done: 0, total: blob.size }))
    }
}

struct Counted<'a> {
    reader: Box<dyn Read + Send + 'a>,
    watch: Watch<'a>,
    blob: Digest,
    done: u64,
    total: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.reader.read(buffer)?;
        if count > 0 {
            self.done += count as u64;
            (self.watch)(Progress::Moved { blob: self.blob, done: self.done, total: self.total });
        }
        Ok(count)
    }
}
