//! Entries → tar stream.

use std::io::{self, Read, Write};

use super::super::error::{Error, Result};
use super::super::whiteout;
use super::entry::{Entry, Kind, walk_order};
use super::header::{self, BLOCK};

const COPY_BUFFER: usize = 128 << 10;

/// Writes entries as a tar stream. The bytes are a function of the entries and their contents alone.
pub struct EntryWriter<W> {
    out: W,
    last: Option<Vec<u8>>,
    buffer: Vec<u8>,
}

impl<W: Write> EntryWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, last: None, buffer: Vec::new() }
    }

    /// Appends `entry`. For a file, exactly its size is read from `content`.
    ///
    /// # Panics
    ///
    /// When entries do not come in [`walk_order`], each path once, when a hard link does not lead to an earlier one, or
    /// when one is [`Kind::Opaque`].
    pub fn append(&mut self, entry: &Entry, content: impl Read) -> Result<()> {
        let shown = entry.path.escape_ascii();
        if let Some(last) = &self.last {
            let ordered = walk_order(last, &entry.path).is_lt();
            assert!(ordered, "a layer is written in walk order: `{shown}` came after `{}`", last.escape_ascii());
        }
        if let Kind::HardLink { target } = &entry.kind {
            let earlier = walk_order(target, &entry.path).is_lt();
            assert!(earlier, "a hard link leads to an earlier entry: `{shown}` to `{}`", target.escape_ascii());
        }
        if whiteout::is_reserved(&entry.path) {
            let why = "names that begin with `.wh.` mean removals in a layer; rename it or remove it in the same step";
            return Err(Error::Unsupported { what: format!("the file `{shown}`"), why: why.into() });
        }
        self.out.write_all(&header::encode(entry)).map_err(Error::io("writing a layer"))?;
        if let Kind::File { size } = entry.kind {
            self.content(&entry.path, size, content)?;
        }
        let last = self.last.get_or_insert_default();
        last.clear();
        last.extend_from_slice(&entry.path);
        Ok(())
    }

    fn content(&mut self, path: &[u8], size: u64, mut content: impl Read) -> Result<()> {
        self.buffer.resize(COPY_BUFFER, 0);
        let mut left = size;
        while left > 0 {
            let room = self.buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let count = match content.read(&mut self.buffer[..room]) {
                Ok(0) => {
                    let source = io::Error::new(io::ErrorKind::UnexpectedEof, "it became shorter while it was read");
                    return Err(Error::Io { doing: format!("reading `{}`", path.escape_ascii()), source });
                }
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::io(format!("reading `{}`", path.escape_ascii()))(error)),
            };
            self.out.write_all(&self.buffer[..count]).map_err(Error::io("writing a layer"))?;
            left -= count as u64;
        }
        let padding = size.next_multiple_of(BLOCK as u64) - size;
        self.out.write_all(&[0; BLOCK][..padding as usize]).map_err(Error::io("writing a layer"))
    }

    /// Ends the archive and gives the writer back.
    pub fn finish(mut self) -> Result<W> {
        self.out.write_all(&[0; 2 * BLOCK]).map_err(Error::io("writing a layer"))?;
        Ok(self.out)
    }
}
