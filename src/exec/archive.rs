//! Telling the archives among the files that ADD names.
//!
//! By content, never by name: a file is an archive if, once decompressed, it begins with the header of a tar entry.

use std::fs::File;
use std::io::{self, Read};

use crate::oci::layer::{Decompressor, EntryReader, Limits};

/// A tar stream, decompressed.
pub(super) type Archive = EntryReader<io::Chain<io::Cursor<Vec<u8>>, Decompressor<File>>>;

/// What ADD makes of a file.
pub(super) enum Found {
    /// Nothing special.
    Plain,
    /// Its entries.
    Archive(Box<Archive>),
}

const BLOCK: usize = 512;
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// Looks at the beginning of `file`, out of which may come as much as `limits` say.
pub(super) fn look(file: File, limits: Limits) -> io::Result<Found> {
    let mut stream = Decompressor::within(limits, file)?;
    let mut block = Vec::new();
    // A file that only looks compressed is a plain one.
    if (&mut stream).take(BLOCK as u64).read_to_end(&mut block).is_err() || !is_header(&block) {
        return Ok(Found::Plain);
    }
    let archive = EntryReader::archive(io::Cursor::new(block).chain(stream)).within(limits);
    Ok(Found::Archive(Box::new(archive)))
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
        let found = look(file(content), Limits::default()).expect("it can be read");
        let Found::Archive(mut archive) = found else { return None };
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
        let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        bzip2.write_all(&tar()).expect("compressed");
        assert_eq!(names(&bzip2.finish().expect("compressed")), expected);
        let mut xz = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).expect("options");
        xz.write_all(&tar()).expect("compressed");
        assert_eq!(names(&xz.finish().expect("compressed")), expected);
    }

    #[test]
    fn anything_else_is_a_plain_file() {
        for content in [
            &b""[..],
            b"hello",
            &[0; 2048],
            b"\x1f\x8b\x08 not gzip at all",
            b"BZh91AY",
            b"\xfd7zXZ\0 not xz",
            b"\x28\xb5\x2f\xfd",
            &tar()[..100],
        ] {
            assert_eq!(names(content), None);
        }
    }
}
