//! Which repositories have which layers: remembered when an image was pulled or pushed, so that the next push to the
//! same registry need not send them.
//!
//! A hint, never a promise: what a repository does not have any more is sent after all.

use std::collections::BTreeMap;

use super::error::Result;
use crate::digest::{Digest, Hasher};
use crate::oci::Image;
use crate::store::{Kind, Record, Store};

/// How many repositories are remembered for a layer; the last ones are the likeliest.
const MOST: usize = 4;

/// For each layer of `image` the repositories at `host` that had it, the likeliest first.
pub(super) fn known(store: &Store, image: &Image, host: &str) -> Result<BTreeMap<Digest, Vec<String>>> {
    let mut known = BTreeMap::new();
    for layer in &image.layers {
        known.insert(layer.blob.digest, repositories(store, &key(host, layer.blob.digest))?);
    }
    Ok(known)
}

/// Remembers that `repository` at `host` has the layers of `image`.
pub(super) fn note(store: &Store, image: &Image, host: &str, repository: &str) -> Result<()> {
    for layer in &image.layers {
        let key = key(host, layer.blob.digest);
        let mut repositories = repositories(store, &key)?;
        if repositories.first().is_some_and(|first| first == repository) {
            continue;
        }
        repositories.retain(|known| known != repository);
        repositories.insert(0, repository.to_owned());
        repositories.truncate(MOST);
        store.records.put(Kind::Whereabouts, &key, &Record { detail: repositories.into(), ..Record::default() })?;
    }
    Ok(())
}

fn repositories(store: &Store, key: &Digest) -> Result<Vec<String>> {
    let record = store.records.get(Kind::Whereabouts, key)?;
    // What another version wrote is as good as nothing.
    Ok(record.and_then(|record| serde_json::from_value(record.detail).ok()).unwrap_or_default())
}

fn key(host: &str, blob: Digest) -> Digest {
    let mut hasher = Hasher::new();
    hasher.field("whereabouts");
    hasher.field(host);
    hasher.field(blob.as_bytes());
    hasher.finish()
}
