//! What an image is made of, as data: its history with sizes, its layers, their entries, and the tree they add up to.
//!
//! Every layer is read once, and verified while it is read. Layers are numbered from 1, lowest first. How any of it is
//! shown is not decided here.

mod listing;
mod tree;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use super::blob::{BlobSource, Verified};
use super::config::{ImageConfig, RunConfig};
use super::error::Result;
use super::image::{Image, Layer};
use super::layer::{Entry, LayerReader};
use crate::digest::Digest;
pub use listing::{Listed, ListedKind};
pub use tree::{Gone, Tree, TreeEntry, Way};

/// An image, read through.
#[derive(Debug, Clone, Serialize)]
pub struct Inspection {
    /// The digest of its manifest.
    pub digest: Digest,
    /// `os/architecture[/variant]`
    pub platform: String,
    /// When it was made.
    pub created: Option<String>,
    /// Who made it.
    pub author: String,
    /// What its layers take as they travel.
    pub blob_size: u64,
    /// What the files of its layers take, those that are hidden later included.
    pub content_size: u64,
    /// What a container runs with.
    pub config: RunConfig,
    /// How it came about, oldest first.
    pub history: Vec<HistoryLine>,
    /// Its layers, lowest first.
    pub layers: Vec<LayerSummary>,
    #[serde(skip)]
    entries: Vec<Vec<Entry>>,
}

/// A line of the history with the layer it made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryLine {
    /// When.
    pub created: Option<String>,
    /// By what; empty for a layer that the history does not tell of.
    pub created_by: String,
    /// The builder's remark.
    pub comment: String,
    /// The layer it made, if it made one.
    pub layer: Option<usize>,
    /// What the files of that layer take.
    pub size: u64,
}

/// A layer in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LayerSummary {
    /// Its number, from 1.
    pub number: usize,
    /// The digest of the blob it travels as.
    pub digest: Digest,
    /// The digest of the uncompressed tar.
    pub diff_id: Digest,
    /// What kind of blob it is.
    pub media_type: String,
    /// The size of the blob.
    pub blob_size: u64,
    /// What its files take.
    pub content_size: u64,
    /// How many entries it has.
    pub entries: usize,
}

/// Reads `image` through, its layers from `source`, on as many threads as `threads` says.
pub fn inspect(image: &Image, source: &dyn BlobSource, threads: usize) -> Result<Inspection> {
    let entries = read_layers(&image.layers, source, threads)?;
    let summary = |(index, layer): (usize, &Layer)| LayerSummary {
        number: index + 1,
        digest: layer.blob.digest,
        diff_id: layer.diff_id,
        media_type: layer.blob.media_type.clone(),
        blob_size: layer.blob.size,
        content_size: entries[index].iter().map(Entry::content_size).sum(),
        entries: entries[index].len(),
    };
    let layers: Vec<LayerSummary> = image.layers.iter().enumerate().map(summary).collect();
    Ok(Inspection {
        digest: image.digest(),
        platform: image.config.platform.to_string(),
        created: image.config.created.clone(),
        author: image.config.author.clone(),
        blob_size: layers.iter().map(|layer| layer.blob_size).sum(),
        content_size: layers.iter().map(|layer| layer.content_size).sum(),
        config: image.config.config.clone(),
        history: history(&image.config, &layers),
        layers,
        entries,
    })
}

impl Inspection {
    /// The entries of layer `number`, in the layer's order; none if there is no such layer.
    pub fn layer(&self, number: usize) -> Option<Vec<Listed>> {
        let entries = self.entries.get(number.checked_sub(1)?)?;
        Some(entries.iter().map(Listed::of).collect())
    }

    /// The tree that a container sees, and what lies hidden below it.
    pub fn tree(&self) -> Tree {
        tree::merge(&self.entries)
    }
}

/// Gives each line of the history that made a layer its layer, and each layer left over a line of its own.
fn history(config: &ImageConfig, layers: &[LayerSummary]) -> Vec<HistoryLine> {
    let mut rest = layers.iter();
    let mut lines: Vec<HistoryLine> = Vec::new();
    for told in &config.history {
        let layer = if told.empty_layer { None } else { rest.next() };
        lines.push(HistoryLine {
            created: told.created.clone(),
            created_by: told.created_by.clone(),
            comment: told.comment.clone(),
            layer: layer.map(|layer| layer.number),
            size: layer.map_or(0, |layer| layer.content_size),
        });
    }
    lines.extend(rest.map(|layer| HistoryLine {
        created: None,
        created_by: String::new(),
        comment: String::new(),
        layer: Some(layer.number),
        size: layer.content_size,
    }));
    lines
}

fn read_layers(layers: &[Layer], source: &dyn BlobSource, threads: usize) -> Result<Vec<Vec<Entry>>> {
    let next = AtomicUsize::new(0);
    let read: Mutex<Vec<Option<Result<Vec<Entry>>>>> = Mutex::new(layers.iter().map(|_| None).collect());
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(layer) = layers.get(index) else { return };
            let entries = read_layer(layer, source);
            read.lock().expect("nobody panics while holding the layers")[index] = Some(entries);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(layers.len()) {
            scope.spawn(work);
        }
        work();
    });
    let read = read.into_inner().expect("nobody panics while holding the layers");
    read.into_iter().map(|entries| entries.expect("every layer was read by one of the threads")).collect()
}

fn read_layer(layer: &Layer, source: &dyn BlobSource) -> Result<Vec<Entry>> {
    let mut reader = LayerReader::new(Verified::new(source.open(&layer.blob)?, &layer.blob))?;
    let mut entries = Vec::new();
    while let Some(entry) = reader.next_entry()? {
        entries.push(entry);
    }
    reader.finish_as(layer)?;
    Ok(entries)
}
