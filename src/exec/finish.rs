//! From a built target to an image: its config, its history, its layers, and its names in the store.

use std::collections::BTreeMap;

use super::chain::Chain;
use super::config::stored;
use super::error::{Error, Result};
use super::foreman::Findings;
use super::images::BaseImage;
use super::prepare::platform;
use super::request::{ImageFormat, Made, Settings};
use crate::model::image_ref::ImageRef;
use crate::oci;
use crate::oci::config::{History, ImageConfig};
use crate::oci::{Image, ImageName};
use crate::plan::{Operation, Planned};
use crate::store::{Store, Tag};

/// What BuildKit says of itself in every line of the history; tools look for it.
const COMMENT: &str = "buildkit.dockerfile.v0";

/// The image of the target of `planned` in the form of `format`, in which `layers` are.
pub(super) fn assemble(
    planned: &Planned,
    images: &BTreeMap<(String, String), BaseImage<'_>>,
    layers: Vec<oci::Layer>,
    findings: &Findings,
    settings: &Settings,
    format: &ImageFormat,
) -> Image {
    let stage = planned.target_stage();
    let base = planned.base_step(stage).and_then(|step| match &planned.step(step).operation {
        Operation::Base(base) => images.get(&(base.normalized.clone(), base.platform.clone())),
        _ => None,
    });
    let mut config = match base {
        Some(base) => base.image.config.clone(),
        None => ImageConfig::new(platform(&planned.platform)),
    };
    config.config = stored(&stage.config);
    if let Some(author) = &stage.config.author {
        config.author.clone_from(author);
    }
    let below = match (base, planned.base_step(stage)) {
        (Some(base), _) => base.image.layers.len(),
        // The files of a named context.
        (None, Some(_)) => 1,
        (None, None) => 0,
    };
    tell_of_every_layer(&mut config, below);
    write_history(&mut config, planned, findings, settings);
    config.config.labels.extend(settings.labels.clone());
    let mut image = oci::assemble_in(format.dialect, config, layers, format.annotations.clone());
    image.descriptor.annotations.clone_from(&format.descriptor_annotations);
    image
}

/// The layers of `chain`, which were packed as their steps were over.
pub(super) fn packed_layers(chain: &Chain, findings: &Findings) -> Vec<oci::Layer> {
    let layer = |prefix: Chain| {
        let top = prefix.top().expect("a prefix has a top");
        findings.layers.get(&top.id).expect("every layer of the target is packed").layer.clone()
    };
    chain.prefixes().map(layer).collect()
}

/// Makes the history of a base image speak of as many layers as there are.
fn tell_of_every_layer(config: &mut ImageConfig, layers: usize) {
    let told = config.history.iter().filter(|line| !line.empty_layer).count();
    if told > layers {
        config.history.clear();
        return tell_of_every_layer(config, layers);
    }
    config.history.extend((told..layers).map(|_| History::default()));
}

fn write_history(config: &mut ImageConfig, planned: &Planned, findings: &Findings, settings: &Settings) {
    let lines = planned.history(planned.target_stage());
    let time = |seconds: i64| {
        let seconds = settings.epoch.unwrap_or(seconds);
        jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string())
    };
    let made = |step: &Option<_>| step.and_then(|step| findings.made_at.get(&step).copied());
    let times: Vec<i64> = lines.iter().filter_map(|line| made(&line.layer)).collect();
    // A line without a layer has the time of the layer before it; if that is not a new one, of the first that is.
    let of_base = config.history.iter().rev().find_map(|line| line.created.clone());
    let mut latest = times.first().copied().or(settings.epoch);
    for line in &lines {
        latest = made(&line.layer).or(latest);
        config.history.push(History {
            created: latest.and_then(time).or_else(|| of_base.clone()),
            created_by: line.created_by.clone(),
            comment: COMMENT.to_owned(),
            empty_layer: line.is_empty_layer(),
            ..History::default()
        });
    }
    if let Some(created) = times.last().copied().or(settings.epoch.filter(|_| !lines.is_empty())).and_then(time) {
        config.created = Some(created);
    }
}

/// Puts `image` into the store under `names`.
pub(super) fn keep(store: &Store, image: &Image, chain: &Chain, names: &[ImageName]) -> Result<()> {
    store.blobs.keep(&image.manifest_bytes)?;
    store.blobs.keep(&image.config_bytes)?;
    for name in names {
        store.tags.put(&Tag {
            name: name.full().to_owned(),
            manifest: image.digest(),
            config: image.config_descriptor.digest,
            layers: image.layers.iter().map(|layer| layer.blob.digest).collect(),
            snapshot: chain.top().map(|top| top.id.clone()),
            tagged_at: jiff::Timestamp::now().as_second(),
        })?;
    }
    Ok(())
}

/// The names as they are written out in full.
pub(super) fn full_names(names: &[String]) -> Result<Vec<ImageName>> {
    let full = |name: &String| match ImageRef::parse(name) {
        Ok(parsed) if parsed.digest().is_none() => Ok(ImageName::new(parsed.to_string())),
        Ok(_) => {
            let message = format!("`{name}`: an image gets its digest from what is in it; name it without one");
            Err(Error::Wrong { message, span: None })
        }
        Err(error) => Err(Error::Wrong { message: format!("`{name}`: {error}"), span: None }),
    };
    names.iter().map(full).collect()
}

/// What is told of the image.
pub(super) fn made(image: &Image, names: &[ImageName], findings: &Findings, chain: &Chain) -> Made {
    let packed = || findings.layers.values().filter(|packed| packed.is_new);
    let layers: u64 = image.layers.iter().map(|layer| layer.blob.size).sum();
    Made {
        digest: image.digest(),
        config: image.config_descriptor.digest,
        descriptor: image.descriptor.clone(),
        created: image.config.created.clone(),
        size: image.descriptor.size + image.config_descriptor.size + layers,
        names: names.iter().map(|name| name.full().to_owned()).collect(),
        new_layers: packed().count(),
        new_size: packed().map(|packed| packed.layer.blob.size).sum(),
        files: chain.top().map(|top| top.id.clone()),
    }
}
