//! Small files that appear whole or not at all.
//!
//! Does not know what is in them. A small file that cannot be read as what it should be counts as missing: the store
//! holds nothing that cannot be made again.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{Result, StoreError};
use crate::tree::Walk;

/// How the names of files begin that are being written. No reader of a directory takes them for entries.
const TEMPORARY: &str = ".new-";

/// The bytes at `path`; `None` if there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(StoreError::io("read", path, error)),
    }
}

/// The value at `path`; `None` if there is none, or nothing that can be understood.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let Some(bytes) = read(path)? else { return Ok(None) };
    match serde_json::from_slice(&bytes) {
        Ok(value) => Ok(Some(value)),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a file of the store cannot be understood; taken as missing");
            Ok(None)
        }
    }
}

/// Puts `bytes` at `path`, replacing what is there; durable once it returns.
pub(super) fn publish(path: &Path, bytes: &[u8]) -> Result<()> {
    write(path, bytes, true)
}

/// The same, not forced to disk: for what the next build makes again if it is lost with the power.
pub(super) fn publish_soft(path: &Path, bytes: &[u8]) -> Result<()> {
    write(path, bytes, false)
}

/// Puts `value` at `path` as JSON. Not forced to disk: a record lost with the power is made again by the next build.
pub(super) fn publish_json(path: &Path, value: &impl Serialize) -> Result<()> {
    write(path, &to_json(path, value)?, false)
}

/// The same, durable once it returns.
pub(super) fn publish_durable_json(path: &Path, value: &impl Serialize) -> Result<()> {
    write(path, &to_json(path, value)?, true)
}

fn to_json(path: &Path, value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|source| StoreError::Json { path: path.to_owned(), source })
}

fn write(path: &Path, bytes: &[u8], durable: bool) -> Result<()> {
    let directory = path.parent().expect("a file of the store lies in a directory of the store");
    let attempt = || -> io::Result<()> {
        let mut temporary = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(directory)?;
        temporary.write_all(bytes)?;
        if durable {
            temporary.as_file().sync_data()?;
        }
        temporary.persist(path).map(drop).map_err(|error| error.error)
    };
    let result = match attempt() {
        Err(error) if is_missing(&error) => fs::create_dir_all(directory).and_then(|()| attempt()),
        result => result,
    };
    result.map_err(|source| StoreError::io("write", path, source))
}

/// Removes a file or directory; says whether there was anything.
pub(super) fn remove(path: &Path) -> Result<bool> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Ok(()) => Ok(true),
        Err(error) if is_missing(&error) => Ok(false),
        Err(error) => Err(StoreError::io("remove", path, error)),
    }
}

/// Removes the temporary files in `directory` that a killed process left. Only for one who is alone with them.
pub(super) fn remove_temporary(directory: &Path) -> Result<()> {
    let failed = |source| StoreError::io("list", directory, source);
    let children = match fs::read_dir(directory) {
        Err(error) if is_missing(&error) => return Ok(()),
        children => children.map_err(failed)?,
    };
    for child in children {
        let child = child.map_err(failed)?;
        if child.file_name().to_string_lossy().starts_with(TEMPORARY) {
            remove(&child.path())?;
        }
    }
    Ok(())
}

/// The names in a directory of the store in byte order, temporary ones left out; none if it is missing.
pub(super) fn names(directory: &Path) -> Result<Vec<String>> {
    let failed = |source| StoreError::io("list", directory, source);
    let children = match fs::read_dir(directory) {
        Err(error) if is_missing(&error) => return Ok(Vec::new()),
        children => children.map_err(failed)?,
    };
    let mut names = Vec::new();
    for child in children {
        if let Ok(name) = child.map_err(failed)?.file_name().into_string()
            && !name.starts_with('.')
        {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Opens a lock file, made if need be.
pub(super) fn open_lock(path: &Path) -> Result<File> {
    File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|source| StoreError::io("open the lock", path, source))
}

/// The bytes of content below `tree`, as far as it can be read.
pub(super) fn content(tree: &Path) -> u64 {
    let files = Walk::new(tree).filter_map(std::result::Result::ok).filter(|entry| !entry.is_directory());
    files.map(|entry| entry.size).sum()
}

pub(super) fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}
