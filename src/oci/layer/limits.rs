//! How much may come out of one archive: what is small on its way here must not fill a disk.

use super::super::error::Error;

/// How much may come out of one archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of content in all its files, holes included.
    pub size: u64,
    /// Entries, and the headers that describe them.
    pub entries: u64,
    /// How many times as long it may become when it is decompressed.
    pub ratio: u64,
    /// As long as no more bytes than these came out, their ratio does not matter: a short file of zeros is no harm.
    pub free: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { size: 256 << 30, entries: 10_000_000, ratio: 250, free: 1 << 30 }
    }
}

impl Limits {
    /// Whether `taken` bytes may have become `given`.
    pub(super) fn check_ratio(&self, taken: u64, given: u64) -> Result<(), Error> {
        if given <= self.free || given / self.ratio.max(1) <= taken {
            return Ok(());
        }
        Err(too_large(format!("its first {taken} bytes became more than {given} (`ratio`, {})", self.ratio)))
    }

    /// Whether files of `size` bytes may be in one archive.
    pub(super) fn check_size(&self, size: u64) -> Result<(), Error> {
        match size <= self.size {
            true => Ok(()),
            false => Err(too_large(format!("its files have {size} bytes or more (`gib`, {})", self.size >> 30))),
        }
    }

    /// Whether one archive may have so many entries.
    pub(super) fn check_entries(&self, entries: u64) -> Result<(), Error> {
        match entries <= self.entries {
            true => Ok(()),
            false => Err(too_large(format!("it has more entries than {} (`entries`)", self.entries))),
        }
    }
}

fn too_large(why: String) -> Error {
    Error::TooLarge { what: "the archive".to_owned(), why }
}
