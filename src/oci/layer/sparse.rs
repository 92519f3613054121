//! The content of an archived file: plain, or with holes that the archive leaves out.
//!
//! Four dialects say where the data lies: GNU's old header, and GNU's PAX versions 0.0, 0.1 and 1.0. All become one
//! list of regions; holes read as zeros.

use std::io::{self, Read};

use super::super::error::{Error, Result};
use super::pax::{Records, decimal};

/// More regions than any real file has.
const MAX_REGIONS: usize = 1 << 20;

/// A run of data in a file with holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// The content of the current entry, as far as it is not read yet.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// Bytes of the archive that belong to the entry and are still to come.
    pub(super) stored: u64,
    /// The padding after them.
    pub(super) padding: u64,
    holes: Option<Holes>,
}

#[derive(Debug)]
struct Holes {
    regions: std::vec::IntoIter<Region>,
    current: Option<Region>,
    position: u64,
    size: u64,
}

impl Content {
    /// `stored` bytes as they are.
    pub(super) fn plain(stored: u64, padding: u64) -> Self {
        Self { stored, padding, holes: None }
    }

    /// A file of `size` bytes of which only the regions are stored.
    pub(super) fn sparse(self, regions: Vec<Region>, size: u64) -> Result<Self> {
        let mut end = 0;
        let mut total = 0u64;
        for region in &regions {
            let region_end = region.offset.checked_add(region.length).filter(|&end| end <= size);
            let (true, Some(region_end)) = (region.offset >= end, region_end) else {
                return Err(damaged("its regions overlap or reach beyond its end"));
            };
            end = region_end;
            total += region.length;
        }
        if total != self.stored {
            return Err(damaged("its regions and its stored bytes differ in length"));
        }
        let mut regions = regions.into_iter();
        let current = regions.next();
        Ok(Self { holes: Some(Holes { regions, current, position: 0, size }), ..self })
    }

    /// Reads from the entry, where `archive` stands at its next stored byte.
    pub(super) fn read(&mut self, archive: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(holes) = &mut self.holes else { return read_stored(archive, &mut self.stored, buffer) };
        while holes.current.is_some_and(|region| holes.position == region.offset + region.length) {
            holes.current = holes.regions.next();
        }
        let until = match holes.current {
            Some(region) if holes.position < region.offset => region.offset,
            None => holes.size,
            Some(region) => {
                let room = clamp(buffer, region.offset + region.length - holes.position);
                let count = read_stored(archive, &mut self.stored, room)?;
                holes.position += count as u64;
                return Ok(count);
            }
        };
        let room = clamp(buffer, until - holes.position);
        room.fill(0);
        holes.position += room.len() as u64;
        Ok(room.len())
    }
}

fn clamp(buffer: &mut [u8], limit: u64) -> &mut [u8] {
    let length = buffer.len().min(usize::try_from(limit).unwrap_or(usize::MAX));
    &mut buffer[..length]
}

fn read_stored(archive: &mut impl Read, stored: &mut u64, buffer: &mut [u8]) -> io::Result<usize> {
    let room = clamp(buffer, *stored);
    if room.is_empty() {
        return Ok(0);
    }
    match archive.read(room)? {
        0 => Err(Error::malformed("the archive", "it ends in the middle of a file").into()),
        count => {
            *stored -= count as u64;
            Ok(count)
        }
    }
}

/// What a file's PAX records say about its holes.
pub(super) enum PaxSparse {
    /// The regions, and the file's size.
    Regions(Vec<Region>, u64),
    /// The regions stand before the data; the file's size.
    BeforeData(u64),
}

/// Reads the sparse records among `records`, if there are any.
pub(super) fn pax_sparse(records: &Records) -> Result<Option<PaxSparse>> {
    let version = (records.get(b"GNU.sparse.major"), records.get(b"GNU.sparse.minor"));
    if let (Some(b"1"), Some(b"0")) = version {
        let size = records.number(b"GNU.sparse.realsize")?.ok_or_else(|| damaged("its size is missing"))?;
        return Ok(Some(PaxSparse::BeforeData(size)));
    }
    let Some(size) = records.number(b"GNU.sparse.size")? else { return Ok(None) };
    let numbers: Vec<&[u8]> = match records.get(b"GNU.sparse.map") {
        Some(map) => map.split(|&byte| byte == b',').collect(),
        None => {
            let keys = [&b"GNU.sparse.offset"[..], b"GNU.sparse.numbytes"];
            records.iter().filter(|(key, _)| keys.contains(key)).map(|(_, value)| value).collect()
        }
    };
    let numbers = numbers.into_iter().map(decimal).collect::<Option<Vec<u64>>>();
    let numbers = numbers.ok_or_else(|| damaged("its list of regions is not a list of numbers"))?;
    if !numbers.len().is_multiple_of(2) || numbers.len() / 2 > MAX_REGIONS {
        return Err(damaged("its list of regions is of impossible length"));
    }
    let regions = numbers.chunks_exact(2).map(|pair| Region { offset: pair[0], length: pair[1] }).collect();
    Ok(Some(PaxSparse::Regions(regions, size)))
}

/// Reads the list of regions that stands before the data in version 1.0: decimal lines, padded to whole blocks.
/// `next_block` gives the next 512 bytes of the entry.
pub(super) fn regions_before_data(mut next_block: impl FnMut() -> Result<[u8; 512]>) -> Result<Vec<Region>> {
    let mut block = next_block()?;
    let mut at = 0;
    let mut number = || -> Result<u64> {
        let mut digits = Vec::new();
        loop {
            if at == block.len() {
                block = next_block()?;
                at = 0;
            }
            at += 1;
            match block[at - 1] {
                b'\n' => {
                    return decimal(&digits).ok_or_else(|| damaged("its list of regions is not a list of numbers"));
                }
                byte if digits.len() < 20 => digits.push(byte),
                _ => return Err(damaged("a number in its list of regions is too long")),
            }
        }
    };
    let count = number()?;
    if count > MAX_REGIONS as u64 {
        return Err(damaged("it has more regions than any real file"));
    }
    (0..count).map(|_| Ok(Region { offset: number()?, length: number()? })).collect()
}

/// Collects the regions of GNU's old header and its continuations.
#[derive(Default)]
pub(super) struct OldRegions(Vec<Region>);

impl OldRegions {
    /// Adds the regions of one header; an empty one ends the list.
    pub(super) fn extend(&mut self, headers: &[tar::GnuSparseHeader]) -> Result<()> {
        for header in headers.iter().take_while(|header| !header.is_empty()) {
            let number =
                |field: io::Result<u64>| field.map_err(|_| damaged("its list of regions is not a list of numbers"));
            self.0.push(Region { offset: number(header.offset())?, length: number(header.length())? });
        }
        if self.0.len() > MAX_REGIONS { Err(damaged("it has more regions than any real file")) } else { Ok(()) }
    }

    pub(super) fn finish(self) -> Vec<Region> {
        self.0
    }
}

pub(super) fn damaged(why: &str) -> Error {
    Error::malformed("a sparse file in the archive", why)
}
