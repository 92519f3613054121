//! Putting results of steps and cache mounts into a cache for other machines.

use std::collections::BTreeSet;

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::super::blobs::StoreBlobs;
use super::super::cache::{Memory, files_of};
use super::super::chain::Chain;
use super::super::error::{Error, Result};
use super::super::foreman::in_full;
use super::super::layers::{Packing, layer_of};
use super::super::pack::pack_tree;
use super::super::remote::is_mirror;
use super::{
    CONFIG, CacheExport, CacheMounts, CachePlace, Document, MOUNT, PortableMount, PortableStep, VERSION, no_registry,
    reference,
};
use crate::digest::Digest;
use crate::oci::config::ImageConfig;
use crate::oci::layer::{Compression, Compressor};
use crate::oci::manifest::{Descriptor, Manifest};
use crate::oci::registry::Registries;
use crate::oci::{Image, ImageName, Layer, Layout, Platform, copy};
use crate::store::{Kind, Store};
use crate::tree::Root;

/// What was exported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// How many results of steps.
    pub steps: usize,
    /// How many cache mounts.
    pub mounts: usize,
    /// Bytes of all of them as they travel.
    pub bytes: u64,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// Exports every result of a step that `store` has, and the cache mounts that are asked for.
pub fn export_store(
    store: &Store,
    place: &CachePlace,
    mounts: &CacheMounts,
    registries: Option<&Registries>,
) -> Result<Exported> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let pool = ThreadPoolBuilder::new().num_threads(cores).build();
    let pool = pool.map_err(|error| Error::io("start threads")(std::io::Error::other(error)))?;
    let packing = Packing { newest: None, compression: Compression::GZIP, recompresses_base: false, pool: &pool };
    let keys = store.records.all(Kind::Step)?.into_iter().map(|(key, ..)| key);
    let to = CacheExport { place: place.clone(), is_max: true, mounts: mounts.clone(), is_required: true };
    export_steps(store, keys, &to, packing, registries)
}

/// Exports the results under `keys`, and the cache mounts that `to` asks for.
pub(in crate::exec) fn export_steps(
    store: &Store,
    keys: impl Iterator<Item = Digest>,
    to: &CacheExport,
    packing: Packing<'_>,
    registries: Option<&Registries>,
) -> Result<Exported> {
    let mut exported = Exported::default();
    let mut document = Document { version: VERSION, steps: Vec::new(), mounts: Vec::new() };
    // In the order of the keys: the same cache is the same bytes.
    for key in keys.collect::<BTreeSet<Digest>>() {
        document.steps.extend(step(store, &key, packing)?);
    }
    let caches = store.caches.all()?.into_iter();
    for cache in caches.filter(|cache| to.mounts.contain(&cache.id) && !is_mirror(&cache.id)) {
        // One that was made because another was taken has no key of its own.
        let Ok(key) = format!("sha256:{}", cache.directory).parse() else { continue };
        let archived = match store.caches.read(&cache.directory)? {
            Some(taken) => archive(store, &Root::open(taken.path())?, packing.pool),
            None => Err(Error::io("read it")(std::io::Error::other("a step has it for itself"))),
        };
        match archived {
            Ok(archive) => document.mounts.push(PortableMount { key, id: cache.id, archive }),
            Err(error) => exported.notes.push(format!("cache mount {} stays here: {}", cache.id, in_full(&error))),
        }
    }
    let image = wrapped(&document);
    send(store, &image, &to.place, registries)?;
    (exported.steps, exported.mounts) = (document.steps.len(), document.mounts.len());
    exported.bytes = image.layers.iter().map(|layer| layer.blob.size).sum();
    Ok(exported)
}

/// The result under `key` if it is still whole; none under a key that is another's second.
fn step(store: &Store, key: &Digest, packing: Packing<'_>) -> Result<Option<PortableStep>> {
    let Some(record) = store.records.get(Kind::Step, key)? else { return Ok(None) };
    let Ok(memory) = serde_json::from_value::<Memory>(record.detail) else { return Ok(None) };
    let Some(top) = record.snapshot.filter(|_| memory.key == *key) else { return Ok(None) };
    let Some(chain) = Chain::find(store, &top)? else { return Ok(None) };
    let Some(snapshot) = chain.top() else { return Ok(None) };
    let packed = layer_of(store, &chain, packing, &|_| {})?.layer;
    let Some(layer) = store.snapshots.layer(&top)? else { return Ok(None) };
    let by = layer.packed.iter().find(|known| known.blob == packed.blob.digest);
    Ok(Some(PortableStep {
        files: memory.files.and_then(|list| files_of(store, &list)).unwrap_or_default(),
        memory,
        changes: snapshot.changes,
        packed_by: by.map(|by| by.packed_by.clone()).unwrap_or_default(),
        layer: packed.blob,
        diff_id: packed.diff_id,
        tar_size: layer.size,
    }))
}

fn archive(store: &Store, root: &Root, pool: &ThreadPool) -> Result<Descriptor> {
    let blob = Compressor::new(store.blobs.create()?, Compression::GZIP, pool);
    let blob = pack_tree(root, None, blob)?.finish().map_err(Error::io("write an archive"))?;
    let (digest, size) = blob.finish()?;
    Ok(Descriptor::new(MOUNT, digest, size))
}

/// A cache travels as an image does.
fn wrapped(document: &Document) -> Image {
    let config_bytes = serde_json::to_vec(document).expect("a document has only string keys");
    let mut blobs: Vec<Descriptor> = document.steps.iter().map(|step| step.layer.clone()).collect();
    blobs.extend(document.mounts.iter().map(|mount| mount.archive.clone()));
    let mut seen = BTreeSet::new();
    blobs.retain(|blob| seen.insert(blob.digest));
    let config_descriptor = Descriptor::of(CONFIG, &config_bytes);
    let manifest_bytes = Manifest::new(config_descriptor.clone(), blobs.clone()).to_bytes();
    Image {
        descriptor: Descriptor::of(crate::oci::manifest::media_type::MANIFEST, &manifest_bytes),
        manifest_bytes,
        config: ImageConfig::new(Platform::host()),
        config_descriptor,
        config_bytes,
        layers: blobs.into_iter().map(|blob| Layer { diff_id: blob.digest, blob }).collect(),
    }
}

fn send(store: &Store, image: &Image, place: &CachePlace, registries: Option<&Registries>) -> Result<()> {
    let blobs = StoreBlobs(store);
    match place {
        CachePlace::Directory { path, tag } => {
            let layout = Layout::create(path)?;
            let writing = layout.enter()?;
            copy(image, &blobs, &layout, &|_| {})?;
            layout.publish(image, &[ImageName::new(format!("rplan/cache:{tag}"))])?;
            drop(writing);
            // What only an earlier export under this tag needed.
            Ok(layout.sweep()?)
        }
        CachePlace::Registry(text) => {
            let (registries, reference) = (registries.ok_or_else(no_registry)?, reference(text)?);
            let repository = registries.repository(reference.registry(), reference.repository())?;
            copy(image, &blobs, &repository, &|_| {})?;
            Ok(repository.tag(image, reference.effective_tag().unwrap_or("latest"))?)
        }
    }
}
