//! The digest and the number of the bytes that pass.

use std::io::{self, Read, Write};

use crate::digest::{Digest, Hasher};

/// Reads or writes through to `inner` and keeps the tally.
pub(super) struct Tally<T> {
    pub(super) inner: T,
    hasher: Hasher,
    size: u64,
}

impl<T> Tally<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, hasher: Hasher::new(), size: 0 }
    }

    pub(super) fn finish(self) -> (T, Digest, u64) {
        (self.inner, self.hasher.finish(), self.size)
    }

    fn count(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
    }
}

impl<R: Read> Read for Tally<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count(&buffer[..count]);
        Ok(count)
    }
}

impl<W: Write> Write for Tally<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.count(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
