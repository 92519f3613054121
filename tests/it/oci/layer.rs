//! Layers: what is written is read, the same bytes come from any number of threads, and hostile bytes are refused.

use proptest::prelude::*;
use rplan::digest::Digest;
use rplan::oci::layer::{Compression, Compressor, Entry, EntryReader, EntryWriter, Kind, LayerReader};
use rplan::oci::{Blame, Verified};
use std::io::{Read, Write};

use super::generate::{Item, directory, file, items, noise, pool, read, whiteout, write};

const ALL: [Compression; 3] = [Compression::None, Compression::GZIP, Compression::ZSTD];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn any_layer_reads_back_as_it_was_written(items in items()) {
        for compression in ALL {
            let (_, blob) = write(&items, compression, &pool(1));
            prop_assert_eq!(read(&blob), Ok(items.clone()));
        }
    }

    #[test]
    fn any_cut_or_flipped_byte_is_an_error_or_another_layer_but_never_a_panic(
        items in items(), at in any::<prop::sample::Index>(), flip in 1u8..
    ) {
        let (_, tar) = write(&items, Compression::None, &pool(1));
        let mut flipped = tar.clone();
        flipped[at.index(tar.len())] ^= flip;
        let _ = read(&flipped);
        let _ = read(&tar[..at.index(tar.len())]);
    }

    #[test]
    fn any_bytes_at_all_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
        let _ = read(&bytes);
    }
}

/// A layer of several blocks, so that threads matter.
fn large_layer() -> Vec<Item> {
    (0..40).map(|n| file(&format!("dir/file-{n:02}"), &noise(150_000 + 7_919 * n, n as u64))).collect()
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let items = large_layer();
    for compression in ALL {
        let (one, one_bytes) = write(&items, compression, &pool(1));
        let (eight, eight_bytes) = write(&items, compression, &pool(8));
        assert_eq!(one, eight);
        assert!(one_bytes == eight_bytes, "{compression:?}");
        assert_eq!(one.layer.blob.digest, Digest::of(&one_bytes));
        assert_eq!(one.layer.blob.size, one_bytes.len() as u64);
        assert_eq!(read(&one_bytes).as_ref(), Ok(&items));
    }
}

#[test]
fn a_layer_may_be_written_on_a_thread_of_the_pool_it_compresses_on() {
    let (pool, items) = (pool(1), large_layer());
    let (inside, _) = pool.install(|| write(&items, Compression::GZIP, &pool));
    assert_eq!(inside, write(&items, Compression::GZIP, &pool).0);
}

#[test]
fn the_same_tree_has_the_same_digests_for_ever() {
    let items = [
        directory("bin"),
        file("bin/sh", b"#!"),
        (Entry { mtime: 1_700_000_000, uid: 3_000_000_000, ..file("etc", b"").0 }, vec![]),
        whiteout("old"),
    ];
    let (written, _) = write(&items, Compression::None, &pool(2));
    let (gzipped, _) = write(&items, Compression::GZIP, &pool(2));
    assert_eq!(written.tar_size, 9 * 512);
    assert_eq!(
        written.layer.diff_id.to_string(),
        "sha256:bafdd480d0a76e2c97509b5af5d635b3f408d81d682c9cd9238723e469804ee0"
    );
    assert_eq!(
        gzipped.layer.blob.digest.to_string(),
        "sha256:1e3826e97ab4a54983a0918fd6af14e30a6e14b3c683c4dda506315e4634d534"
    );
}

#[test]
fn an_empty_layer_is_two_blocks_of_zeros() {
    let (written, blob) = write(&[], Compression::None, &pool(1));
    assert_eq!(blob, [0; 1024]);
    assert_eq!(written.layer.diff_id, Digest::of([0; 1024]));
}

#[test]
fn the_layer_reader_sees_every_byte_of_the_blob_and_of_the_tar() {
    for compression in ALL {
        let (written, blob) = write(&large_layer(), compression, &pool(2));
        let reader = LayerReader::new(Verified::new(&blob[..], &written.layer.blob)).unwrap();
        assert_eq!(reader.finish_as(&written.layer).unwrap(), written.tar_size);

        let mut longer = blob.clone();
        longer.extend([0; 512]);
        let reader = LayerReader::new(Verified::new(&longer[..], &written.layer.blob)).unwrap();
        let error = reader.finish_as(&written.layer).unwrap_err();
        assert_eq!(error.blame(), Blame::Input, "{compression:?}: {error}");
    }
}

#[test]
fn only_the_capability_attribute_is_written() {
    let attributes = [("security.capability", "\u{1}"), ("user.note", "x"), ("security.selinux", "y")];
    let xattrs = attributes.map(|(name, value)| (name.into(), value.into())).into();
    let items = [(Entry { xattrs, ..directory("a").0 }, vec![])];
    let (_, blob) = write(&items, Compression::None, &pool(1));
    let names: Vec<_> = read(&blob).unwrap()[0].0.xattrs.keys().cloned().collect();
    assert_eq!(names, [b"security.capability"]);
}

#[test]
fn a_name_that_would_mean_a_removal_is_refused() {
    let (entry, content) = file("tmp/.wh.a", b"x");
    let error = EntryWriter::new(Vec::new()).append(&entry, &content[..]).unwrap_err();
    assert!(error.to_string().contains("`tmp/.wh.a` cannot be used"), "{error}");
}

#[test]
#[should_panic(expected = "a layer is written in walk order")]
fn entries_out_of_order_are_a_bug() {
    write(&[file("b", b""), file("a", b"")], Compression::None, &pool(1));
}

#[test]
fn a_file_that_became_shorter_is_an_error() {
    let (entry, _) = file("a", b"12345");
    let error = EntryWriter::new(Vec::new()).append(&entry, &b"123"[..]).unwrap_err();
    assert_eq!(error.to_string(), "reading `a`");
}

#[test]
fn opaque_markers_and_removals_are_understood() {
    let tar = raw(&[
        ("etc/", b'5', ""),
        ("etc/.wh..wh..opq", b'0', ""),
        ("./.wh.gone", b'0', ""),
        (".wh..wh.plnk/1.2", b'0', ""),
    ]);
    let kinds: Vec<_> = read(&tar).unwrap().into_iter().map(|(entry, _)| (entry.path, entry.kind)).collect();
    let expected = [("etc", Kind::Directory), ("etc", Kind::Opaque), ("gone", Kind::Whiteout)];
    assert_eq!(kinds, expected.map(|(path, kind)| (path.as_bytes().to_vec(), kind)));
}

#[test]
fn an_archive_that_is_no_layer_keeps_such_names() {
    let tar = raw(&[("a/.wh.b", b'0', "")]);
    let entry = EntryReader::archive(&tar[..]).next_entry().unwrap().unwrap();
    assert_eq!((entry.path, entry.kind), (b"a/.wh.b".to_vec(), Kind::File { size: 0 }));
}

#[test]
fn what_leads_out_of_the_root_is_refused() {
    let refused = |entry| read(&raw(&[entry])).expect_err("it leads out of the root");
    for name in ["../etc/passwd", "a/../../b", "a/..", "..", "/../x"] {
        assert!(refused((name, b'0', "")).contains("leads out of the root"), "{name}");
    }
    assert!(refused(("a", b'1', "../../etc/shadow")).contains("the link `../../etc/shadow` leads out of the root"));
    for name in ["a/.wh...", ".wh..", ".wh.", ".wh.a/b"] {
        assert!(refused((name, b'0', "")).contains("is not a removal that can be meant"), "{name}");
    }
    for (name, kind) in [("/", b'0'), (".", b'2'), ("./", b'1')] {
        assert!(refused((name, kind, "x")).contains("would replace the root"), "{name}");
    }
}

#[test]
fn a_leading_slash_means_the_root_of_the_layer() {
    let items = read(&raw(&[
        ("/", b'5', ""),
        ("/etc//./passwd", b'0', ""),
        ("/ln", b'1', "/etc/passwd"),
        ("up", b'2', "/../.."),
    ]))
    .unwrap();
    let shown: Vec<_> = items.into_iter().map(|(entry, _)| (entry.path, entry.kind)).collect();
    assert_eq!(shown[0], (b"".to_vec(), Kind::Directory));
    assert_eq!(shown[1].0, b"etc/passwd");
    assert_eq!(shown[2].1, Kind::HardLink { target: b"etc/passwd".to_vec() });
    // What a symbolic link says is resolved by whoever follows it.
    assert_eq!(shown[3].1, Kind::Symlink { target: b"/../..".to_vec() });
}

#[test]
fn absurd_sizes_are_refused_before_anything_is_read() {
    for size in [1u64 << 44, u64::MAX >> 1, u64::MAX] {
        let mut header = tar::Header::new_gnu();
        header.set_path("a").unwrap();
        header.set_mode(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(size);
        header.set_cksum();
        let error = read(header.as_bytes()).unwrap_err();
        assert!(error.contains("bytes is announced") || error.contains("larger than any"), "{size}: {error}");
    }
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::XHeader);
    header.set_size(2 << 20);
    header.set_cksum();
    assert!(read(header.as_bytes()).unwrap_err().contains("a header of 2097152 bytes is announced"));
}

#[test]
fn a_layer_that_is_cut_short_is_an_error() {
    let (_, tar) = write(&[file("a", &noise(3_000, 1))], Compression::None, &pool(1));
    for cut in [1, 511, 513, 600, 512 + 2999, 512 + 3000] {
        assert!(read(&tar[..cut]).unwrap_err().contains("it ends in the middle"), "{cut}");
    }
    for compression in [Compression::GZIP, Compression::ZSTD] {
        let (_, blob) = write(&large_layer(), compression, &pool(1));
        assert!(read(&blob[..blob.len() - 9]).is_err(), "{compression:?}");
        assert!(read(&blob[..blob.len() / 2]).is_err(), "{compression:?}");
    }
}

#[test]
fn what_is_no_archive_says_so() {
    let error = read(&noise(2_000, 3)).unwrap_err();
    assert!(error.contains("not a number") || error.contains("may not be a tar archive"), "{error}");
}

#[test]
fn a_compressor_given_nothing_still_writes_a_readable_file() {
    let compressed = Compressor::new(Vec::new(), Compression::GZIP, &pool(1)).finish().unwrap();
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(&compressed[..]).read_to_end(&mut out).unwrap();
    assert!(out.is_empty() && !compressed.is_empty());
}

#[test]
fn gzip_members_are_of_one_mebibyte() {
    let pool = pool(2);
    let mut compressor = Compressor::new(Vec::new(), Compression::GZIP, &pool);
    let content = noise((1 << 20) + 1, 5);
    compressor.write_all(&content).unwrap();
    let compressed = compressor.finish().unwrap();
    let mut first = Vec::new();
    flate2::bufread::GzDecoder::new(&compressed[..]).read_to_end(&mut first).unwrap();
    assert!(first == content[..1 << 20]);
}

/// A ustar archive of entries `(name, type, link)` exactly as named, without any cleaning.
pub(super) fn raw(entries: &[(&str, u8, &str)]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, kind, link) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::new(*kind));
        header.set_mode(0o755);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(0);
        let fields = header.as_ustar_mut().unwrap();
        fields.name[..name.len()].copy_from_slice(name.as_bytes());
        fields.linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_cksum();
        tar.extend(header.as_bytes());
    }
    tar.extend([0; 1024]);
    tar
}
