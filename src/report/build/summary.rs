//! What a build gave: the image, its size, what of it is new, how long it took.

use std::time::Duration;

use crate::digest::Digest;
use crate::event::{Event, Timed};
use crate::report::count::{counted, size, time};
use crate::report::style::Style;

/// Gathers what the last lines of a build tell.
#[derive(Debug, Clone, Default)]
pub struct BuildSummary {
    image: Option<(Digest, u64, Vec<String>)>,
    new_layers: Vec<u64>,
    outputs: Vec<String>,
    took_ms: u64,
}

impl BuildSummary {
    /// Takes note of an event.
    pub fn observe(&mut self, timed: &Timed) {
        self.took_ms = self.took_ms.max(timed.at_ms);
        match &timed.event {
            Event::LayerPacked { size, is_new: true, .. } => self.new_layers.push(*size),
            Event::ImageMade { digest, size, names } => self.image = Some((*digest, *size, names.clone())),
            Event::Written { output } => self.outputs.push(output.clone()),
            _ => {}
        }
    }

    /// The digest of the image, in full.
    pub fn digest(&self) -> Option<&Digest> {
        self.image.as_ref().map(|(digest, ..)| digest)
    }

    /// The lines: the image, then each output.
    pub fn lines(&self, style: Style) -> Vec<String> {
        let took = time(Duration::from_millis(self.took_ms));
        let mut lines = Vec::new();
        match &self.image {
            Some((digest, bytes, names)) => {
                let names = if names.is_empty() { String::new() } else { format!("{} ", names.join(" ")) };
                let digest = format!("sha256:{}{}", digest.short(), style.pick("…", "..."));
                lines.push(format!("{names}{digest}, {}, {}. {took}", size(*bytes), self.new_layers()));
            }
            None => lines.push(format!("Done. {took}")),
        }
        lines.extend(self.outputs.iter().map(|output| format!("Written: {output}")));
        lines
    }

    fn new_layers(&self) -> String {
        match &self.new_layers[..] {
            [] => "no new layer".to_owned(),
            layers => format!("{} ({})", counted(layers.len(), "new layer"), size(layers.iter().sum())),
        }
    }
}
