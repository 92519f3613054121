//! Putting blobs and manifests into a repository.

use std::io::Read;

use bytes::Bytes;
use futures_util::stream;
use oci_client::Reference;
use oci_client::errors::OciDistributionError;
use tokio::sync::mpsc::{self, Sender};

use super::super::blob::{BlobSink, BlobSource, Verified, read_document};
use super::super::error::{Error, Result};
use super::super::manifest::{Descriptor, media_type};
use super::repository::Repository;
use super::retry;

/// How much of a blob is read at once, and how many such pieces may wait for the network.
const CHUNK: usize = 256 << 10;
const WAITING: usize = 8;

/// More than any registry takes as a manifest.
const MANIFEST_LIMIT: u64 = 16 << 20;

impl BlobSink for Repository<'_> {
    fn has(&self, blob: &Descriptor) -> Result<bool> {
        if media_type::is_manifest(&blob.media_type) {
            return Ok(false);
        }
        let digest = blob.digest.to_string();
        let wanted = format!("blob {digest} of `{}/{}`", self.host(), self.name());
        self.retried(&wanted, || async {
            match self.client.blob_exists(&self.reference, &digest).await {
                // Some registries deny looking into a repository that is about to be made.
                Err(error) if retry::is_refusal(&error) => Ok(false),
                answer => answer,
            }
        })
    }

    fn put(&self, blob: &Descriptor, source: &dyn BlobSource) -> Result<()> {
        if media_type::is_manifest(&blob.media_type) {
            let bytes = read_document(source, blob, MANIFEST_LIMIT)?;
            return self.push_manifest(&self.by_digest(blob.digest), blob, &bytes);
        }
        if self.mount(blob) {
            return Ok(());
        }
        let mut attempt = 1;
        loop {
            match self.push_blob(blob, source) {
                Err(PushError::Network(error)) if attempt < retry::ATTEMPTS && retry::is_passing(&error) => {
                    tracing::debug!(digest = %blob.digest, attempt, %error, "sending the blob again");
                    std::thread::sleep(retry::pause(attempt));
                    attempt += 1;
                }
                Err(PushError::Network(error)) => {
                    return Err(self.worded(
                        &format!("room for blob {} in `{}/{}`", blob.digest, self.host(), self.name()),
                        error,
                    ));
                }
                Err(PushError::Source(error)) => return Err(error),
                Ok(()) => return Ok(()),
            }
        }
    }

    fn lanes(&self) -> usize {
        4
    }
}

enum PushError {
    /// The blob could not be read; sending it again would not help.
    Source(Error),
    Network(OciDistributionError),
}

impl Repository<'_> {
    pub(super) fn push_manifest(&self, reference: &Reference, manifest: &Descriptor, bytes: &[u8]) -> Result<()> {
        let content_type = || manifest.media_type.parse().expect("the media types of manifests are header values");
        let wanted = format!("room for manifest `{reference}`");
        self.retried(&wanted, || self.client.push_manifest_raw(reference, bytes.to_vec(), content_type()))?;
        Ok(())
    }

    /// Takes the blob over from another repository of the registry, if one has it.
    fn mount(&self, blob: &Descriptor) -> bool {
        let others = self.mountable.get(&blob.digest).into_iter().flatten();
        others.filter(|other| *other != self.name()).any(|other| {
            let registry = self.reference.registry().to_owned();
            let other = Reference::with_digest(registry, other.clone(), blob.digest.to_string());
            let mounting = self.client.mount_blob(&self.reference, &other, other.digest().unwrap_or_default());
            self.registries.runtime.block_on(mounting).is_ok()
        })
    }

    /// Sends a blob: this thread speaks to the registry, another reads ahead.
    fn push_blob(&self, blob: &Descriptor, source: &dyn BlobSource) -> std::result::Result<(), PushError> {
        let content = source.open(blob).map_err(PushError::Source)?;
        let (sender, mut receiver) = mpsc::channel(WAITING);
        let chunks = stream::poll_fn(move |context| receiver.poll_recv(context));
        let digest = blob.digest.to_string();
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| read_ahead(Verified::new(content, blob), sender));
            let pushing = self.client.push_blob_stream(&self.reference, chunks, &digest, Some(blob.size));
            let pushed = self.registries.runtime.block_on(pushing);
            // The cause is told before its consequence.
            reading.join().expect("reading a blob does not panic").map_err(PushError::Source)?;
            pushed.map(drop).map_err(PushError::Network)
        })
    }
}

/// Reads `content` into the channel, until its end or until nobody listens any more.
fn read_ahead(mut content: impl Read, chunks: Sender<std::result::Result<Bytes, OciDistributionError>>) -> Result<()> {
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        match (&mut content).take(CHUNK as u64).read_to_end(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(_) if chunks.blocking_send(Ok(chunk.into())).is_err() => return Ok(()),
            Ok(_) => {}
            Err(error) => {
                // The registry must not take what came so far for the blob.
                let broken = OciDistributionError::GenericError(Some("the blob could not be read".into()));
                let _ = chunks.blocking_send(Err(broken));
                return Err(Error::io("reading a blob to send it")(error));
            }
        }
    }
}
