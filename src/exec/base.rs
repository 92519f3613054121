//! From an image to a chain of snapshots: what FROM does.
//!
//! Each layer becomes a snapshot once, whichever images have it in this place; the blobs stay in the store as they
//! came, for images built on top.

use super::blobs::StoreBlobs;
use super::chain::Chain;
use super::commit::find;
use super::error::{Error, Result};
use super::images::BaseImage;
use super::overlay::{Mounted, Stack};
use super::perform::Say;
use super::unpack::unpack_layer;
use super::whereabouts;
use crate::digest::Digest;
use crate::event::Event;
use crate::oci;
use crate::oci::layer::{LayerReader, Limits};
use crate::oci::{BlobSource, Image, Progress, Verified};
use crate::store::{Kind, Layer, NewSnapshot, PackedLayer, Record, Store};
use crate::tree::Root;

/// What a layer was packed by when it came from elsewhere.
pub(super) const FOREIGN: &str = "base image";

/// The chain of `image`, if its layers have been unpacked before.
pub(super) fn unpacked(store: &Store, image: &Image) -> Result<Option<Chain>> {
    match chain_ids(image).last() {
        Some(last) => find(store, last, &Chain::default()),
        None => Ok(Some(Chain::default())),
    }
}

/// Fetches the layers of `found`, which is `reference` in the Dockerfile, that the store does not have.
pub(super) fn fetch(store: &Store, found: &BaseImage<'_>, reference: &str, say: Say<'_>) -> Result<()> {
    let watch = |progress: Progress| {
        if let Progress::Moved { blob, done, total } = progress {
            say(Event::ImageMoved { reference: reference.to_owned(), blob, done, total });
        }
    };
    oci::copy(&found.image, &*found.source, &StoreBlobs(store), &watch)?;
    match &found.home {
        Some((host, repository)) => whereabouts::note(store, &found.image, host, repository),
        None => Ok(()),
    }
}

/// Unpacks what is not unpacked yet of `image`, whose blobs are in the store.
pub(super) fn unpack(store: &Store, image: &Image, limits: Limits) -> Result<Chain> {
    let mut chain = Chain::default();
    for (layer, id) in image.layers.iter().zip(chain_ids(image)) {
        let _alone = store.keys.lock(&id)?;
        chain = match find(store, &id, &chain)? {
            Some(chain) => chain,
            None => unpack_on(store, &chain, layer, &id, limits)?,
        };
    }
    Ok(chain)
}

fn unpack_on(store: &Store, below: &Chain, layer: &oci::Layer, id: &Digest, limits: Limits) -> Result<Chain> {
    let scratch = store.snapshots.begin()?;
    let (upper, work, at) = (scratch.upper(), scratch.work(), scratch.mount_point());
    let lowers = below.lowers(store);
    let mounted = Mounted::new(Stack { lowers: &lowers, upper: Some((&upper, &work)) }, &at)
        .map_err(Error::io(format!("mount the layers below {}", layer.blob.digest)))?;
    let root = Root::open(&at)?;
    let blobs = StoreBlobs(store);
    let mut reader = LayerReader::within(limits, Verified::new(blobs.open(&layer.blob)?, &layer.blob))?;
    let size = unpack_layer(&mut reader, &root)?;
    let tar_size = reader.finish_as(layer)?;
    drop(root);
    mounted.unmount().map_err(Error::io("unmount an unpacked layer"))?;

    let parent = below.top().map(|snapshot| snapshot.id.clone());
    // Equal layers on equal parents give equal trees; what is in them need not be looked at again.
    let snapshot = store.snapshots.commit(scratch, NewSnapshot { parent, changes: layer.diff_id, size })?;
    let packed = PackedLayer {
        media_type: layer.blob.media_type.clone(),
        blob: layer.blob.digest,
        size: layer.blob.size,
        packed_by: FOREIGN.to_owned(),
    };
    store.snapshots.set_layer(&snapshot.id, &Layer { diff_id: layer.diff_id, size: tar_size, packed: vec![packed] })?;
    let record = Record { snapshot: Some(snapshot.id.clone()), blobs: vec![layer.blob.digest], ..Record::default() };
    store.records.put(Kind::Chain, id, &record)?;
    Ok(below.with(snapshot))
}

/// For each layer of `image` the name of the tree up to it, as the image specification counts.
fn chain_ids(image: &Image) -> Vec<Digest> {
    let mut ids: Vec<Digest> = Vec::with_capacity(image.layers.len());
    for layer in &image.layers {
        let id = match ids.last() {
            Some(below) => Digest::of(format!("{below} {}", layer.diff_id)),
            None => layer.diff_id,
        };
        ids.push(id);
    }
    ids
}
