//! A layer in another compression: the same tar, and so the same diff id, in other bytes.

use std::io;

use rayon::ThreadPool;

use super::blobs::StoreBlobs;
use super::error::{Error, Result};
use crate::digest::{Digest, Hasher};
use crate::oci::layer::{Compression, Compressor, Decompressor};
use crate::oci::manifest::Descriptor;
use crate::oci::{self, BlobSource, Verified};
use crate::store::Store;

/// Compresses the tar in `layer`, whose blob the store has, anew.
pub(super) fn repack(
    store: &Store,
    layer: &oci::Layer,
    compression: Compression,
    pool: &ThreadPool,
) -> Result<oci::Layer> {
    let failed = || Error::io(format!("compress layer {} anew", layer.blob.digest));
    let blobs = StoreBlobs(store);
    let mut tar = Decompressor::new(Verified::new(blobs.open(&layer.blob)?, &layer.blob)).map_err(failed())?;
    let mut out = Hashing { inner: Compressor::new(store.blobs.create()?, compression, pool), hasher: Hasher::new() };
    io::copy(&mut tar, &mut out).map_err(failed())?;
    let diff_id = out.hasher.finish();
    if diff_id != layer.diff_id {
        return Err(wrong_tar(layer, diff_id).into());
    }
    let (digest, size) = out.inner.finish().map_err(failed())?.finish()?;
    let blob = Descriptor::new(compression.media_type(), digest, size);
    Ok(oci::Layer { blob, diff_id })
}

fn wrong_tar(layer: &oci::Layer, actual: Digest) -> oci::Error {
    oci::Error::Corrupt { what: format!("the tar in layer {}", layer.blob.digest), expected: layer.diff_id, actual }
}

/// A writer that digests what passes.
struct Hashing<W> {
    inner: W,
    hasher: Hasher,
}

impl<W: io::Write> io::Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
