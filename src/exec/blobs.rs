//! rplan's store as a place that images come from and go to.

use std::io::{self, Read};

use crate::oci::manifest::Descriptor;
use crate::oci::{BlobSink, BlobSource, Error, Result};
use crate::store::Store;

/// The blobs of a store, in the terms of images.
#[derive(Clone, Copy)]
pub struct StoreBlobs<'a>(pub &'a Store);

impl BlobSource for StoreBlobs<'_> {
    fn open(&self, blob: &Descriptor) -> Result<Box<dyn Read + Send + '_>> {
        match self.0.blobs.open(&blob.digest).map_err(failed("opening", blob))? {
            Some(file) => Ok(Box::new(file)),
            None => Err(Error::NotFound { what: format!("blob {} in the store", blob.digest), known: Vec::new() }),
        }
    }
}

impl BlobSink for StoreBlobs<'_> {
    fn has(&self, blob: &Descriptor) -> Result<bool> {
        let size = self.0.blobs.size(&blob.digest).map_err(failed("looking for", blob))?;
        Ok(size == Some(blob.size))
    }

    fn put(&self, blob: &Descriptor, source: &dyn BlobSource) -> Result<()> {
        let mut reader = source.open(blob)?;
        let mut writer = self.0.blobs.create().map_err(failed("keeping", blob))?;
        io::copy(&mut reader, &mut writer).map_err(Error::io(format!("fetching blob {}", blob.digest)))?;
        writer.finish_as(&blob.digest).map_err(failed("keeping", blob))?;
        Ok(())
    }

    fn lanes(&self) -> usize {
        4
    }
}

fn failed(doing: &'static str, blob: &Descriptor) -> impl FnOnce(crate::store::StoreError) -> Error {
    let doing = format!("{doing} blob {}", blob.digest);
    |error| Error::io(doing)(io::Error::other(error))
}
