//! Manifests and indexes: how an image names its config and its layers.
//!
//! Reads OCI and Docker (schema 2) documents; writes OCI ones, always with `mediaType`. Knows nothing of where the
//! bytes lie. A [`Descriptor`] is the only way to name a blob.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{Error, Result};
use super::go_json::null_is_default;
use super::platform::Platform;
use crate::digest::Digest;

/// Media types, OCI's and the Docker ones that mean the same.
pub mod media_type {
    /// An OCI index.
    pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
    /// An OCI manifest.
    pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    /// An OCI image config.
    pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
    /// A layer as plain tar.
    pub const LAYER_TAR: &str = "application/vnd.oci.image.layer.v1.tar";
    /// A layer as gzip.
    pub const LAYER_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
    /// A layer as zstd.
    pub const LAYER_ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
    /// Docker's index.
    pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
    /// Docker's manifest.
    pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
    /// Docker's image config.
    pub const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
    const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar";

    /// Whether it names a manifest or an index rather than a plain blob.
    pub fn is_manifest(media_type: &str) -> bool {
        [INDEX, MANIFEST, DOCKER_LIST, DOCKER_MANIFEST].contains(&media_type)
    }

    /// The Docker media type that means the same as an OCI one; any other stays.
    pub fn to_docker(media_type: &str) -> String {
        match media_type {
            INDEX => DOCKER_LIST.into(),
            MANIFEST => DOCKER_MANIFEST.into(),
            CONFIG => DOCKER_CONFIG.into(),
            LAYER_TAR => DOCKER_LAYER.into(),
            LAYER_GZIP => format!("{DOCKER_LAYER}.gzip"),
            LAYER_ZSTD => format!("{DOCKER_LAYER}.zstd"),
            _ => media_type.into(),
        }
    }

    /// The OCI media type that means the same as a Docker one; any other stays.
    pub fn to_oci(media_type: &str) -> String {
        match media_type {
            DOCKER_LIST => INDEX.into(),
            DOCKER_MANIFEST => MANIFEST.into(),
            DOCKER_CONFIG => CONFIG.into(),
            _ => match media_type.strip_prefix(DOCKER_LAYER) {
                Some("") => LAYER_TAR.into(),
                Some(".gzip") => LAYER_GZIP.into(),
                Some(".zstd") => LAYER_ZSTD.into(),
                _ => media_type.into(),
            },
        }
    }
}

/// Annotation keys that tools agree on.
pub mod annotation {
    /// The tag of an image in a layout.
    pub const REF_NAME: &str = "org.opencontainers.image.ref.name";
    /// The whole name of an image in a layout (containerd's key).
    pub const IMAGE_NAME: &str = "io.containerd.image.name";
    /// When an image was made.
    pub const CREATED: &str = "org.opencontainers.image.created";
}

/// What a blob is, its digest and its size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What the blob holds.
    #[serde(default)]
    pub media_type: String,
    /// The digest of its bytes.
    pub digest: Digest,
    /// How many bytes it has.
    pub size: u64,
    /// Other places to fetch it from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// Remarks, the tag of an image among them.
    #[serde(default, deserialize_with = "null_is_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// The platform of a manifest in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
}

impl Descriptor {
    /// The descriptor of a blob without remarks.
    pub fn new(media_type: &str, digest: Digest, size: u64) -> Self {
        let media_type = media_type.to_owned();
        Self { media_type, digest, size, urls: Vec::new(), annotations: BTreeMap::new(), platform: None }
    }

    /// The descriptor of `bytes`.
    pub fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self::new(media_type, Digest::of(bytes), bytes.len() as u64)
    }
}

/// One image: a config and its layers, lowest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    schema_version: u32,
    /// What this document is.
    #[serde(default)]
    pub media_type: String,
    /// The image config.
    pub config: Descriptor,
    /// The layers, lowest first.
    #[serde(deserialize_with = "null_is_default")]
    pub layers: Vec<Descriptor>,
    /// Remarks.
    #[serde(default, deserialize_with = "null_is_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Manifest {
    /// An OCI manifest.
    pub fn new(config: Descriptor, layers: Vec<Descriptor>) -> Self {
        let media_type = media_type::MANIFEST.to_owned();
        Self { schema_version: 2, media_type, config, layers, annotations: BTreeMap::new() }
    }

    /// The bytes of the document.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a manifest has only string keys")
    }
}

/// Several images under one name, each for its platform; also the `index.json` of a layout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    schema_version: u32,
    /// What this document is.
    #[serde(default)]
    pub media_type: String,
    /// The manifests, each with its platform or its tag.
    #[serde(deserialize_with = "null_is_default")]
    pub manifests: Vec<Descriptor>,
    /// Remarks.
    #[serde(default, deserialize_with = "null_is_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Index {
    /// An OCI index.
    pub fn new(manifests: Vec<Descriptor>) -> Self {
        let media_type = media_type::INDEX.to_owned();
        Self { schema_version: 2, media_type, manifests, annotations: BTreeMap::new() }
    }

    /// Reads an index; one that lists nothing is fine.
    pub fn parse(what: &str, bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|error| Error::malformed(what, error.to_string()))
    }

    /// The bytes of the document.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an index has only string keys")
    }

    /// The manifest that suits `platform` best; the first of equals. A manifest that does not say its platform suits
    /// when it is the only one. Attestations (`unknown/unknown`) never do.
    pub fn select(&self, platform: &Platform) -> Option<&Descriptor> {
        if let [only @ Descriptor { platform: None, .. }] = &self.manifests[..] {
            return Some(only);
        }
        let suiting =
            self.manifests.iter().filter_map(|entry| Some((platform.suits(entry.platform.as_ref()?)?, entry)));
        suiting.min_by_key(|(distance, _)| *distance).map(|(_, entry)| entry)
    }

    /// The platforms it has, as people write them.
    pub fn platforms(&self) -> Vec<String> {
        let known = self.manifests.iter().filter_map(|entry| entry.platform.as_ref());
        known.filter(|platform| platform.os != "unknown").map(Platform::to_string).collect()
    }
}

/// What a manifest reference may turn out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// One image.
    Manifest(Box<Manifest>),
    /// Several.
    Index(Index),
}

impl Document {
    /// Reads a manifest or an index, OCI's or Docker's: by its `mediaType` where it has one, else by its shape.
    pub fn parse(what: &str, bytes: &[u8]) -> Result<Self> {
        let malformed = |error: serde_json::Error| Error::malformed(what, error.to_string());
        let value: Value = serde_json::from_slice(bytes).map_err(malformed)?;
        if value.get("schemaVersion").and_then(Value::as_u64) == Some(1) {
            return Err(Error::Unsupported {
                what: what.to_owned(),
                why: "it is a Docker schema 1 manifest; push the image again with a current tool".into(),
            });
        }
        if value.get("manifests").is_some() {
            Index::parse(what, bytes).map(Self::Index)
        } else if value.get("layers").is_some() && value.get("config").is_some() {
            serde_json::from_slice(bytes).map(Box::new).map(Self::Manifest).map_err(malformed)
        } else {
            Err(Error::malformed(what, "expected an image manifest (`config`, `layers`) or an index (`manifests`)"))
        }
    }

    /// The media type a document of this shape has when neither it nor its descriptor says.
    pub fn media_type(&self) -> &str {
        match self {
            Self::Manifest(manifest) if manifest.media_type.is_empty() => media_type::MANIFEST,
            Self::Manifest(manifest) => &manifest.media_type,
            Self::Index(index) if index.media_type.is_empty() => media_type::INDEX,
            Self::Index(index) => &index.media_type,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(platform: &str) -> Descriptor {
        let platform = (platform != "none").then(|| platform.parse().unwrap());
        Descriptor { platform, ..Descriptor::of(media_type::MANIFEST, b"{}") }
    }

    #[test]
    fn a_manifest_is_written_in_the_order_of_the_specification() {
        let manifest = Manifest::new(
            Descriptor::of(media_type::CONFIG, b"{}"),
            vec![Descriptor::of(media_type::LAYER_GZIP, b"layer")],
        );
        let text = String::from_utf8(manifest.to_bytes()).unwrap();
        let keys = ["schemaVersion", "mediaType", "config", "layers"].map(|key| text.find(key).unwrap());
        assert!(keys.is_sorted(), "{text}");
        assert_eq!(Document::parse("it", text.as_bytes()).unwrap(), Document::Manifest(Box::new(manifest)));
    }

    #[test]
    fn the_best_platform_wins_and_attestations_never() {
        let index = Index::new(["unknown/unknown", "linux/arm/v6", "linux/arm/v7", "linux/amd64"].map(entry).into());
        let chosen =
            |platform: &str| index.select(&platform.parse().unwrap())?.platform.as_ref().map(Platform::to_string);
        assert_eq!(chosen("linux/arm/v7").as_deref(), Some("linux/arm/v7"));
        assert_eq!(chosen("linux/amd64").as_deref(), Some("linux/amd64"));
        assert_eq!(chosen("linux/s390x"), None);
        assert_eq!(index.platforms(), ["linux/arm/v6", "linux/arm/v7", "linux/amd64"]);
    }

    #[test]
    fn a_single_manifest_without_platform_is_taken() {
        assert!(Index::new(vec![entry("none")]).select(&Platform::host()).is_some());
    }

    #[test]
    fn docker_documents_are_read_and_nulls_are_empty() {
        let digest = Digest::of("");
        let list = format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{{"digest":"{digest}","size":3,"mediaType":"{}",
               "platform":{{"architecture":"amd64","os":"linux"}}}}]}}"#,
            media_type::DOCKER_LIST,
            media_type::DOCKER_MANIFEST,
        );
        assert!(matches!(Document::parse("list", list.as_bytes()), Ok(Document::Index(_))));
        let bare = format!(r#"{{"schemaVersion":2,"config":{{"digest":"{digest}","size":1}},"layers":null}}"#);
        let Ok(document @ Document::Manifest(_)) = Document::parse("bare", bare.as_bytes()) else { panic!("{bare}") };
        assert_eq!(document.media_type(), media_type::MANIFEST);
    }

    #[test]
    fn schema_one_is_refused_with_what_to_do() {
        let error = Document::parse("old", br#"{"schemaVersion":1,"fsLayers":[]}"#).unwrap_err();
        assert!(error.to_string().contains("push the image again"), "{error}");
    }

    #[test]
    fn docker_media_types_have_oci_names() {
        assert_eq!(media_type::to_oci("application/vnd.docker.image.rootfs.diff.tar.gzip"), media_type::LAYER_GZIP);
        assert_eq!(media_type::to_oci("application/x-other"), "application/x-other");
    }
}
