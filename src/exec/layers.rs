//! The layers of an image: each snapshot packed once, base layers as they came.
//!
//! Remembers beside a snapshot what it was packed into, and by what, because another compressor gives other bytes.

use super::base::FOREIGN;
use super::chain::Chain;
use super::error::{Error, Result};
use super::pack::pack_layer;
use super::repack::repack;
use crate::digest::Hasher;
use crate::oci;
use crate::oci::layer::Compression;
use crate::oci::manifest::{Descriptor, media_type};
use crate::store::{Layer, PackedLayer, Snapshot, Store};
use crate::tree::diff::diff;
use rayon::ThreadPool;

/// How layers are to be packed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packing<'a> {
    /// No time in a layer is later than this.
    pub(super) newest: Option<i64>,
    /// How they are compressed.
    pub(super) compression: Compression,
    /// Whether layers that came with a base are, too.
    pub(super) recompresses_base: bool,
    /// Where they are compressed.
    pub(super) pool: &'a ThreadPool,
}

/// A snapshot as a layer.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    /// The layer.
    pub(super) layer: oci::Layer,
    /// Whether it was packed just now.
    pub(super) is_new: bool,
}

/// The topmost snapshot of `chain` as a layer, packed if it has to be.
///
/// `moved` hears now and then how many bytes of content are packed.
///
/// # Panics
///
/// When the chain is empty: nothing is no layer.
pub(super) fn layer_of(store: &Store, chain: &Chain, packing: Packing<'_>, moved: &dyn Fn(u64)) -> Result<Packed> {
    let top = chain.top().expect("a layer is the top of a chain");
    if let Some(layer) = known(store, top, packing)? {
        return Ok(Packed { layer, is_new: false });
    }
    let mut key = Hasher::new();
    key.field("pack");
    key.field(top.id.to_string());
    let _alone = store.keys.lock(&key.finish())?;
    if let Some(layer) = known(store, top, packing)? {
        return Ok(Packed { layer, is_new: false });
    }
    let (layer, size, others) = match packed_otherwise(store, top, packing)? {
        Some((layer, record)) => {
            (repack(store, &layer, packing.compression, packing.pool)?, record.size, record.packed)
        }
        None => {
            let (layer, size) = pack(store, chain, packing, moved)?;
            (layer, size, Vec::new())
        }
    };
    let blob = &layer.blob;
    let (media_type, packed_by) = (blob.media_type.clone(), packed_by(packing));
    let mut packed = others;
    packed.retain(|other| other.packed_by != packed_by);
    packed.push(PackedLayer { media_type, blob: blob.digest, size: blob.size, packed_by });
    store.snapshots.set_layer(&top.id, &Layer { diff_id: layer.diff_id, size, packed })?;
    Ok(Packed { layer, is_new: true })
}

/// Packs the changes of the topmost snapshot; gives the size of the tar too.
fn pack(store: &Store, chain: &Chain, packing: Packing<'_>, moved: &dyn Fn(u64)) -> Result<(oci::Layer, u64)> {
    let top = chain.top().expect("a layer is the top of a chain");
    let upper = store.snapshots.changes(&top.id);
    let lowers = chain.lowers(store);
    let changes = diff(&upper, &lowers[1..])?;
    let blob = store.blobs.create()?;
    let (written, blob) = pack_layer(&changes, &upper, packing.newest, packing.compression, packing.pool, moved, blob)?;
    let (digest, size) = blob.finish()?;
    let layer = written.layer;
    if (digest, size) != (layer.blob.digest, layer.blob.size) {
        return Err(Error::io("write a layer")(std::io::Error::other("other bytes arrived than were written")));
    }
    Ok((layer, written.tar_size))
}

fn known(store: &Store, snapshot: &Snapshot, packing: Packing<'_>) -> Result<Option<oci::Layer>> {
    let packed_by = packed_by(packing);
    let kind = packing.compression.media_type();
    let suits = |packed: &PackedLayer| {
        let is_ours = packed.packed_by == packed_by;
        let stays = packed.packed_by == FOREIGN
            && (!packing.recompresses_base || media_type::to_oci(&packed.media_type) == kind);
        is_ours || stays
    };
    Ok(find(store, snapshot, suits)?.map(|(layer, _)| layer))
}

/// The same tar in another compression: one that is clamped as is wanted here, or that came with a base.
fn packed_otherwise(store: &Store, snapshot: &Snapshot, packing: Packing<'_>) -> Result<Option<(oci::Layer, Layer)>> {
    let clamp = clamp(packing);
    find(store, snapshot, |packed| packed.packed_by == FOREIGN || packed.packed_by.ends_with(&clamp))
}

fn find(
    store: &Store,
    snapshot: &Snapshot,
    suits: impl Fn(&PackedLayer) -> bool,
) -> Result<Option<(oci::Layer, Layer)>> {
    let Some(layer) = store.snapshots.layer(&snapshot.id)? else { return Ok(None) };
    for packed in layer.packed.iter().filter(|packed| suits(packed)) {
        if store.blobs.size(&packed.blob)? == Some(packed.size) {
            let blob = Descriptor::new(&packed.media_type, packed.blob, packed.size);
            return Ok(Some((oci::Layer { blob, diff_id: layer.diff_id }, layer)));
        }
    }
    Ok(None)
}

/// Everything that decides a layer's bytes besides what is in it.
fn packed_by(packing: Packing<'_>) -> String {
    format!("rplan {}, {:?}{}", env!("CARGO_PKG_VERSION"), packing.compression, clamp(packing))
}

/// How packed_by ends: what decides the tar, whatever its compression.
fn clamp(packing: Packing<'_>) -> String {
    match packing.newest {
        Some(newest) => format!(", nothing after {newest}"),
        None => ", times as they are".to_owned(),
    }
}
