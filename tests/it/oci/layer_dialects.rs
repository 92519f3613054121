//! Layers and archives that other programs wrote.

use std::path::Path;
use std::process::Command;

use rplan::oci::layer::{Compression, Entry, EntryReader, Kind, walk_order};

use super::generate::{Item, directory, file, noise, pool, read, whiteout, write};
use crate::support::system::system_tests_run;

fn header(kind: u8, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::new(kind));
    header.set_mode(0o644);
    header.set_uid(1);
    header.set_gid(2);
    header.set_size(size);
    header.set_mtime(9);
    header
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// One entry with a PAX header before it.
fn with_records(records: &[(&str, &[u8])], kind: u8, body: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_pax_extensions(records.iter().copied()).unwrap();
    let mut header = header(kind, body.len() as u64);
    header.set_path("short").unwrap();
    header.set_cksum();
    builder.append(&header, body).unwrap();
    builder.into_inner().unwrap()
}

#[test]
fn gnu_long_names_and_links() {
    let (long, target) = ("d/".repeat(80) + "name", "t".repeat(150));
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_data(&mut header(b'0', 3), &long, &b"abc"[..]).unwrap();
    builder.append_link(&mut header(b'2', 0), "link", &target).unwrap();
    let items = read(&builder.into_inner().unwrap()).unwrap();
    assert_eq!(items[0].0.path, long.as_bytes());
    assert_eq!(items[0].1, b"abc");
    assert_eq!(items[1].0.kind, Kind::Symlink { target: target.into_bytes() });
}

#[test]
fn pax_records_win_over_the_header() {
    let records: [(&str, &[u8]); 6] = [
        ("path", b"from/\xff\xfepax"),
        ("uid", b"4000000000"),
        ("mtime", b"-3.25"),
        ("SCHILY.xattr.user.a", b"\0=\n"),
        ("size", b"4"),
        ("comment", b"of no interest"),
    ];
    let (entry, content) = read(&with_records(&records, b'0', b"1234")).unwrap().remove(0);
    assert_eq!(entry.path, b"from/\xff\xfepax");
    assert_eq!((entry.uid, entry.gid, entry.mtime), (4_000_000_000, 2, -4));
    assert_eq!(entry.xattrs[&b"user.a"[..]], b"\0=\n");
    assert_eq!(content, b"1234");
}

#[test]
fn pax_paths_are_judged_like_any_other() {
    for path in [&b"../../x"[..], b"a\0b", &[b'x'; 300], &b"d/".repeat(3000)] {
        assert!(read(&with_records(&[("path", path)], b'0', b"")).is_err(), "{}", path[..7].escape_ascii());
    }
    assert!(read(&with_records(&[("size", b"99999999999999999999")], b'0', b"")).is_err());
    assert!(read(&with_records(&[("uid", b"4294967296")], b'0', b"")).unwrap_err().contains("more than there are"));
}

#[test]
fn global_records_hold_until_an_entry_says_otherwise() {
    let mut global = header(b'g', 0);
    let records = b"12 mtime=77\n11 gid=500\n";
    global.set_size(records.len() as u64);
    global.set_cksum();
    let mut tar = global.as_bytes().to_vec();
    tar.extend(padded(records));
    tar.extend(with_records(&[("mtime", b"5")], b'0', b"x"));
    let mut plain = header(b'5', 0);
    plain.set_path("d").unwrap();
    plain.set_cksum();
    // The end marker of the first archive is cut away.
    tar.truncate(tar.len() - 1024);
    tar.extend(plain.as_bytes());
    let items = read(&tar).unwrap();
    assert_eq!(items.iter().map(|(entry, _)| (entry.mtime, entry.gid)).collect::<Vec<_>>(), [(5, 500), (77, 500)]);
}

#[test]
fn old_headers_know_directories_by_the_slash() {
    let mut old = tar::Header::new_old();
    old.set_path("dir/").unwrap();
    old.set_mode(0o755);
    old.set_size(0);
    old.set_cksum();
    assert_eq!(read(old.as_bytes()).unwrap()[0].0.kind, Kind::Directory);
}

#[test]
fn unknown_types_are_refused_and_volume_labels_passed_over() {
    let entry = |kind| {
        let mut header = header(kind, 0);
        header.set_path("a").unwrap();
        header.set_cksum();
        header.as_bytes().to_vec()
    };
    assert!(read(&entry(b'Z')).unwrap_err().contains("its type `Z` is unknown"));
    assert_eq!(read(&entry(b'V')), Ok(vec![]));
}

/// A file with three runs of data: 0..5, 1000..1600, and nothing until 5000.
fn holey() -> Vec<u8> {
    let mut content = vec![0; 5000];
    content[..5].copy_from_slice(b"start");
    content[1000..1600].copy_from_slice(&noise(600, 2));
    content
}

fn stored() -> Vec<u8> {
    let content = holey();
    [&content[..5], &content[1000..1600]].concat()
}

#[test]
fn old_gnu_sparse_files() {
    let mut header = header(b'S', stored().len() as u64);
    header.set_path("sparse").unwrap();
    let gnu = header.as_gnu_mut().unwrap();
    gnu.set_real_size(5000);
    gnu.set_is_extended(true);
    gnu.sparse[0].set_offset(0);
    gnu.sparse[0].set_length(5);
    let mut more = tar::GnuExtSparseHeader::new();
    more.sparse_mut()[0].set_offset(1000);
    more.sparse_mut()[0].set_length(600);
    header.set_cksum();
    let tar = [&header.as_bytes()[..], more.as_bytes(), &padded(&stored()), &file_after()].concat();
    assert_holey(&tar, b"sparse");
}

#[test]
fn pax_sparse_files_of_all_versions() {
    let oldest: [(&str, &[u8]); 6] = [
        ("GNU.sparse.size", b"5000"),
        ("GNU.sparse.numblocks", b"2"),
        ("GNU.sparse.offset", b"0"),
        ("GNU.sparse.numbytes", b"5"),
        ("GNU.sparse.offset", b"1000"),
        ("GNU.sparse.numbytes", b"600"),
    ];
    let middle: [(&str, &[u8]); 3] =
        [("GNU.sparse.name", b"real"), ("GNU.sparse.size", b"5000"), ("GNU.sparse.map", b"0,5,1000,600")];
    let newest: [(&str, &[u8]); 4] = [
        ("GNU.sparse.major", b"1"),
        ("GNU.sparse.minor", b"0"),
        ("GNU.sparse.name", b"real"),
        ("GNU.sparse.realsize", b"5000"),
    ];
    let archive = |records: &[(&str, &[u8])], body: &[u8]| {
        let mut tar = with_records(records, b'0', body);
        tar.truncate(tar.len() - 1024);
        [tar, file_after()].concat()
    };
    assert_holey(&archive(&oldest, &stored()), b"short");
    assert_holey(&archive(&middle, &stored()), b"real");
    assert_holey(&archive(&newest, &[padded(b"2\n0\n5\n1000\n600\n"), stored()].concat()), b"real");
}

fn file_after() -> Vec<u8> {
    write(&[file("z", b"after")], Compression::None, &pool(1)).1
}

fn assert_holey(tar: &[u8], name: &[u8]) {
    let items = read(tar).unwrap();
    assert_eq!(items[0].0.path, name);
    assert!(items[0].1 == holey());
    assert_eq!(items[1], file("z", b"after"));
}

#[test]
fn impossible_sparse_files_are_refused() {
    let with_map = |size: &str, map: &str| {
        let records = [("GNU.sparse.size", size.as_bytes()), ("GNU.sparse.map", map.as_bytes())];
        read(&with_records(&records, b'0', b"0123456789")).map(|items| items[0].1.len())
    };
    assert_eq!(with_map("20", "0,5,10,5"), Ok(20));
    for (size, map) in [
        ("20", "0,5,4,5"),
        ("20", "0,5,16,5"),
        ("20", "0,5"),
        ("20", "0,5,10"),
        ("20", "0,x"),
        ("20", "18446744073709551615,10"),
        ("99999999999999", "0,10"),
    ] {
        assert!(with_map(size, map).is_err(), "{size} {map}");
    }
}

#[test]
fn gnu_tar_lists_what_is_written_here_and_the_other_way_round() {
    if !system_tests_run("GNU tar") {
        return;
    }
    let room = tempfile::tempdir().unwrap();
    let long = "n".repeat(120);
    let mut items = vec![
        directory("dir"),
        file("dir/f", &noise(2_000_000, 9)),
        file(&format!("dir/{long}"), b"long"),
        file("dir/\u{fc}ber", b"utf-8"),
        (Entry::new("link", Kind::Symlink { target: b"dir/f".to_vec() }, 0o777), vec![]),
        (Entry::new("twin", Kind::HardLink { target: b"dir/f".to_vec() }, 0o644), vec![]),
        whiteout("gone"),
    ];
    items.sort_by(|(left, _), (right, _)| walk_order(&left.path, &right.path));
    for compression in [Compression::None, Compression::GZIP] {
        let blob = room.path().join("layer");
        std::fs::write(&blob, write(&items, compression, &pool(2)).1).unwrap();
        let listed = run(Command::new("tar").arg("-tf").arg(&blob).args(["--quoting-style=literal"]));
        let names = format!("dir/\ndir/f\ndir/{long}\ndir/\u{fc}ber\n.wh.gone\nlink\ntwin\n");
        assert_eq!(listed, names);
    }
    for format in ["gnu", "posix", "ustar", "v7"] {
        compare_with_gnu_tar(room.path(), &["--format", format]);
    }
    for version in ["0.0", "0.1", "1.0"] {
        compare_with_gnu_tar(room.path(), &["--format=posix", "--sparse", "--sparse-version", version]);
    }
    compare_with_gnu_tar(room.path(), &["--format=gnu", "--sparse"]);
}

/// Packs a tree with GNU tar and reads it here.
fn compare_with_gnu_tar(room: &Path, options: &[&str]) {
    let tree = room.join("tree");
    std::fs::create_dir_all(tree.join("d")).unwrap();
    let mut holes = vec![0; 1 << 20];
    holes[700_000..700_100].fill(7);
    let sparse = std::fs::File::create(tree.join("d/sparse")).unwrap();
    sparse.set_len(1 << 20).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&sparse, &holes[700_000..700_100], 700_000).unwrap();
    let archive = room.join("archive");
    run(Command::new("tar").args(options).arg("-C").arg(&tree).arg("-cf").arg(&archive).arg("."));
    let mut reader = EntryReader::archive(std::fs::File::open(&archive).unwrap());
    let mut items: Vec<Item> = Vec::new();
    while let Some(entry) = reader.next_entry().unwrap() {
        let mut content = Vec::new();
        std::io::copy(&mut reader, &mut content).unwrap();
        items.push((entry, content));
    }
    let names: Vec<_> = items.iter().map(|(entry, _)| &entry.path[..]).collect();
    assert_eq!(names, [&b""[..], b"d", b"d/sparse"], "{options:?}");
    assert!(items[2].1 == holes, "{options:?}");
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
