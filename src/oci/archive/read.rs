//! Reading an archive.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::super::blob::BlobSource;
use super::super::config::ImageConfig;
use super::super::error::{Error, Result};
use super::super::layer::{Compression, Decompressor, EntryReader, Kind, Packing};
use super::super::layout::{BLOBS, INDEX, MARKER, check_marker};
use super::super::manifest::{Descriptor, Index, Manifest, annotation, media_type};
use super::super::name::ImageName;
use super::super::place::ImagePlace;
use super::docker;
use crate::digest::Digest;

/// More than any document in an archive has.
const DOCUMENT_LIMIT: u64 = 16 << 20;

/// How many links may lead from a name to a file.
const LINK_DEPTH: usize = 8;

/// An archive, listed once; blobs are read straight from its file.
#[derive(Debug)]
pub struct Archive {
    name: String,
    file: File,
    files: BTreeMap<Vec<u8>, Place>,
    index: Index,
    blobs: BTreeMap<Digest, Blob>,
}

/// What a path in the archive is.
#[derive(Debug)]
enum Place {
    File(Section),
    /// A link, and where it leads from the root.
    Link(Vec<u8>),
}

/// A run of bytes of the archive.
#[derive(Debug, Clone, Copy)]
struct Section {
    offset: u64,
    size: u64,
}

/// A blob that is not simply a file under `blobs/`.
#[derive(Debug)]
enum Blob {
    Section(Section),
    /// A manifest made here for an image that has none.
    Made(Vec<u8>),
}

impl Archive {
    /// Opens the archive at `path`. One that is compressed as a whole is unpacked into a temporary file first.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let reading = || Error::io(format!("reading {name}"));
        let mut file = File::open(path).map_err(reading())?;
        let mut start = [0; 6];
        let count = file.read_at(&mut start, 0).map_err(reading())?;
        if [Packing::Gzip, Packing::Zstd].contains(&Packing::of(&start[..count])) {
            let mut plain = tempfile::tempfile().map_err(Error::io(format!("unpacking {name}")))?;
            io::copy(&mut Decompressor::new(file).map_err(reading())?, &mut plain).map_err(reading())?;
            plain.rewind().map_err(reading())?;
            file = plain;
        }
        let files = list(&file).map_err(|error| within(&name, error))?;
        let (index, blobs) = (Index::new(Vec::new()), BTreeMap::new());
        let mut archive = Self { name, file, files, index, blobs };
        if archive.find(MARKER).is_some() && archive.find(INDEX).is_some() {
            check_marker(MARKER, &archive.document(MARKER)?)?;
            archive.index = Index::parse(INDEX, &archive.document(INDEX)?)?;
        } else if archive.find(docker::MANIFEST).is_some() {
            archive.read_docker_manifest()?;
        } else {
            let why = format!("it has neither `{INDEX}` nor `{}`, so it is no archive of images", docker::MANIFEST);
            return Err(Error::Unsupported { what: archive.name, why });
        }
        Ok(archive)
    }

    /// Makes manifests for the images of a classic Docker archive.
    fn read_docker_manifest(&mut self) -> Result<()> {
        let bytes = self.document(docker::MANIFEST)?;
        let malformed = |why: String| Error::malformed(format!("`{}` in {}", docker::MANIFEST, self.name), why);
        let items: Vec<docker::Item> = serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
        for item in items {
            let config_bytes = self.document(&item.config)?;
            let config = ImageConfig::parse(&item.config, &config_bytes)?;
            if config.rootfs.diff_ids.len() != item.layers.len() {
                let (named, told) = (item.layers.len(), config.rootfs.diff_ids.len());
                return Err(Error::malformed(&self.name, format!("it has {named} layers, but its config {told}")));
            }
            let config_descriptor = Descriptor::of(media_type::CONFIG, &config_bytes);
            self.blobs.insert(config_descriptor.digest, Blob::Made(config_bytes));
            let mut layers = Vec::new();
            for (path, diff_id) in item.layers.iter().zip(&config.rootfs.diff_ids) {
                layers.push(self.docker_layer(path, *diff_id)?);
            }
            let manifest = Manifest::new(config_descriptor, layers).to_bytes();
            let mut entry = Descriptor::of(media_type::MANIFEST, &manifest);
            entry.platform = Some(config.platform);
            self.blobs.insert(entry.digest, Blob::Made(manifest));
            if item.repo_tags.is_empty() {
                self.index.manifests.push(entry.clone());
            }
            for tag in &item.repo_tags {
                let name = ImageName::new(tag);
                let mut entry = entry.clone();
                entry.annotations.insert(annotation::IMAGE_NAME.into(), name.full().into());
                entry.annotations.insert(annotation::REF_NAME.into(), name.tag().into());
                self.index.manifests.push(entry);
            }
        }
        Ok(())
    }

    /// The blob a layer of a classic archive is. A plain tar has the digest its config promises, which is verified when
    /// it is read; a compressed one has to be digested now.
    fn docker_layer(&mut self, path: &str, diff_id: Digest) -> Result<Descriptor> {
        let section = self.section(path)?;
        let mut start = [0; 6];
        let count = self.read(section).read(&mut start).map_err(Error::io(format!("reading {}", self.name)))?;
        let digest =
            |section| Digest::of_reader(self.read(section)).map_err(Error::io(format!("reading {}", self.name)));
        let (compression, digest) = match Packing::of(&start[..count]) {
            Packing::Gzip => (Compression::GZIP, digest(section)?.0),
            Packing::Zstd => (Compression::ZSTD, digest(section)?.0),
            Packing::Plain | Packing::Bzip2 | Packing::Xz => (Compression::None, diff_id),
        };
        self.blobs.insert(digest, Blob::Section(section));
        Ok(Descriptor::new(compression.media_type(), digest, section.size))
    }

    fn document(&self, path: &str) -> Result<Vec<u8>> {
        let section = self.section(path)?;
        if section.size > DOCUMENT_LIMIT {
            return Err(Error::malformed(&self.name, format!("`{path}` in it has {} bytes", section.size)));
        }
        let mut bytes = Vec::new();
        self.read(section).read_to_end(&mut bytes).map_err(Error::io(format!("reading {}", self.name)))?;
        Ok(bytes)
    }

    fn section(&self, path: &str) -> Result<Section> {
        self.find(path).ok_or_else(|| Error::malformed(&self.name, format!("it says it has `{path}`, but has not")))
    }

    fn find(&self, path: &str) -> Option<Section> {
        let mut path = path.as_bytes();
        for _ in 0..LINK_DEPTH {
            match self.files.get(path)? {
                Place::File(section) => return Some(*section),
                Place::Link(target) => path = target,
            }
        }
        None
    }

    fn read(&self, section: Section) -> SectionReader<'_> {
        SectionReader { file: &self.file, section }
    }
}

impl BlobSource for Archive {
    fn open(&self, blob: &Descriptor) -> Result<Box<dyn Read + Send + '_>> {
        match self.blobs.get(&blob.digest) {
            Some(Blob::Made(bytes)) => return Ok(Box::new(&bytes[..])),
            Some(Blob::Section(section)) => return Ok(Box::new(self.read(*section))),
            None => {}
        }
        let found = self.find(&format!("{BLOBS}/{}", blob.digest.hex()));
        let missing = || Error::NotFound { what: format!("blob {} in {}", blob.digest, self.name), known: Vec::new() };
        Ok(Box::new(self.read(found.ok_or_else(missing)?)))
    }
}

impl ImagePlace for Archive {
    fn index(&self) -> Result<Index> {
        Ok(self.index.clone())
    }

    fn size_of(&self, digest: Digest) -> Option<u64> {
        match self.blobs.get(&digest) {
            Some(Blob::Made(bytes)) => Some(bytes.len() as u64),
            Some(Blob::Section(section)) => Some(section.size),
            None => self.find(&format!("{BLOBS}/{}", digest.hex())).map(|section| section.size),
        }
    }

    fn as_source(&self) -> &dyn BlobSource {
        self
    }
}

struct SectionReader<'a> {
    file: &'a File,
    section: Section,
}

impl Read for SectionReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len().min(usize::try_from(self.section.size).unwrap_or(usize::MAX));
        let count = self.file.read_at(&mut buffer[..room], self.section.offset)?;
        self.section.offset += count as u64;
        self.section.size -= count as u64;
        Ok(count)
    }
}

/// Where each file of the archive lies.
fn list(file: &File) -> Result<BTreeMap<Vec<u8>, Place>> {
    let mut files = BTreeMap::new();
    let mut reader = EntryReader::seekable(BufReader::new(file));
    while let Some(entry) = reader.next_entry()? {
        let place = match entry.kind {
            Kind::File { size } => {
                let offset = reader.position().map_err(Error::io("reading the archive"))?;
                Place::File(Section { offset, size })
            }
            Kind::HardLink { target } => Place::Link(target),
            Kind::Symlink { target } => Place::Link(beside(&entry.path, &target)),
            _ => continue,
        };
        files.insert(entry.path, place);
    }
    Ok(files)
}

/// Where a symbolic link at `path` leads, from the root; `..` goes no further up than that.
fn beside(path: &[u8], target: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = path.split(|&byte| byte == b'/').collect();
    parts.pop();
    if target.starts_with(b"/") {
        parts.clear();
    }
    for part in target.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join(&b'/')
}

fn within(name: &str, error: Error) -> Error {
    match error {
        Error::Malformed { why, .. } => Error::malformed(name, why),
        other => other,
    }
}
