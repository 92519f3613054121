//! Archives that would become too large: how they are packed, how much they claim, how many entries they have.

use std::io::{self, Read, Write};

use rplan::oci::layer::{Decompressor, Entry, EntryReader, EntryWriter, Kind, LayerReader, Limits};
use rplan::oci::{Blame, Error};

const ZEROS: usize = 4 << 20;

fn archive(sizes: &[usize]) -> Vec<u8> {
    let mut writer = EntryWriter::new(Vec::new());
    for (number, size) in sizes.iter().enumerate() {
        let entry = Entry::new(format!("file-{number}"), Kind::File { size: *size as u64 }, 0o644);
        writer.append(&entry, &vec![0; *size][..]).expect("an entry");
    }
    writer.finish().expect("an archive")
}

fn packed() -> Vec<(&'static str, Vec<u8>)> {
    let tar = archive(&[ZEROS]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&tar).expect("compressed");
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    bzip2.write_all(&tar).expect("compressed");
    let mut xz = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).expect("options");
    xz.write_all(&tar).expect("compressed");
    vec![
        ("gzip", gzip.finish().expect("compressed")),
        ("zstd", zstd::encode_all(&tar[..], 3).expect("compressed")),
        ("bzip2", bzip2.finish().expect("compressed")),
        ("xz", xz.finish().expect("compressed")),
    ]
}

/// What is wrong with a layer, which is the fault of whoever gave it.
fn refusal(blob: &[u8], limits: Limits) -> Option<String> {
    let read = || {
        let mut reader = LayerReader::within(limits, blob)?;
        while reader.next_entry()?.is_some() {}
        reader.finish()
    };
    let error: Error = read().err()?;
    assert_eq!(error.blame(), Blame::Input, "{error}");
    Some(error.to_string())
}

#[test]
fn what_becomes_too_long_for_what_it_is_is_refused_however_it_is_packed() {
    let strict = Limits { free: 1 << 20, ratio: 20, ..Limits::default() };
    for (name, blob) in packed() {
        let refused = refusal(&blob, strict).unwrap_or_else(|| panic!("{name}: it was read"));
        assert!(refused.contains("`ratio`, 20") && refused.contains("[archives]"), "{name}: {refused}");
        assert_eq!(refusal(&blob, Limits::default()), None, "{name}: a short file of zeros is no harm");
        let generous = Limits { ratio: 10_000_000, ..strict };
        assert_eq!(refusal(&blob, generous), None, "{name}: somebody raised the limit");
    }
}

#[test]
fn zeros_after_the_end_of_an_archive_count_too() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&archive(&[1])).and_then(|()| encoder.write_all(&vec![0; ZEROS])).expect("compressed");
    let strict = Limits { free: 1 << 20, ratio: 20, ..Limits::default() };
    assert!(refusal(&encoder.finish().expect("compressed"), strict).is_some());
}

#[test]
fn files_that_are_too_large_together_are_refused_before_they_are_read() {
    let limits = |size| Limits { size, ..Limits::default() };
    let blob = archive(&[600, 600]);
    assert_eq!(refusal(&blob, limits(1200)), None);
    let refused = refusal(&blob, limits(1199)).expect("too large");
    assert!(refused.contains("its files have 1200 bytes or more"), "{refused}");
    // The second file is announced and not there.
    let mut cut = EntryReader::archive(&blob[..512 + 1024 + 512]).within(limits(1199));
    assert!(cut.next_entry().is_ok_and(|entry| entry.is_some()));
    assert!(cut.next_entry().is_err_and(|error| error.to_string().contains("its files have")));
}

#[test]
fn a_hole_counts_as_what_it_claims_to_be() {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNUSparse);
    header.set_path("hole").expect("a name");
    header.set_mode(0o644);
    header.set_size(0);
    let gnu = header.as_gnu_mut().expect("a GNU header");
    gnu.set_real_size(1 << 40);
    header.set_cksum();
    let mut blob = header.as_bytes().to_vec();
    blob.resize(3 * 512, 0);
    let refused = refusal(&blob, Limits::default()).expect("a claim of a TiB");
    assert!(refused.contains("1099511627776 bytes or more (`gib`, 256)"), "{refused}");
    assert_eq!(refusal(&blob, Limits { size: 1 << 40, ..Limits::default() }), None);
}

#[test]
fn entries_and_the_headers_before_them_are_counted() {
    let limits = |entries| Limits { entries, ..Limits::default() };
    assert_eq!(refusal(&archive(&[0, 0, 0]), limits(3)), None);
    let refused = refusal(&archive(&[0, 0, 0]), limits(2)).expect("too many");
    assert!(refused.contains("it has more entries than 2 (`entries`)"), "{refused}");
    let mut builder = tar::Builder::new(Vec::new());
    for _ in 0..9 {
        builder.append_pax_extensions([("comment", &b"again"[..])]).expect("a header");
    }
    let only_headers = builder.into_inner().expect("an archive");
    assert!(refusal(&only_headers, limits(8)).is_some(), "headers without end are entries without end");
}

#[test]
fn a_name_that_no_file_system_takes_is_refused() {
    for (name, says) in
        [("n".repeat(256), "longer than a name may be"), ("d/".repeat(2050), "longer than a path may be")]
    {
        let mut builder = tar::Builder::new(Vec::new());
        builder.append_pax_extensions([("path", name.as_bytes())]).expect("a header");
        let mut header = tar::Header::new_ustar();
        header.set_path("short").expect("a name");
        header.set_size(0);
        header.set_cksum();
        builder.append(&header, io::empty()).expect("an entry");
        let refused = refusal(&builder.into_inner().expect("an archive"), Limits::default()).expect("a long name");
        assert!(refused.contains(says), "{refused}");
    }
}

#[test]
fn a_dictionary_larger_than_memory_is_refused_before_there_is_one() {
    let (_, mut blob) = packed().pop().expect("the last one is xz");
    let length = (usize::from(blob[12]) + 1) * 4;
    let header = &mut blob[12..12 + length];
    let filter = header.windows(2).position(|pair| pair == [0x21, 1]).expect("the filter of LZMA2");
    // 4 GiB.
    header[filter + 2] = 40;
    let mut sum = flate2::Crc::new();
    sum.update(&header[..length - 4]);
    header[length - 4..].copy_from_slice(&sum.sum().to_le_bytes());
    let mut decompressor = Decompressor::new(&blob[..]).expect("a start");
    let error = decompressor.read_to_end(&mut Vec::new()).expect_err("too large a dictionary");
    assert!(error.to_string().contains("256 MiB of memory"), "{error}");
}
