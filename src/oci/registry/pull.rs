//! Reading blobs from a repository as streams that survive a broken connection.

use std::io::{self, Read};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use oci_client::client::BlobResponse;
use oci_client::errors::OciDistributionError;

use super::super::blob::BlobSource;
use super::super::error::Result;
use super::super::manifest::{Descriptor, media_type};
use super::repository::Repository;
use super::retry;

impl BlobSource for Repository<'_> {
    fn open(&self, blob: &Descriptor) -> Result<Box<dyn Read + Send + '_>> {
        if blob.media_type.is_empty() || media_type::is_manifest(&blob.media_type) {
            return Ok(Box::new(io::Cursor::new(self.manifest_by_digest(blob.digest)?)));
        }
        let mut reader = BlobReader {
            repository: self,
            digest: blob.digest.to_string(),
            size: blob.size,
            position: 0,
            attempt: 1,
            stream: None,
            chunk: Bytes::new(),
        };
        // The first request is made now, so that what is absent or refused is known here.
        reader.connected()?;
        Ok(Box::new(reader))
    }
}

/// A blob on its way. When the connection breaks it is asked for again from where it broke.
struct BlobReader<'a> {
    repository: &'a Repository<'a>,
    digest: String,
    size: u64,
    position: u64,
    attempt: u32,
    stream: Option<BoxStream<'static, io::Result<Bytes>>>,
    chunk: Bytes,
}

impl BlobReader<'_> {
    /// The stream, started where the blob has been read to.
    fn connected(&mut self) -> Result<&mut BoxStream<'static, io::Result<Bytes>>> {
        let stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let (repository, digest, position) = (self.repository, &self.digest[..], self.position);
                let wanted = format!("blob {digest} of `{}/{}`", repository.host(), repository.name());
                repository.retried(&wanted, || stream_from(repository, digest, position))?
            }
        };
        Ok(self.stream.insert(stream))
    }

    /// The next bytes; none at the end of the blob.
    fn next_chunk(&mut self) -> Result<Option<Bytes>> {
        while self.position < self.size {
            let repository = self.repository;
            let stream = self.connected()?;
            let broken = match repository.registries.runtime.block_on(stream.next()) {
                Some(Ok(chunk)) => {
                    self.position += chunk.len() as u64;
                    // Trouble that passed is forgotten: a long blob may meet it more often than a short one.
                    self.attempt = 1;
                    return Ok(Some(chunk));
                }
                Some(Err(error)) => error,
                None => io::Error::new(io::ErrorKind::UnexpectedEof, "the connection ended before the blob did"),
            };
            self.stream = None;
            if self.attempt == retry::ATTEMPTS {
                let wanted = format!("blob {} of `{}/{}`", self.digest, repository.host(), repository.name());
                return Err(repository.worded(&wanted, OciDistributionError::IoError(broken)));
            }
            tracing::debug!(self.digest, self.position, %broken, "asking for the rest of the blob");
            std::thread::sleep(retry::pause(self.attempt));
            self.attempt += 1;
        }
        Ok(None)
    }
}

impl Read for BlobReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.chunk.is_empty() {
            match self.next_chunk()? {
                Some(chunk) => self.chunk = chunk,
                None => return Ok(0),
            }
        }
        let count = self.chunk.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.chunk.split_to(count));
        Ok(count)
    }
}

/// A stream of the blob from `position` on.
async fn stream_from(
    repository: &Repository<'_>,
    digest: &str,
    position: u64,
) -> std::result::Result<BoxStream<'static, io::Result<Bytes>>, OciDistributionError> {
    let (client, reference) = (&repository.client, &repository.reference);
    if position == 0 {
        return Ok(client.pull_blob_stream(reference, digest).await?.stream);
    }
    match client.pull_blob_stream_partial(reference, digest, position, None).await? {
        BlobResponse::Partial(rest) => Ok(rest.stream),
        // The registry knows no ranges and starts anew.
        BlobResponse::Full(whole) => {
            let mut to_skip = position;
            let skipping = move |chunk: io::Result<Bytes>| {
                let rest = chunk.map(|mut chunk| {
                    let known = chunk.len().min(usize::try_from(to_skip).unwrap_or(usize::MAX));
                    to_skip -= known as u64;
                    chunk.split_off(known)
                });
                futures_util::future::ready((!matches!(&rest, Ok(rest) if rest.is_empty())).then_some(rest))
            };
            Ok(whole.stream.filter_map(skipping).boxed())
        }
    }
}
