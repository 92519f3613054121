//! Reading blobs from a repository as streams that survive a broken connection.

use std::io::{self, Read};

use bytes::Bytes;
use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::{Response, StatusCode};

use super::super::blob::BlobSource;
use super::super::error::Result;
use super::super::manifest::{Descriptor, media_type};
use super::failure::{ATTEMPTS, Failure};
use super::repository::{Purpose, Repository};

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
    stream: Option<Stream>,
    chunk: Bytes,
}

/// An answer that has the blob, after some bytes that are known already.
struct Stream {
    answer: Response,
    to_skip: u64,
}

impl BlobReader<'_> {
    /// The stream, started where the blob has been read to.
    fn connected(&mut self) -> Result<&mut Stream> {
        let stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let (repository, digest, position) = (self.repository, &self.digest[..], self.position);
                repository.retried(&self.wanted(), || stream_from(repository, digest, position))?
            }
        };
        Ok(self.stream.insert(stream))
    }

    /// The next bytes; none at the end of the blob.
    fn next_chunk(&mut self) -> Result<Option<Bytes>> {
        while self.position < self.size {
            let repository = self.repository;
            let stream = self.connected()?;
            let failure = match repository.registries.runtime.block_on(stream.next()) {
                Ok(Some(chunk)) => {
                    self.position += chunk.len() as u64;
                    // Trouble that passed is forgotten: a long blob may meet it more often than a short one.
                    self.attempt = 1;
                    return Ok(Some(chunk));
                }
                Err(failure) => failure,
                Ok(None) => Failure::Broken(io::Error::other("the connection ended before the blob did")),
            };
            self.stream = None;
            if self.attempt == ATTEMPTS {
                return Err(repository.worded(&self.wanted(), &failure));
            }
            tracing::debug!(self.digest, self.position, %failure, "asking for the rest of the blob");
            std::thread::sleep(failure.pause(self.attempt));
            self.attempt += 1;
        }
        Ok(None)
    }

    fn wanted(&self) -> String {
        format!("blob {} of `{}/{}`", self.digest, self.repository.host(), self.repository.name())
    }
}

impl Stream {
    async fn next(&mut self) -> std::result::Result<Option<Bytes>, Failure> {
        while let Some(mut chunk) = self.answer.chunk().await? {
            let known = chunk.len().min(usize::try_from(self.to_skip).unwrap_or(usize::MAX));
            self.to_skip -= known as u64;
            let rest = chunk.split_off(known);
            if !rest.is_empty() {
                return Ok(Some(rest));
            }
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
async fn stream_from(repository: &Repository<'_>, digest: &str, position: u64) -> std::result::Result<Stream, Failure> {
    let url = repository.wire.address(repository.name(), &format!("blobs/{digest}"));
    let request = || {
        let request = repository.wire.http.get(url.clone());
        if position == 0 { request } else { request.header(RANGE, format!("bytes={position}-")) }
    };
    let answer = repository.ask(Purpose::Pull, &url, &request).await?;
    if answer.status() != StatusCode::PARTIAL_CONTENT {
        // The registry knows no ranges and starts anew.
        return Ok(Stream { answer, to_skip: position });
    }
    let begins = answer.headers().get(CONTENT_RANGE).and_then(|range| first_byte(range.to_str().ok()?));
    match begins {
        Some(begins) if begins <= position => Ok(Stream { answer, to_skip: position - begins }),
        _ => Err(Failure::Nonsense(format!("it was asked for the bytes from {position} on and sent others"))),
    }
}

/// `bytes 5-9/10` begins with 5.
fn first_byte(range: &str) -> Option<u64> {
    range.trim().strip_prefix("bytes ")?.split_once('-')?.0.trim().parse().ok()
}
