//! `--format json`: what a build gave, for programs.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use crate::digest::Digest;
use crate::event::{Ending, Event, StepInfo, StepNumber, Timed};
use crate::report::envelope;

/// What the document looks like, as a JSON schema.
pub const RESULT_SCHEMA: &str = include_str!("result.schema.json");

/// Gathers what there is to say of a build when it is over.
#[derive(Debug, Clone, Default)]
pub struct BuildResult {
    subject: String,
    steps: Vec<StepInfo>,
    ended: BTreeMap<StepNumber, Ended>,
    layers: BTreeMap<StepNumber, Layer>,
    kept_roots: BTreeMap<StepNumber, String>,
    image: Option<Image>,
    outputs: Vec<String>,
    notes: Vec<String>,
    took_ms: u64,
    succeeded: bool,
}

#[derive(Debug, Clone)]
struct Ended {
    ending: Ending,
    took_ms: u64,
    size: u64,
    because: Vec<String>,
}

/// A layer as it travels.
#[derive(Debug, Clone, Serialize)]
struct Layer {
    digest: Digest,
    size: u64,
    is_new: bool,
}

#[derive(Debug, Clone, Serialize)]
struct Image {
    digest: Digest,
    size: u64,
    names: Vec<String>,
}

impl BuildResult {
    /// Nothing yet, of a build of `subject`: the Dockerfile and its context, in words.
    pub fn of(subject: String) -> Self {
        Self { subject, ..Self::default() }
    }

    /// Takes note of an event.
    pub fn observe(&mut self, timed: &Timed) {
        self.took_ms = self.took_ms.max(timed.at_ms);
        match &timed.event {
            Event::Planned { steps } => self.steps = steps.clone(),
            Event::StepEnded { step, ending, took_ms, size, because } => {
                let (took_ms, size) = (*took_ms, *size);
                let ended = Ended { ending: ending.clone(), took_ms, size, because: because.clone() };
                self.ended.insert(*step, ended);
            }
            Event::LayerPacked { step, blob, size, is_new } => {
                self.layers.insert(*step, Layer { digest: *blob, size: *size, is_new: *is_new });
            }
            Event::RootKept { step, path } => _ = self.kept_roots.insert(*step, path.clone()),
            Event::ImageMade { digest, size, names } => {
                self.image = Some(Image { digest: *digest, size: *size, names: names.clone() });
            }
            Event::Written { output } => self.outputs.push(output.clone()),
            Event::Noted { note } => self.notes.push(note.clone()),
            Event::Finished { succeeded } => self.succeeded = *succeeded,
            _ => {}
        }
    }

    /// Whether any step had to run.
    pub fn has_run_anything(&self) -> bool {
        self.ended.values().any(|ended| matches!(ended.ending, Ending::Ran { .. }))
    }

    /// The roots of failed steps that were kept: the name of the step, and where.
    pub fn kept_roots(&self) -> impl Iterator<Item = (&str, &str)> {
        let name = |step: &StepNumber| self.steps.get(step.0).map_or("", |info| info.name.as_str());
        self.kept_roots.iter().map(move |(step, path)| (name(step), path.as_str()))
    }

    /// Writes it as JSON, in rplan's envelope, with what stopped the build where that was no step.
    pub fn write_json(&self, error: Option<&str>, out: &mut dyn io::Write) -> io::Result<()> {
        let document = Document {
            subject: &self.subject,
            succeeded: self.succeeded,
            seconds: seconds(self.took_ms),
            error,
            image: self.image.as_ref(),
            outputs: &self.outputs,
            steps: self.entries(),
            notes: &self.notes,
        };
        envelope::write("build", &document, out)
    }

    /// The steps that are over, in the order of the file.
    fn entries(&self) -> Vec<Entry<'_>> {
        let numbered = self.steps.iter().enumerate().map(|(number, info)| (StepNumber(number), info));
        let entry = |(number, info)| {
            let (layer, kept_root) = (self.layers.get(&number), self.kept_roots.get(&number).map(String::as_str));
            Some(Entry { layer, kept_root, ..Entry::of(info, self.ended.get(&number)?) })
        };
        numbered.filter_map(entry).collect()
    }
}

#[derive(Serialize)]
struct Document<'a> {
    subject: &'a str,
    succeeded: bool,
    seconds: f64,
    error: Option<&'a str>,
    image: Option<&'a Image>,
    outputs: &'a [String],
    steps: Vec<Entry<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    text: &'a str,
    stage: &'a str,
    ending: &'a Ending,
    seconds: f64,
    size: u64,
    because: &'a [String],
    layer: Option<&'a Layer>,
    kept_root: Option<&'a str>,
}

impl<'a> Entry<'a> {
    fn of(info: &'a StepInfo, ended: &'a Ended) -> Self {
        Self {
            name: &info.name,
            text: &info.text,
            stage: &info.stage,
            ending: &ended.ending,
            seconds: seconds(ended.took_ms),
            size: ended.size,
            because: &ended.because,
            layer: None,
            kept_root: None,
        }
    }
}

fn seconds(ms: u64) -> f64 {
    std::time::Duration::from_millis(ms).as_secs_f64()
}
