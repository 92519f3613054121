//! Taking results of steps and cache mounts out of a cache from another machine, each when it is needed.
//!
//! Of what is broken or foreign there is a note, and it counts as not there: a cache never fails a build.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde::{Deserialize, Serialize};

use super::super::blobs::StoreBlobs;
use super::super::cache;
use super::super::chain::Chain;
use super::super::commit::commit;
use super::super::error::{Error, Result};
use super::super::foreman::in_full;
use super::super::perform::{Kept, Keys, Site, StepEnd, StepOrder, change};
use super::super::unpack::{unpack_archive, unpack_layer};
use super::{CacheImport, CacheMounts, CachePlace, Opened, PortableMount, PortableStep, open, wrong};
use crate::digest::Digest;
use crate::event::Ending;
use crate::oci::layer::{Decompressor, EntryReader, LayerReader};
use crate::oci::manifest::Descriptor;
use crate::oci::registry::Registries;
use crate::oci::{BlobSink, BlobSource, Verified};
use crate::plan::Step;
use crate::store::{Kind, Layer, PackedLayer, Record, Store};
use crate::tree::Root;

/// What is not here yet may be elsewhere.
pub(in crate::exec) trait Elsewhere: Sync {
    /// The result under `key`, fetched into the store.
    fn step(&self, key: &Digest) -> Option<Result<PortableStep>>;

    /// Fills a new cache mount, if there is something for it; says whether there was.
    fn fill(&self, key: &Digest, content: &Path) -> Result<bool>;

    /// Keeps something that is to be said.
    fn note(&self, note: String);
}

/// The caches that a build may take from, each opened when the store lacks something for the first time.
pub(in crate::exec) struct Imports<'a> {
    store: &'a Store,
    registries: Option<&'a Registries>,
    from: Vec<(&'a CacheImport, OnceLock<Option<Opened<'a>>>)>,
    notes: Mutex<Vec<String>>,
}

/// What is remembered of a cache that was imported into the store.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Waiting {
    Step(PortableStep),
    Mount(PortableMount),
}

impl<'a> Imports<'a> {
    /// Takes from `from`, and from what was imported into `store`.
    pub(in crate::exec) fn new(store: &'a Store, registries: Option<&'a Registries>, from: &'a [CacheImport]) -> Self {
        let from = from.iter().map(|from| (from, OnceLock::new())).collect();
        Self { store, registries, from, notes: Mutex::default() }
    }

    /// What there was to be said.
    pub(in crate::exec) fn notes(&self) -> Vec<String> {
        std::mem::take(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn opened(&self) -> impl Iterator<Item = (&'a CacheImport, &Opened<'a>)> {
        self.from.iter().filter_map(|(from, opened)| {
            let opened = opened.get_or_init(|| match open(&from.place, self.registries) {
                Ok(opened) => Some(opened),
                Err(error) => {
                    self.note(format!("nothing is taken from the cache {}: {}", from.place, in_full(&error)));
                    None
                }
            });
            Some((*from, opened.as_ref()?))
        })
    }

    fn waiting(&self, key: &Digest) -> Option<Waiting> {
        let record = self.store.records.get(Kind::Import, key).ok()??;
        serde_json::from_value(record.detail).ok()
    }

    fn mount(&self, key: &Digest) -> Option<Result<PortableMount>> {
        if let Some(Waiting::Mount(mount)) = self.waiting(key) {
            return Some(Ok(mount));
        }
        self.opened().find_map(|(from, Opened { document, source })| {
            let mount = document.mounts.iter().find(|mount| mount.key == *key && from.mounts.contain(&mount.id))?;
            Some(fetch(self.store, &mount.archive, &**source).map(|()| mount.clone()))
        })
    }
}

impl Elsewhere for Imports<'_> {
    fn step(&self, key: &Digest) -> Option<Result<PortableStep>> {
        if let Some(Waiting::Step(step)) = self.waiting(key) {
            return Some(Ok(step));
        }
        self.opened().find_map(|(_, Opened { document, source })| {
            let step = document.steps.iter().find(|step| step.memory.key == *key)?;
            Some(fetch(self.store, &step.layer, &**source).map(|()| step.clone()))
        })
    }

    fn fill(&self, key: &Digest, content: &Path) -> Result<bool> {
        let Some(mount) = self.mount(key) else { return Ok(false) };
        let filled = mount.and_then(|mount| unpack_mount(self.store, &mount, content).map(|()| mount.id));
        let Err(error) = filled else { return Ok(true) };
        self.note(format!("a cache mount begins empty: {}", in_full(&error)));
        empty(content).map_err(Error::io("empty a cache mount"))?;
        Ok(false)
    }
    fn note(&self, note: String) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }
}

fn fetch(store: &Store, blob: &Descriptor, source: &dyn BlobSource) -> Result<()> {
    let blobs = StoreBlobs(store);
    if !blobs.has(blob)? {
        blobs.put(blob, source)?;
    }
    Ok(())
}

fn unpack_mount(store: &Store, mount: &PortableMount, content: &Path) -> Result<()> {
    let failed = |error| Error::io(format!("read the archive of cache mount {}", mount.id))(error);
    let blobs = StoreBlobs(store);
    let blob = Verified::new(blobs.open(&mount.archive)?, &mount.archive);
    let mut reader = EntryReader::archive(Decompressor::new(blob).map_err(failed)?);
    unpack_archive(&mut reader, &Root::open(content)?, Path::new(""), None)?;
    // Only at its end is it known to be the right one.
    reader.finish()?;
    Ok(())
}

fn empty(directory: &Path) -> std::io::Result<()> {
    for child in fs::read_dir(directory)? {
        let child = child?;
        match child.file_type()?.is_dir() {
            true => fs::remove_dir_all(child.path())?,
            false => fs::remove_file(child.path())?,
        }
    }
    Ok(())
}

impl Site<'_> {
    /// The result of a step from a cache that was imported, put on what is below it here and kept under `keys`.
    pub(in crate::exec) fn imported(&self, step: &Step, keys: &Keys, order: &StepOrder) -> Result<Option<StepEnd>> {
        let Some(found) = self.imports.step(&keys.content).filter(|_| !self.is_fresh(step)) else { return Ok(None) };
        let found = found.and_then(|found| Ok((self.put_on(step, &found, order)?, found)));
        let (chain, PortableStep { mut memory, files, .. }) = match found {
            Ok(found) => found,
            Err(error) => {
                self.imports.note(format!("{} was not taken from the cache: {}", step.name, in_full(&error)));
                return Ok(None);
            }
        };
        let all: Vec<Digest> = [keys.content].into_iter().chain(keys.coarse).collect();
        memory.files = cache::keep_files(self.tools.store, &files)?;
        cache::remember(self.tools.store, &all, &chain, &memory)?;
        let (took, made_at, key) = (memory.took(), Some(memory.made_at), Some(memory.key));
        Ok(Some(StepEnd::Kept(Kept { chain, ending: Ending::Cached, took, made_at, key, files: memory.files })))
    }

    fn put_on(&self, step: &Step, found: &PortableStep, order: &StepOrder) -> Result<Chain> {
        let store = self.tools.store;
        let scratch = store.snapshots.begin()?;
        let lowers = if step.reads_below() { order.below.lowers(store) } else { Vec::new() };
        change(&scratch, &lowers, |root| {
            let blobs = StoreBlobs(store);
            let blob = Verified::new(blobs.open(&found.layer)?, &found.layer);
            let mut reader = LayerReader::within(self.settings.limits, blob)?;
            unpack_layer(&mut reader, root)?;
            reader.finish_as(&found.as_layer())?;
            Ok(())
        })?;
        let chain = commit(store, scratch, &order.below, &lowers, self.newest)?.chain;
        let top = chain.top().expect("what was committed is on top");
        if top.changes != found.changes {
            return Err(wrong("its layer does not give the files that it promises".to_owned()));
        }
        if store.snapshots.layer(&top.id)?.is_none() {
            let PortableStep { layer, diff_id, tar_size, packed_by, .. } = found.clone();
            let packed =
                vec![PackedLayer { media_type: layer.media_type, blob: layer.digest, size: layer.size, packed_by }];
            store.snapshots.set_layer(&top.id, &Layer { diff_id, size: tar_size, packed })?;
        }
        Ok(chain)
    }
}

/// What was brought into the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Brought {
    /// How many results of steps.
    pub steps: usize,
    /// How many cache mounts.
    pub mounts: usize,
    /// Bytes that the store did not have.
    pub bytes: u64,
}

/// Brings all of a cache into `store`, where builds find it without asking for it.
pub fn import_store(
    store: &Store,
    place: &CachePlace,
    mounts: &CacheMounts,
    registries: Option<&Registries>,
) -> Result<Brought> {
    let Opened { document, source } = open(place, registries)?;
    let mut brought = Brought::default();
    let steps = document.steps.into_iter().map(|step| (step.memory.key, step.layer.clone(), Waiting::Step(step)));
    let mounts = document.mounts.into_iter().filter(|mount| mounts.contain(&mount.id));
    let mounts = mounts.map(|mount| (mount.key, mount.archive.clone(), Waiting::Mount(mount)));
    for (key, blob, waiting) in steps.chain(mounts) {
        if !StoreBlobs(store).has(&blob)? {
            fetch(store, &blob, &*source)?;
            brought.bytes += blob.size;
        }
        match waiting {
            Waiting::Step(_) => brought.steps += 1,
            Waiting::Mount(_) => brought.mounts += 1,
        }
        let detail = serde_json::to_value(&waiting).expect("what waits has only string keys");
        store.records.put(Kind::Import, &key, &Record { blobs: vec![blob.digest], detail, ..Record::default() })?;
    }
    Ok(brought)
}
