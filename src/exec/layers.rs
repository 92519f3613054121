//! The layers of an image: each snapshot packed once, base layers as they came.
//!
//! Remembers beside a snapshot what it was packed into, and by what, because another compressor gives other bytes.

use super::base::FOREIGN;
use super::chain::Chain;
use super::error::{Error, Result};
use super::pack::pack_layer;
use crate::digest::Hasher;
use crate::oci;
use crate::oci::layer::Compression;
use crate::oci::manifest::Descriptor;
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
/// # Panics
///
/// When the chain is empty: nothing is no layer.
pub(super) fn layer_of(store: &Store, chain: &Chain, packing: Packing<'_>) -> Result<Packed> {
    let top = chain.top().expect("a layer is the top of a chain");
    let packed_by = packed_by(packing);
    if let Some(layer) = known(store, top, &packed_by)? {
        return Ok(Packed { layer, is_new: false });
    }
    let mut key = Hasher::new();
    key.field("pack");
    key.field(top.id.to_string());
    let _alone = store.keys.lock(&key.finish())?;
    if let Some(layer) = known(store, top, &packed_by)? {
        return Ok(Packed { layer, is_new: false });
    }
    let upper = store.snapshots.changes(&top.id);
    let lowers = chain.lowers(store);
    let changes = diff(&upper, &lowers[1..])?;
    let blob = store.blobs.create()?;
    let (written, blob) = pack_layer(&changes, &upper, packing.newest, packing.compression, packing.pool, blob)?;
    let (digest, size) = blob.finish()?;
    let layer = written.layer;
    if (digest, size) != (layer.blob.digest, layer.blob.size) {
        return Err(Error::io("write a layer")(std::io::Error::other("other bytes arrived than were written")));
    }
    let packed = PackedLayer { media_type: layer.blob.media_type.clone(), blob: digest, size, packed_by };
    let record = Layer { diff_id: layer.diff_id, size: written.tar_size, packed: vec![packed] };
    store.snapshots.set_layer(&top.id, &record)?;
    Ok(Packed { layer, is_new: true })
}

fn known(store: &Store, snapshot: &Snapshot, packed_by: &str) -> Result<Option<oci::Layer>> {
    let Some(layer) = store.snapshots.layer(&snapshot.id)? else { return Ok(None) };
    for packed in &layer.packed {
        let fits = packed.packed_by == packed_by || packed.packed_by == FOREIGN;
        if fits && store.blobs.size(&packed.blob)? == Some(packed.size) {
            let blob = Descriptor::new(&packed.media_type, packed.blob, packed.size);
            return Ok(Some(oci::Layer { blob, diff_id: layer.diff_id }));
        }
    }
    Ok(None)
}

/// Everything that decides a layer's bytes besides what is in it.
fn packed_by(packing: Packing<'_>) -> String {
    let clamp = packing.newest.map(|newest| format!(", nothing after {newest}")).unwrap_or_default();
    format!("rplan {}, {:?}{clamp}", env!("CARGO_PKG_VERSION"), packing.compression)
}
