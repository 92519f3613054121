//! Writing an archive.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use super::super::blob::{BlobSource, Verified};
use super::super::error::{Error, Result};
use super::super::image::Image;
use super::super::layer::{Entry, EntryWriter, Kind};
use super::super::layout::{BLOBS, INDEX, MARKER, MARKER_CONTENT, entries, place};
use super::super::manifest::{Descriptor, Index};
use super::super::name::ImageName;
use super::docker;

/// Which readers an archive is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Everything that reads OCI archives.
    Oci,
    /// `docker load` of any age too.
    Docker,
}

/// Writes `image` under `names`, the layers from `layers`, as an archive. Each blob is verified on the way.
pub fn write(
    out: impl Write,
    format: Format,
    image: &Image,
    names: &[ImageName],
    layers: &dyn BlobSource,
) -> Result<()> {
    let mut archive = EntryWriter::new(out);
    let mut blobs: BTreeMap<String, (&Descriptor, &dyn BlobSource)> = BTreeMap::new();
    for layer in &image.layers {
        blobs.insert(layer.blob.digest.hex(), (&layer.blob, layers));
    }
    for document in [&image.config_descriptor, &image.descriptor] {
        blobs.insert(document.digest.hex(), (document, image));
    }
    // The writer wants walk order, which for these names is alphabetical order.
    for directory in ["blobs", BLOBS] {
        archive.append(&Entry::new(directory, Kind::Directory, 0o755), std::io::empty())?;
    }
    for (hex, (blob, source)) in blobs {
        let mut content = Verified::new(source.open(blob)?, blob);
        archive.append(&file(&format!("{BLOBS}/{hex}"), blob.size), &mut content)?;
        // Only at its end is a blob known to be the promised one.
        content.read(&mut [0]).map_err(Error::io(format!("reading blob {}", blob.digest)))?;
    }
    let mut append = |name, content: &[u8]| archive.append(&file(name, content.len() as u64), content);
    append(INDEX, &Index::new(entries(image, names)).to_bytes())?;
    if format == Format::Docker {
        append(docker::MANIFEST, &docker_manifest(image, names))?;
    }
    append(MARKER, MARKER_CONTENT)?;
    if format == Format::Docker && !names.is_empty() {
        append("repositories", &repositories(image, names))?;
    }
    archive.finish()?.flush().map_err(Error::io("writing an archive"))
}

/// [`write()`] to a file, which appears whole or not at all.
pub fn save(path: &Path, format: Format, image: &Image, names: &[ImageName], layers: &dyn BlobSource) -> Result<()> {
    place(path, |file: &mut File| write(BufWriter::with_capacity(256 << 10, file), format, image, names, layers))
}

fn file(path: &str, size: u64) -> Entry {
    Entry::new(path, Kind::File { size }, 0o644)
}

fn docker_manifest(image: &Image, names: &[ImageName]) -> Vec<u8> {
    let path = |blob: &Descriptor| format!("{BLOBS}/{}", blob.digest.hex());
    let item = docker::Item {
        config: path(&image.config_descriptor),
        repo_tags: names.iter().map(|name| name.familiar().to_owned()).collect(),
        layers: image.layers.iter().map(|layer| path(&layer.blob)).collect(),
    };
    serde_json::to_vec(&[item]).expect("strings and lists become JSON")
}

/// What Docker wrote before `manifest.json`, and still writes: each name with the id of its topmost layer.
fn repositories(image: &Image, names: &[ImageName]) -> Vec<u8> {
    let top = image.layers.last().map(|layer| layer.blob.digest.hex()).unwrap_or_default();
    let mut repositories: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for name in names {
        repositories.entry(name.familiar_repository()).or_default().insert(name.tag(), &top);
    }
    serde_json::to_vec(&repositories).expect("strings and maps become JSON")
}
