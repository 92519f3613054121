//! From a config and layers to an image.

use std::collections::BTreeMap;

use super::config::{ImageConfig, RootFs};
use super::image::{Image, Layer};
use super::manifest::{Descriptor, Manifest, media_type};

/// Makes an OCI image of `config` and `layers`, lowest first. The config's list of layers is filled in here; layers of
/// a Docker base image get the OCI name of what they are.
///
/// # Panics
///
/// When the history, if there is one, speaks of another number of layers than there are.
pub fn assemble(mut config: ImageConfig, mut layers: Vec<Layer>, annotations: BTreeMap<String, String>) -> Image {
    let told = config.history.iter().filter(|line| !line.empty_layer).count();
    assert!(config.history.is_empty() || told == layers.len(), "the history tells of every layer and of no other");
    config.rootfs = RootFs::new(layers.iter().map(|layer| layer.diff_id).collect());
    for layer in &mut layers {
        let blob = &mut layer.blob;
        *blob = Descriptor {
            urls: blob.urls.clone(),
            ..Descriptor::new(&media_type::to_oci(&blob.media_type), blob.digest, blob.size)
        };
    }
    let config_bytes = config.to_bytes();
    let config_descriptor = Descriptor::of(media_type::CONFIG, &config_bytes);
    let blobs = layers.iter().map(|layer| layer.blob.clone()).collect();
    let mut manifest = Manifest::new(config_descriptor.clone(), blobs);
    manifest.annotations = annotations;
    let manifest_bytes = manifest.to_bytes();
    let descriptor = Descriptor::of(media_type::MANIFEST, &manifest_bytes);
    Image { descriptor, manifest_bytes, config, config_descriptor, config_bytes, layers }
}
