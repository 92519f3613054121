//! From a config and layers to an image.

use std::collections::BTreeMap;

use super::config::{ImageConfig, RootFs};
use super::image::{Image, Layer};
use super::manifest::{Descriptor, Manifest, media_type};

/// Whose names the documents and layers of an image go by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dialect {
    /// OCI's.
    #[default]
    Oci,
    /// Docker's, for registries and programs that know no other.
    Docker,
}

impl Dialect {
    fn name(self, media_type: &str) -> String {
        match self {
            Self::Oci => media_type::to_oci(media_type),
            Self::Docker => media_type::to_docker(&media_type::to_oci(media_type)),
        }
    }
}

/// Makes an OCI image of `config` and `layers`; see [`assemble_in`].
pub fn assemble(config: ImageConfig, layers: Vec<Layer>, annotations: BTreeMap<String, String>) -> Image {
    assemble_in(Dialect::Oci, config, layers, annotations)
}

/// Makes an image of `config` and `layers`, lowest first. The config's list of layers is filled in here; layers of
/// a base image get the dialect's name of what they are.
///
/// # Panics
///
/// When the history, if there is one, speaks of another number of layers than there are.
pub fn assemble_in(
    dialect: Dialect,
    mut config: ImageConfig,
    mut layers: Vec<Layer>,
    annotations: BTreeMap<String, String>,
) -> Image {
    let told = config.history.iter().filter(|line| !line.empty_layer).count();
    assert!(config.history.is_empty() || told == layers.len(), "the history tells of every layer and of no other");
    config.rootfs = RootFs::new(layers.iter().map(|layer| layer.diff_id).collect());
    for layer in &mut layers {
        let blob = &mut layer.blob;
        *blob = Descriptor {
            urls: blob.urls.clone(),
            ..Descriptor::new(&dialect.name(&blob.media_type), blob.digest, blob.size)
        };
    }
    let config_bytes = config.to_bytes();
    let config_descriptor = Descriptor::of(&dialect.name(media_type::CONFIG), &config_bytes);
    let blobs = layers.iter().map(|layer| layer.blob.clone()).collect();
    let mut manifest = Manifest::new(config_descriptor.clone(), blobs);
    manifest.media_type = dialect.name(media_type::MANIFEST);
    manifest.annotations = annotations;
    let manifest_bytes = manifest.to_bytes();
    let descriptor = Descriptor::of(&manifest.media_type, &manifest_bytes);
    Image { descriptor, manifest_bytes, config, config_descriptor, config_bytes, layers }
}
