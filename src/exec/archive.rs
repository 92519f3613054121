//! Telling the archives among the files that ADD names.
//!
//! By content, never by name: a file is an archive if, once decompressed, it begins with the header of a tar entry.

use std::fs::File;
use std::io::{self, Read};

use crate::oci::layer::{Decompressor, EntryReader, Packing};

/// A tar stream, decompressed.
pub(super) type Archive = EntryReader<io::Chain<io::Cursor<Vec<u8>>, Decompressor<File>>>;

/// What ADD makes of a file.
pub(super) enum Found {
    /// Nothing special.
    Plain,
    /// Its entries.
    Archive(Box<Archive>),
    /// Perhaps an archive, in a compression that rplan does not read.
    Unreadable(&'static str),
}

const BLOCK: usize = 512;
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// Looks at the beginning of `file`.
pub(super) fn look(mut file: File) -> io::Result<Found> {
    let mut magic = Vec::new();
    (&mut file).take(6).read_to_end(&mut magic)?;
    io::Seek::rewind(&mut file)?;
    match Packing::of(&magic) {
        Packing::Bzip2 => return Ok(Found::Unreadable("bzip2")),
        Packing::Xz => return Ok(Found::Unreadable("xz")),
        Packing::Plain | Packing::Gzip | Packing::Zstd => {}
    }
    let mut stream = Decompressor::new(file)?;
    let mut block = Vec::new();
    // A file that only looks compressed is a plain one.
    if (&mut stream).take(BLOCK as u64).read_to_end(&mut block).is_err() || !is_header(&block) {
        return Ok(Found::Plain);
    }
    Ok(Found::Archive(Box::new(EntryReader::archive(io::Cursor::new(block).chain(stream)))))
}

fn is_header(block: &[u8]) -> bool {
    if block.len() < BLOCK || block[0] == 0 {
        return false;
    }
    let stored = std::str::from_utf8(&block[CHECKSUM]).ok().map(|text| text.trim_matches(['\0', ' ']));
    let Some(stored) = stored.and_then(|text| u64::from_str_radix(text, 8).ok()) else { return false };
    let counted = |(index, byte): (usize, &u8)| u64::from(if CHECKSUM.contains(&index) { b' ' } else { *byte });
    block.iter().enumerate().map(counted).sum::<u64>() == stored
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use super::*;
    use crate::oci::layer::{Entry, EntryWriter, Kind};

    fn file(content: &[u8]) -> File {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(content).and_then(|()| file.rewind()).expect("its content");
        file
    }

    fn tar() -> Vec<u8> {
        let mut writer = EntryWriter::new(Vec::new());
        writer.append(&Entry::new("hello", Kind::File { size: 2 }, 0o644), &b"hi"[..]).expect("an entry");
        writer.finish().expect("an archive")
    }

    fn names(content: &[u8]) -> Option<Vec<Vec<u8>>> {
        let Found::Archive(mut archive) = look(file(content)).expect("it can be read") else { return None };
        let mut names = Vec::new();
        while let Some(entry) = archive.next_entry().expect("an entry") {
            names.push(entry.path);
        }
        Some(names)
    }

    #[test]
    fn a_tar_is_an_archive_however_it_is_compressed() {
        let expected = Some(vec![b"hello".to_vec()]);
        assert_eq!(names(&tar()), expected);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&tar()).expect("compressed");
        assert_eq!(names(&gzip.finish().expect("compressed")), expected);
        assert_eq!(names(&zstd::encode_all(&tar()[..], 1).expect("compressed")), expected);
    }

    #[test]
    fn anything_else_is_a_plain_file() {
        for content in [&b""[..], b"hello", &[0; 2048], b"\x1f\x8b\x08 not gzip at all", &tar()[..100]] {
            assert_eq!(names(content), None);
        }
        assert!(matches!(look(file(b"BZh91AY")), Ok(Found::Unreadable("bzip2"))));
    }
}
