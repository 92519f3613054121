//! What a build told of itself that was made elsewhere: `docker buildx build --progress=rawjson`, one JSON document a
//! line, each with what has become of some vertices since the one before.
//!
//! Reads the shape of BuildKit's `SolveStatus`, and of that the vertices alone. Does not know steps: a vertex has the name
//! that BuildKit shows. Lines that are something else (a warning of the shell, the end of a file that was cut) are passed
//! over.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// One piece of work, as the last line that tells of it leaves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vertex {
    /// As shown: `[builder 2/5] RUN make`.
    pub name: String,
    /// The digests of the vertices that it waits for.
    pub inputs: Vec<String>,
    /// How it ended.
    pub end: VertexEnd,
    /// How long it was at work.
    pub took: Duration,
    /// When it was over.
    pub completed: Option<Timestamp>,
}

/// How a vertex ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VertexEnd {
    /// Its result was there.
    Cached,
    /// It ran.
    Ran,
    /// It failed, with these words.
    Failed(String),
    /// The build was over before it was.
    Unfinished,
}

#[derive(Deserialize)]
struct Status {
    // Before it had names of its own, BuildKit wrote those of its Go fields.
    #[serde(default, alias = "Vertexes")]
    vertexes: Option<Vec<Update>>,
}

#[derive(Deserialize)]
struct Update {
    #[serde(alias = "Digest")]
    digest: String,
    #[serde(default, alias = "Inputs")]
    inputs: Option<Vec<String>>,
    #[serde(default, alias = "Name")]
    name: String,
    #[serde(default, alias = "Started", deserialize_with = "moment")]
    started: Option<Timestamp>,
    #[serde(default, alias = "Completed", deserialize_with = "moment")]
    completed: Option<Timestamp>,
    #[serde(default, alias = "Cached")]
    cached: bool,
    #[serde(default, alias = "Error")]
    error: String,
}

fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}

/// What is known of a vertex so far. It may be at work more than once: while its cache is looked for, and while it runs.
#[derive(Default)]
struct Known {
    name: String,
    inputs: Vec<String>,
    spans: BTreeMap<Timestamp, Option<Timestamp>>,
    cached: bool,
    error: String,
}

/// The vertices of a build by digest, in the order in which they were first told of; none in what is no such progress.
pub fn vertices(bytes: &[u8]) -> Vec<(String, Vertex)> {
    let mut order = Vec::new();
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let Ok(status) = serde_json::from_slice::<Status>(line) else { continue };
        for update in status.vertexes.into_iter().flatten() {
            if !known.contains_key(&update.digest) {
                order.push(update.digest.clone());
            }
            known.entry(update.digest.clone()).or_default().take(update);
        }
    }
    order.into_iter().filter_map(|digest| known.remove(&digest).map(|known| (digest, known.vertex()))).collect()
}

impl Known {
    fn take(&mut self, update: Update) {
        self.name = if update.name.is_empty() { std::mem::take(&mut self.name) } else { update.name };
        self.inputs = update.inputs.unwrap_or_else(|| std::mem::take(&mut self.inputs));
        self.cached |= update.cached;
        if !update.error.is_empty() {
            self.error = update.error;
        }
        if let Some(started) = update.started {
            let completed = self.spans.entry(started).or_default();
            *completed = (*completed).max(update.completed);
        }
    }

    fn vertex(self) -> Vertex {
        let completed = self.spans.values().copied().max().flatten();
        let is_over = !self.spans.is_empty() && self.spans.values().all(Option::is_some);
        let end = match (self.error.is_empty(), self.cached, is_over) {
            (false, ..) => VertexEnd::Failed(self.error),
            (true, true, _) => VertexEnd::Cached,
            (true, false, true) => VertexEnd::Ran,
            (true, false, false) => VertexEnd::Unfinished,
        };
        let spans = self.spans.into_iter().filter_map(|(started, completed)| Some((started, completed?)));
        Vertex { name: self.name, inputs: self.inputs, end, took: covered(spans), completed }
    }
}

/// How long these spans are together, in the order of their beginnings; what several cover counts once.
fn covered(spans: impl Iterator<Item = (Timestamp, Timestamp)>) -> Duration {
    let mut covered = Duration::ZERO;
    let mut reached: Option<Timestamp> = None;
    for (started, completed) in spans {
        let from = reached.map_or(started, |reached| reached.max(started));
        covered += Duration::try_from(completed.duration_since(from)).unwrap_or_default();
        reached = reached.max(Some(completed));
    }
    covered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(lines: &str) -> Vertex {
        let mut found = vertices(lines.as_bytes());
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0).1
    }

    #[test]
    fn a_vertex_is_what_its_lines_come_to() {
        let vertex = only(
            r##"warning: something
{"vertexes":[{"digest":"sha256:a","name":"[2/3] RUN make","inputs":["sha256:b"]}]}
{"vertexes":[{"digest":"sha256:a","name":"[2/3] RUN make","inputs":["sha256:b"],"started":"2026-01-02T03:04:05.5Z"}],"logs":[{"vertex":"sha256:a","stream":1,"data":"aGkK","timestamp":"2026-01-02T03:04:06Z"}]}
{"statuses":[{"id":"x","vertex":"sha256:a","current":1,"timestamp":"2026-01-02T03:04:06Z"}]}
{"vertexes":[{"digest":"sha256:a","name":"[2/3] RUN make","inputs":["sha256:b"],"started":"2026-01-02T03:04:05.5Z","completed":"2026-01-02T03:04:35.75Z"}]}
{"vertexes":[{"dig"##,
        );
        assert_eq!((vertex.name.as_str(), vertex.inputs), ("[2/3] RUN make", vec!["sha256:b".to_owned()]));
        assert_eq!((vertex.end, vertex.took), (VertexEnd::Ran, Duration::from_millis(30_250)));
    }

    #[test]
    fn times_at_work_are_added_and_overlaps_counted_once() {
        let span = |from: u32, to: u32| {
            format!(
                r#"{{"vertexes":[{{"digest":"a","started":"2026-01-01T00:00:{from:02}Z","completed":"2026-01-01T00:00:{to:02}Z"}}]}}"#
            )
        };
        assert_eq!(only(&[span(1, 2), span(10, 20), span(15, 25)].join("\n")).took, Duration::from_secs(16));
    }

    #[test]
    fn how_a_vertex_ended_is_told() {
        let vertex = |rest: &str| only(&format!(r#"{{"vertexes":[{{"digest":"a","name":"n",{rest}}}]}}"#)).end;
        let times = r#""started":"2026-01-01T00:00:01Z","completed":"2026-01-01T00:00:02Z""#;
        assert_eq!(vertex(&format!(r#"{times},"cached":true"#)), VertexEnd::Cached);
        assert_eq!(vertex(&format!(r#"{times},"error":"exit code: 2""#)), VertexEnd::Failed("exit code: 2".to_owned()));
        assert_eq!(vertex(r#""started":"2026-01-01T00:00:01Z""#), VertexEnd::Unfinished);
        assert!(vertices(b"#1 [internal] load\n#2 DONE\n").is_empty());
    }
}
