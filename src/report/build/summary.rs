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
    before: Option<Duration>,
}

impl BuildSummary {
    /// The same, with the time that the build before took.
    pub fn after(before: Option<Duration>) -> Self {
        Self { before, ..Self::default() }
    }

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
        let before = self.before.map(|before| format!(", {} before", time(before))).unwrap_or_default();
        let took = format!("{}{before}", time(Duration::from_millis(self.took_ms)));
        let mut lines = Vec::new();
        match &self.image {
            Some((digest, bytes, names)) => {
                let names: String = names.iter().map(|name| format!("{} ", familiar(name))).collect();
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

/// A name as people write it: without Docker Hub, its `library`, and `latest`.
fn familiar(name: &str) -> &str {
    let short = name.strip_prefix("docker.io/").unwrap_or(name);
    let short = short.strip_prefix("library/").unwrap_or(short);
    short.strip_suffix(":latest").unwrap_or(short)
}
