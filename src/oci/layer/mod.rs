//! The layer codec: entries ⇄ tar stream ⇄ compressed blob, in one pass and bounded memory.
//!
//! Owns the form of entries and their bytes. Does not know the file tree they come from or go to.
//! The bytes of a layer are a function of its entries and the compression alone, whatever the number of threads.

mod compress;
mod decompress;
mod entry;
mod fields;
mod header;
mod limits;
mod pax;
mod read;
mod sparse;
mod tally;
mod write;

use std::io::{self, Read, Write};

use rayon::ThreadPool;

use super::error::{Error, Result};
use super::image::Layer;
use super::manifest::Descriptor;
use crate::digest::Digest;
pub use compress::{Compression, Compressor};
pub use decompress::{Decompressor, Packing};
pub use entry::{Entry, Kind, walk_order};
pub use limits::Limits;
pub use read::EntryReader;
use tally::Tally;
pub use write::EntryWriter;

/// Writes a layer: the tar is digested, compressed, and digested again on its way to `out`.
pub struct LayerWriter<'pool, W: Write> {
    entries: EntryWriter<Tally<Compressor<'pool, Tally<W>>>>,
    compression: Compression,
}

/// A layer that has been written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenLayer {
    /// Its names.
    pub layer: Layer,
    /// The size of the uncompressed tar.
    pub tar_size: u64,
}

impl<'pool, W: Write> LayerWriter<'pool, W> {
    /// Writes to `out`, compressing on `pool`.
    pub fn new(out: W, compression: Compression, pool: &'pool ThreadPool) -> Self {
        let compressor = Compressor::new(Tally::new(out), compression, pool);
        Self { entries: EntryWriter::new(Tally::new(compressor)), compression }
    }

    /// Appends an entry; see [`EntryWriter::append`].
    pub fn append(&mut self, entry: &Entry, content: impl Read) -> Result<()> {
        self.entries.append(entry, content)
    }

    /// Ends the layer and gives `out` back.
    pub fn finish(self) -> Result<(WrittenLayer, W)> {
        let (compressor, diff_id, tar_size) = self.entries.finish()?.finish();
        let (out, digest, size) = compressor.finish().map_err(Error::io("writing a layer"))?.finish();
        let blob = Descriptor::new(self.compression.media_type(), digest, size);
        Ok((WrittenLayer { layer: Layer { blob, diff_id }, tar_size }, out))
    }
}

/// Reads a layer, compressed or not, entry by entry.
///
/// [`finish`](Self::finish) must be called at the end: only then are all bytes seen, and with them the diff id (and,
/// when the blob comes through [`Verified`](super::Verified), the blob's own digest).
pub struct LayerReader<R: Read> {
    entries: EntryReader<Tally<Decompressor<R>>>,
}

impl<R: Read> LayerReader<R> {
    /// Reads the layer that `blob` gives.
    pub fn new(blob: R) -> Result<Self> {
        Self::within(Limits::default(), blob)
    }

    /// The same with other limits than usual.
    pub fn within(limits: Limits, blob: R) -> Result<Self> {
        let decompressor = Decompressor::within(limits, blob).map_err(Error::io("reading a layer"))?;
        Ok(Self { entries: EntryReader::layer(Tally::new(decompressor)).within(limits) })
    }

    /// The next entry, or none at the end.
    pub fn next_entry(&mut self) -> Result<Option<Entry>> {
        self.entries.next_entry()
    }

    /// Reads to the very end: the diff id, and the size of the tar.
    pub fn finish(self) -> Result<(Digest, u64)> {
        let (_, diff_id, size) = self.entries.finish()?.finish();
        Ok((diff_id, size))
    }

    /// [`finish`](Self::finish), failing unless the tar is the one that `layer` promises.
    pub fn finish_as(self, layer: &Layer) -> Result<u64> {
        match self.finish()? {
            (actual, size) if actual == layer.diff_id => Ok(size),
            (actual, _) => {
                let what = format!("the tar inside layer {}", layer.blob.digest);
                Err(Error::Corrupt { what, expected: layer.diff_id, actual })
            }
        }
    }
}

/// The content of the current entry.
impl<R: Read> Read for LayerReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.entries.read(buffer)
    }
}
