//! Writing and reading a layer, beside what people use for it: `tar | gzip` and `tar | pigz`.
//!
//! The input is up to 64 MiB of this machine's own libraries, from the page cache. Run with `cargo bench --bench layer`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use rayon::ThreadPoolBuilder;
use rplan::oci::layer::{Compression, Entry, Kind, LayerReader, LayerWriter, walk_order};

const LIBRARIES: &str = "/usr/lib";
const ENOUGH: u64 = 64 << 20;

/// Files with their sizes, in the order of a layer.
static INPUT: LazyLock<Vec<(PathBuf, u64)>> = LazyLock::new(|| {
    let mut files = Vec::new();
    let mut total = 0;
    for entry in walkdir::WalkDir::new(LIBRARIES).sort_by_file_name().into_iter().flatten() {
        let Some(size) = entry.metadata().ok().filter(|metadata| metadata.is_file()).map(|metadata| metadata.len())
        else {
            continue;
        };
        if total + size <= ENOUGH && std::fs::read(entry.path()).is_ok() {
            total += size;
            files.push((entry.into_path(), size));
        }
    }
    files.sort_by(|(left, _), (right, _)| walk_order(inside(left).as_bytes(), inside(right).as_bytes()));
    files
});

fn inside(path: &Path) -> &str {
    path.to_str().expect("Debian's libraries have plain names").trim_start_matches('/')
}

fn size() -> BytesCount {
    BytesCount::new(INPUT.iter().map(|(_, size)| *size).sum::<u64>())
}

fn write(compression: Compression, threads: usize) -> Vec<u8> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
    let mut writer = LayerWriter::new(Vec::new(), compression, &pool);
    for (path, size) in INPUT.iter() {
        let entry = Entry::new(inside(path), Kind::File { size: *size }, 0o644);
        writer.append(&entry, File::open(path).expect("it was read before")).expect("memory takes everything");
    }
    writer.finish().expect("memory takes everything").1
}

#[divan::bench(args = [1, 2])]
fn write_gzip(bencher: Bencher<'_, '_>, threads: usize) {
    bencher.counter(size()).bench(|| write(black_box(Compression::GZIP), threads));
}

#[divan::bench(args = [1, 2])]
fn write_zstd(bencher: Bencher<'_, '_>, threads: usize) {
    bencher.counter(size()).bench(|| write(black_box(Compression::ZSTD), threads));
}

#[divan::bench]
fn write_uncompressed(bencher: Bencher<'_, '_>) {
    bencher.counter(size()).bench(|| write(black_box(Compression::None), 1));
}

#[divan::bench(args = ["gzip -6", "pigz -6 -p 2", "zstd -3 -T2"])]
fn peer_tar_and(bencher: Bencher<'_, '_>, program: &str) {
    let mut words = program.split(' ');
    let name = words.next().expect("a program has a name");
    let options: Vec<&str> = words.collect();
    if Command::new(name).arg("--version").output().is_err() {
        return;
    }
    bencher.counter(size()).bench(|| {
        let names = INPUT.iter().map(|(path, _)| path);
        let mut tar = Command::new("tar").arg("-cPf").arg("-").args(names).stdout(Stdio::piped()).spawn().expect("tar");
        let archive = tar.stdout.take().expect("it was asked for");
        let mut packer = Command::new(name);
        packer.args(&options).arg("-c").stdin(archive).stdout(Stdio::null());
        assert!(packer.status().expect("the peer runs").success() && tar.wait().expect("tar").success());
    });
}

#[divan::bench(args = [Compression::None, Compression::GZIP, Compression::ZSTD])]
fn read(bencher: Bencher<'_, '_>, compression: Compression) {
    let blob = write(compression, 2);
    bencher.counter(size()).bench(|| {
        let mut reader = LayerReader::new(&blob[..]).expect("it was just written");
        while reader.next_entry().expect("it was just written").is_some() {
            io::copy(&mut reader, &mut io::sink()).expect("it was just written");
        }
        reader.finish().expect("it was just written")
    });
}

fn main() {
    divan::main();
}
