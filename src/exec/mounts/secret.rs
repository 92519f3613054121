//! The contents of secrets: read when a step asks for them, and kept nowhere.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use super::super::backend::Secret;
use super::super::error::{Error, Result};
use super::super::request::SecretSource;
use crate::plan::Mount;

/// The most bytes that a secret may have.
const MOST_BYTES: usize = 500 * 1024;

/// What the secret is called.
pub(super) fn id(mount: &Mount) -> &str {
    let options = &mount.options;
    let written = options.id.as_deref().or(options.source.as_deref()).filter(|id| !id.is_empty());
    written.unwrap_or_else(|| mount.target.rsplit('/').next().unwrap_or_default())
}

/// What the secret holds; none where it was not handed in and is not required.
pub(super) fn contents(mount: &Mount, handed_in: &BTreeMap<String, SecretSource>) -> Result<Option<Secret>> {
    let id = id(mount);
    let wrong = |message: String| Error::Wrong { message, span: Some(mount.span) };
    let bytes = match handed_in.get(id) {
        None if mount.options.required => {
            return Err(wrong(format!("the secret `{id}` is required: hand it in with --secret id={id},src=FILE")));
        }
        None => return Ok(None),
        Some(SecretSource::File(path)) => read(path).map_err(Error::io(format!("read the secret `{id}`")))?,
        Some(SecretSource::Variable(name)) => match std::env::var_os(name) {
            Some(value) => std::os::unix::ffi::OsStringExt::into_vec(value),
            None => return Err(wrong(format!("the secret `{id}` is the variable {name}, which is not set"))),
        },
    };
    if bytes.len() > MOST_BYTES {
        return Err(wrong(format!("the secret `{id}` is longer than 500 KiB: mount a file instead")));
    }
    Ok(Some(Secret(bytes)))
}

/// The file, or so much of it that it is seen to be too long.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
