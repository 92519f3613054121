//! The layout directory: `oci-layout`, `index.json`, `blobs/sha256/`.
//!
//! Every file appears whole or not at all (a temporary name, then a rename), and `index.json` is changed under a lock,
//! so several processes may write into one layout.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::blob::{BlobSink, BlobSource, Verified, read_document};
use super::error::{Error, Result};
use super::image::Image;
use super::manifest::{Descriptor, Document, Index, annotation};
use super::name::ImageName;
use super::place::{ImagePlace, named};
use crate::digest::Digest;

/// The file that says that a directory is a layout, and what is in it.
pub(super) const MARKER: &str = "oci-layout";
/// The content of the marker.
pub(super) const MARKER_CONTENT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;
/// The list of images.
pub(super) const INDEX: &str = "index.json";
/// Where blobs lie.
pub(super) const BLOBS: &str = "blobs/sha256";

/// A layout directory.
#[derive(Debug)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// Opens the layout at `root`.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self> {
        let root = root.into();
        let marker = root.join(MARKER);
        match fs::read(&marker) {
            Ok(bytes) => check_marker(&marker.display().to_string(), &bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let why = format!("it has no `{MARKER}` file, so it is no OCI layout");
                return Err(Error::Unsupported { what: root.display().to_string(), why });
            }
            Err(error) => return Err(reading(&marker)(error)),
        }
        Ok(Self { root })
    }

    /// Opens the layout at `root`, or makes an empty one in an empty or absent directory.
    pub fn create(root: impl Into<PathBuf>) -> Result<Self> {
        let layout = Self { root: root.into() };
        if layout.root.join(MARKER).exists() {
            return Self::open(layout.root);
        }
        let mut strangers = fs::read_dir(&layout.root).into_iter().flatten();
        if strangers.next().is_some() {
            let why = format!("it holds other files and no `{MARKER}`; name an empty or a new directory");
            return Err(Error::Unsupported { what: layout.root.display().to_string(), why });
        }
        let blobs = layout.root.join(BLOBS);
        fs::create_dir_all(&blobs).map_err(writing(&blobs))?;
        layout.write(INDEX, &Index::new(Vec::new()).to_bytes())?;
        layout.write(MARKER, MARKER_CONTENT)?;
        Ok(layout)
    }

    /// Lists `image`, whose blobs are there already, under `names`; what had one of these names loses it.
    pub fn publish(&self, image: &Image, names: &[ImageName]) -> Result<()> {
        let root = File::open(&self.root).map_err(reading(&self.root))?;
        // Released when `root` is closed.
        root.lock().map_err(Error::io(format!("locking {}", self.root.display())))?;
        let mut index = self.index()?;
        let full_name = |entry: &Descriptor| entry.annotations.get(annotation::IMAGE_NAME).cloned();
        for entry in entries(image, names) {
            let same = |other: &Descriptor| match full_name(&entry) {
                Some(name) => full_name(other) == Some(name),
                None => other.digest == entry.digest && full_name(other).is_none(),
            };
            match index.manifests.iter().position(same) {
                Some(at) => index.manifests[at] = entry,
                None => index.manifests.push(entry),
            }
        }
        self.write(INDEX, &index.to_bytes())
    }

    /// Keeps [`Layout::sweep`] away, so that blobs can be put there before they are listed.
    pub fn enter(&self) -> Result<File> {
        let blobs = self.root.join(BLOBS);
        let lock = File::open(&blobs).map_err(reading(&blobs))?;
        lock.lock_shared().map_err(Error::io(format!("locking {}", blobs.display())))?;
        Ok(lock)
    }

    /// Removes every blob that nothing in the index leads to. Removes nothing while somebody has entered, and where what
    /// is listed cannot be understood.
    pub fn sweep(&self) -> Result<()> {
        let blobs = self.root.join(BLOBS);
        let lock = File::open(&blobs).map_err(reading(&blobs))?;
        if lock.try_lock().is_err() {
            return Ok(());
        }
        let mut needed = BTreeSet::new();
        for listed in self.index()?.manifests {
            if self.collect(&listed, &mut needed).is_err() {
                return Ok(());
            }
        }
        for entry in fs::read_dir(&blobs).map_err(reading(&blobs))? {
            let path = entry.map_err(reading(&blobs))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // Whatever is not called like a blob was put there by somebody else.
            let blob: Option<Digest> = format!("sha256:{name}").parse().ok();
            if blob.is_some_and(|blob| !needed.contains(&blob)) {
                fs::remove_file(&path).map_err(Error::io(format!("removing {}", path.display())))?;
            }
        }
        Ok(())
    }

    /// Everything that a listed manifest or index leads to.
    fn collect(&self, listed: &Descriptor, needed: &mut BTreeSet<Digest>) -> Result<()> {
        if !needed.insert(listed.digest) {
            return Ok(());
        }
        let what = format!("manifest {}", listed.digest);
        match Document::parse(&what, &read_document(self, listed, listed.size)?)? {
            Document::Manifest(manifest) => {
                needed.insert(manifest.config.digest);
                needed.extend(manifest.layers.iter().map(|layer| layer.digest));
                Ok(())
            }
            Document::Index(index) => index.manifests.iter().try_for_each(|listed| self.collect(listed, needed)),
        }
    }

    fn blob_path(&self, digest: Digest) -> PathBuf {
        self.root.join(BLOBS).join(digest.hex())
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<()> {
        place(&self.root.join(name), |file| file.write_all(content).map_err(writing(&self.root.join(name))))
    }
}

impl BlobSource for Layout {
    fn open(&self, blob: &Descriptor) -> Result<Box<dyn Read + Send + '_>> {
        let path = self.blob_path(blob.digest);
        match File::open(&path) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let what = format!("blob {} in {}", blob.digest, self.root.display());
                Err(Error::NotFound { what, known: Vec::new() })
            }
            Err(error) => Err(reading(&path)(error)),
        }
    }
}

impl BlobSink for Layout {
    fn has(&self, blob: &Descriptor) -> Result<bool> {
        Ok(self.size_of(blob.digest) == Some(blob.size))
    }

    fn put(&self, blob: &Descriptor, source: &dyn BlobSource) -> Result<()> {
        let path = self.blob_path(blob.digest);
        let mut reader = Verified::new(source.open(blob)?, blob);
        place(&path, |file| io::copy(&mut reader, file).map(drop).map_err(writing(&path)))
    }
}

impl ImagePlace for Layout {
    fn index(&self) -> Result<Index> {
        let path = self.root.join(INDEX);
        let bytes = fs::read(&path).map_err(reading(&path))?;
        Index::parse(&path.display().to_string(), &bytes)
    }

    fn size_of(&self, digest: Digest) -> Option<u64> {
        fs::metadata(self.blob_path(digest)).ok().map(|metadata| metadata.len())
    }

    fn as_source(&self) -> &dyn BlobSource {
        self
    }
}

/// The entries of an index that list `image` under `names`, or once without a name.
pub(super) fn entries(image: &Image, names: &[ImageName]) -> Vec<Descriptor> {
    if names.is_empty() {
        vec![named(image, None)]
    } else {
        names.iter().map(|name| named(image, Some(name))).collect()
    }
}

/// Refuses a layout of a version that does not exist yet.
pub(super) fn check_marker(what: &str, bytes: &[u8]) -> Result<()> {
    let marker: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|error| Error::malformed(what, error.to_string()))?;
    match marker.get("imageLayoutVersion").and_then(|version| version.as_str()) {
        Some(version) if version.starts_with("1.") => Ok(()),
        version => {
            let why = format!("its layout version is `{}`, expected 1.0.0", version.unwrap_or("missing"));
            Err(Error::Unsupported { what: what.to_owned(), why })
        }
    }
}

/// Makes the file at `path` appear whole, with what `fill` writes into it.
pub(super) fn place(path: &Path, fill: impl FnOnce(&mut File) -> Result<()>) -> Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // The process's umask still applies.
    let readable_by_all = fs::Permissions::from_mode(0o666);
    let temporary = tempfile::Builder::new().prefix(".rplan-").permissions(readable_by_all).tempfile_in(parent);
    let mut temporary = temporary.map_err(writing(path))?;
    fill(temporary.as_file_mut())?;
    temporary.persist(path).map_err(|error| writing(path)(error.error))?;
    Ok(())
}

fn reading(path: &Path) -> impl FnOnce(io::Error) -> Error {
    Error::io(format!("reading {}", path.display()))
}

fn writing(path: &Path) -> impl FnOnce(io::Error) -> Error {
    Error::io(format!("writing {}", path.display()))
}
