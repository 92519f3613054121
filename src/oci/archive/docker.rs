//! `manifest.json`, the heart of a Docker archive.

use serde::{Deserialize, Serialize};

use super::super::go_json::null_is_default;

/// The name of the file.
pub(super) const MANIFEST: &str = "manifest.json";

/// One image of the archive.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Item {
    /// The path of the config in the archive.
    pub(super) config: String,
    /// Its names.
    #[serde(default, deserialize_with = "null_is_default")]
    pub(super) repo_tags: Vec<String>,
    /// The paths of the layers in the archive, lowest first.
    #[serde(default, deserialize_with = "null_is_default")]
    pub(super) layers: Vec<String>,
}
