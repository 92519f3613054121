//! Layers to test with, fixed and random.

use std::collections::BTreeMap;
use std::io::Read;

use proptest::collection::vec;
use proptest::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use rplan::digest::Digest;
use rplan::oci::config::{History, ImageConfig};
use rplan::oci::layer::{Compression, Entry, Kind, LayerReader, LayerWriter, WrittenLayer, walk_order};
use rplan::oci::manifest::Descriptor;
use rplan::oci::{BlobSource, Error, Image, Platform, assemble};

/// An entry with its content.
pub type Item = (Entry, Vec<u8>);

pub fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

pub fn file(path: &str, content: &[u8]) -> Item {
    (Entry::new(path, Kind::File { size: content.len() as u64 }, 0o644), content.to_vec())
}

pub fn directory(path: &str) -> Item {
    (Entry::new(path, Kind::Directory, 0o755), Vec::new())
}

pub fn whiteout(path: &str) -> Item {
    (Entry::whiteout(path), Vec::new())
}

/// Writes a layer into memory.
pub fn write(items: &[Item], compression: Compression, pool: &ThreadPool) -> (WrittenLayer, Vec<u8>) {
    let mut writer = LayerWriter::new(Vec::new(), compression, pool);
    for (entry, content) in items {
        writer.append(entry, &content[..]).unwrap();
    }
    writer.finish().unwrap()
}

/// Reads a layer whole, or says why not.
pub fn read(blob: &[u8]) -> Result<Vec<Item>, String> {
    let mut reader = LayerReader::new(blob).map_err(|error| error.to_string())?;
    let mut items = Vec::new();
    while let Some(entry) = reader.next_entry().map_err(|error| error.to_string())? {
        let mut content = Vec::new();
        std::io::copy(&mut reader, &mut content).map_err(|error| error.to_string())?;
        items.push((entry, content));
    }
    reader.finish().map_err(|error| error.to_string())?;
    Ok(items)
}

/// Blobs in memory.
#[derive(Default)]
pub struct Memory(pub BTreeMap<Digest, Vec<u8>>);

impl Memory {
    pub fn insert(&mut self, bytes: Vec<u8>) -> Digest {
        let digest = Digest::of(&bytes);
        self.0.insert(digest, bytes);
        digest
    }
}

impl BlobSource for Memory {
    fn open(&self, blob: &Descriptor) -> Result<Box<dyn Read + Send + '_>, Error> {
        let missing = || Error::NotFound { what: format!("blob {}", blob.digest), known: Vec::new() };
        Ok(Box::new(&self.0.get(&blob.digest).ok_or_else(missing)?[..]))
    }
}

/// An image of these layers, each with a line of history, and its blobs.
pub fn image(layers: &[&[Item]], compression: Compression) -> (Image, Memory) {
    image_running(layers, compression, &["/bin/hello"])
}

/// The same, running `command`.
pub fn image_running(layers: &[&[Item]], compression: Compression, command: &[&str]) -> (Image, Memory) {
    let (pool, mut blobs) = (pool(2), Memory::default());
    let mut config = ImageConfig::new(Platform::new("linux", "amd64", None));
    config.created = Some("2024-05-01T00:00:00Z".into());
    config.config.env = vec!["PATH=/bin".into()];
    config.config.cmd = command.iter().map(|word| word.to_string()).collect();
    let mut written = Vec::new();
    for (number, items) in layers.iter().enumerate() {
        let (layer, bytes) = write(items, compression, &pool);
        blobs.insert(bytes);
        written.push(layer.layer);
        config.history.push(History { created_by: format!("COPY {number}"), ..History::default() });
        config.history.push(History { created_by: "USER me".into(), empty_layer: true, ..History::default() });
    }
    (assemble(config, written, BTreeMap::new()), blobs)
}

/// Bytes that compress a little, and never twice the same in one layer.
pub fn noise(size: usize, mut seed: u64) -> Vec<u8> {
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 58) as u8
    };
    (0..size).map(|_| next()).collect()
}

/// Layers of anything a layer can hold.
pub fn items() -> impl Strategy<Value = Vec<Item>> {
    vec(item(), 0..24).prop_map(|mut items| {
        items.sort_by(|(left, _), (right, _)| walk_order(&left.path, &right.path));
        items.dedup_by(|(left, _), (right, _)| left.path == right.path);
        let first = items.first().map(|(entry, _)| entry.path.clone()).unwrap_or_default();
        for (entry, _) in &mut items {
            if let Kind::HardLink { target } = &mut entry.kind {
                // A link leads back; the first entry has nothing to lead back to.
                if entry.path == first { entry.kind = Kind::Fifo } else { target.clone_from(&first) }
            }
        }
        items
    })
}

fn item() -> impl Strategy<Value = Item> {
    let owner = prop_oneof![Just(0u32), 0u32..70_000, any::<u32>()];
    let mtime = prop_oneof![0i64..2_000_000_000, any::<i32>().prop_map(i64::from), Just(20_000_000_000)];
    let content = prop_oneof![vec(any::<u8>(), 0..1500), Just(vec![7; 512])];
    let capability = proptest::option::weighted(0.1, vec(any::<u8>(), 1..30));
    (path(), kind(), 0u32..0o10000, owner.clone(), owner, mtime, content, capability).prop_map(
        |(path, kind, mode, uid, gid, mtime, content, capability)| {
            let xattrs = capability.map(|value| (b"security.capability".to_vec(), value)).into_iter().collect();
            let plain = Entry { path, kind, mode, uid, gid, mtime, xattrs };
            match plain.kind {
                Kind::File { .. } => (Entry { kind: Kind::File { size: content.len() as u64 }, ..plain }, content),
                // A removal has nothing but its path.
                Kind::Whiteout => (Entry::whiteout(plain.path), Vec::new()),
                _ => (Entry { xattrs: BTreeMap::new(), ..plain }, Vec::new()),
            }
        },
    )
}

fn kind() -> impl Strategy<Value = Kind> {
    let device = (0u32..4096, 0u32..1_048_576);
    prop_oneof![
        4 => Just(Kind::File { size: 0 }),
        2 => Just(Kind::Directory),
        1 => vec(1u8.., 1..300).prop_map(|target| Kind::Symlink { target }),
        1 => Just(Kind::HardLink { target: Vec::new() }),
        1 => device.clone().prop_map(|(major, minor)| Kind::CharDevice { major, minor }),
        1 => device.prop_map(|(major, minor)| Kind::BlockDevice { major, minor }),
        1 => Just(Kind::Fifo),
        1 => Just(Kind::Whiteout),
    ]
}

fn path() -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof![6 => "[a-c.-]{1,6}".prop_map(String::into_bytes), 1 => vec(1u8.., 1..40), 1 => "[a-z]{90,240}".prop_map(String::into_bytes)];
    let sane = name.prop_filter("a name", |name: &Vec<u8>| {
        !name.contains(&b'/') && ![&b"."[..], b".."].contains(&&name[..]) && !name.starts_with(b".wh.")
    });
    vec(sane, 1..5).prop_map(|names| names.join(&b'/'))
}
