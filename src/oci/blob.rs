//! Where blobs come from and where they go.
//!
//! A layout, an archive, a registry and rplan's store all speak these two traits, so that an image can be copied from
//! any one to any other. Knows nothing of what a blob holds. Bytes that went through [`Verified`] are the promised ones.

use std::io::{self, Read};

use super::error::{Error, Result};
use super::manifest::Descriptor;
use crate::digest::{Digest, Hasher};

/// A place that has blobs.
pub trait BlobSource: Sync {
    /// The bytes of `blob`, as they are there; wrap them in [`Verified`] before trusting them.
    fn open(&self, blob: &Descriptor) -> Result<Box<dyn Read + Send + '_>>;
}

/// A place that takes blobs.
pub trait BlobSink: Sync {
    /// Whether it has `blob` already.
    fn has(&self, blob: &Descriptor) -> Result<bool>;

    /// Takes `blob` from `source` and verifies it. A sink opens the source again when it has to try again.
    fn put(&self, blob: &Descriptor, source: &dyn BlobSource) -> Result<()>;

    /// How many blobs it likes to take at the same time.
    fn lanes(&self) -> usize {
        1
    }
}

/// A reader that fails at its end unless it gave exactly the bytes of a descriptor.
pub struct Verified<R> {
    reader: R,
    hasher: Option<Hasher>,
    expected: Digest,
    left: u64,
    size: u64,
}

impl<R: Read> Verified<R> {
    /// Watches over `reader`, which should give `blob`.
    pub fn new(reader: R, blob: &Descriptor) -> Self {
        Self { reader, hasher: Some(Hasher::new()), expected: blob.digest, left: blob.size, size: blob.size }
    }

    fn judge_the_end(&mut self) -> io::Result<()> {
        let Some(hasher) = self.hasher.take() else { return Ok(()) };
        let what = format!("blob {}", self.expected);
        if self.left > 0 {
            let got = self.size - self.left;
            return Err(Error::malformed(what, format!("it ends after {got} of {} bytes", self.size)).into());
        }
        match hasher.finish() {
            actual if actual == self.expected => Ok(()),
            actual => Err(Error::Corrupt { what, expected: self.expected, actual }.into()),
        }
    }
}

impl<R: Read> Read for Verified<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            self.judge_the_end()?;
            return Ok(0);
        }
        let Some(left) = self.left.checked_sub(count as u64) else {
            let why = format!("it goes on after its {} bytes", self.size);
            return Err(Error::malformed(format!("blob {}", self.expected), why).into());
        };
        self.left = left;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&buffer[..count]);
        }
        Ok(count)
    }
}

/// All bytes of a document of at most `limit` bytes, verified.
pub fn read_document(source: &dyn BlobSource, blob: &Descriptor, limit: u64) -> Result<Vec<u8>> {
    if blob.size > limit {
        let why = format!("it claims {} bytes, more than the {limit} a document may have", blob.size);
        return Err(Error::malformed(format!("blob {}", blob.digest), why));
    }
    let mut bytes = Vec::with_capacity(blob.size as usize);
    let mut reader = Verified::new(source.open(blob)?, blob);
    reader.read_to_end(&mut bytes).map_err(Error::io(format!("reading blob {}", blob.digest)))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(promised: &[u8], actual: &[u8]) -> std::result::Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let read = Verified::new(actual, &Descriptor::of("x", promised)).read_to_end(&mut bytes);
        read.map(|_| bytes).map_err(|error| error.to_string())
    }

    #[test]
    fn only_the_promised_bytes_pass() {
        assert_eq!(read_as(b"hello", b"hello").unwrap(), b"hello");
        assert!(read_as(b"hello", b"hallo").unwrap_err().contains("its digest is"));
        assert!(read_as(b"hello", b"hell").unwrap_err().contains("ends after 4 of 5"));
        assert!(read_as(b"hello", b"hello!").unwrap_err().contains("goes on after its 5"));
    }
}
