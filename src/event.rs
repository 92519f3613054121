//! The typed events of a build, in the order they happened.
//!
//! Progress on a terminal, the JSONL log and the timing report are functions of these and of nothing else. Does not
//! know who listens. Every step that begins ends exactly once; a step that was cached ends without having begun.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::text::Span;

/// Which step, counted from 0 in the order of [`Event::Planned`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepNumber(pub usize);

/// An event, and when it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timed {
    /// Milliseconds since the build began.
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Something that happened during a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// An image is looked for.
    ImageWanted {
        /// The reference as written.
        reference: String,
    },
    /// An image was found.
    ImageFound {
        /// The reference as written.
        reference: String,
        /// Which image that is.
        digest: Digest,
        /// Where.
        place: ImagePlace,
    },
    /// A part of an image is on its way.
    ImageMoved {
        /// The reference as written.
        reference: String,
        /// Which blob.
        blob: Digest,
        /// Bytes so far.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// A part of an image is on its way to a registry.
    ImageSent {
        /// The name it is pushed to, in full.
        name: String,
        /// Which blob.
        blob: Digest,
        /// Bytes so far.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// It is known what there is to do.
    Planned {
        /// Every step, in the order of the file.
        steps: Vec<StepInfo>,
    },
    /// Something is worth saying that stops nothing.
    Noted {
        /// A sentence.
        note: String,
    },
    /// A step begins to run.
    StepBegan {
        /// Which.
        step: StepNumber,
    },
    /// A step says something.
    StepOutput {
        /// Which.
        step: StepNumber,
        /// One line, without its newline; bytes that are no text are replaced.
        line: String,
    },
    /// A step is over.
    StepEnded {
        /// Which.
        step: StepNumber,
        /// How.
        ending: Ending,
        /// How long it took; for a cached step, how long it took when it ran.
        took_ms: u64,
        /// Bytes of content in what it changed.
        size: u64,
        /// Why it ran, in sentences; empty for a cached step.
        because: Vec<String>,
    },
    /// A step failed, and somebody looks around in what it left; nothing else is shown meanwhile.
    ShellOpened {
        /// Which step.
        step: StepNumber,
        /// How it failed.
        why: String,
    },
    /// They have left.
    ShellClosed {
        /// Which step.
        step: StepNumber,
    },
    /// A step failed, and its root stays where it can be looked at.
    RootKept {
        /// Which step.
        step: StepNumber,
        /// The directory.
        path: String,
    },
    /// What a step changed is on its way into a layer.
    LayerMoved {
        /// Which step.
        step: StepNumber,
        /// Bytes of content so far.
        done: u64,
        /// Bytes of content in all.
        total: u64,
    },
    /// What a step changed is a layer of the image now.
    LayerPacked {
        /// Which step.
        step: StepNumber,
        /// The digest of the layer as it travels.
        blob: Digest,
        /// Its size.
        size: u64,
        /// Whether this build packed it; otherwise it was there.
        is_new: bool,
    },
    /// The image is complete.
    ImageMade {
        /// Its manifest.
        digest: Digest,
        /// Its size as it travels.
        size: u64,
        /// The names it has in rplan's store.
        names: Vec<String>,
    },
    /// An output was written.
    Written {
        /// Where to, and as what.
        output: String,
    },
    /// The build is over.
    Finished {
        /// Whether everything that was asked for is there.
        succeeded: bool,
    },
}

/// Where an image was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImagePlace {
    /// A named context.
    NamedContext,
    /// A tag in rplan's store.
    Store,
    /// A registry.
    Registry,
}

/// What there is to say of a step beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepInfo {
    /// `[4/5]` or `[builder 2/5]`; empty for a line that makes no layer.
    pub name: String,
    /// The instruction on one line.
    pub text: String,
    /// Where it is written.
    pub span: Span,
    /// Its stage: the name, or the number.
    #[serde(default)]
    pub stage: String,
    /// The steps that must be over before it can begin.
    #[serde(default)]
    pub waits_for: Vec<StepNumber>,
    /// How long it is expected to run, if it has to.
    #[serde(default)]
    pub expected: Expected,
}

impl StepInfo {
    /// A step of which no more is known than what it is called and what it says.
    pub fn called(name: String, text: String) -> Self {
        let (stage, waits_for, expected) = (String::new(), Vec::new(), Expected::default());
        Self { name, text, span: Span::at(0), stage, waits_for, expected }
    }
}

/// How long something will take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Expected {
    /// Milliseconds.
    pub ms: u64,
    /// Whether it took that long before; otherwise such steps usually do.
    pub measured: bool,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Ending {
    /// Nothing had to run.
    Cached,
    /// It ran.
    Ran {
        /// Whether it gave what it had given before, so that what follows stays cached.
        same_layer: bool,
    },
    /// It ran and failed, or could not.
    Failed {
        /// What happened, in a sentence.
        why: String,
        /// The exit code of its command, if it had one.
        code: Option<i32>,
    },
    /// The build was called off while it ran.
    Cancelled,
}

/// Milliseconds, as events count.
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_flat_object_that_reads_back() {
        let ending = Ending::Failed { why: "exit code 2".into(), code: Some(2) };
        let event = Event::StepEnded { step: StepNumber(3), ending, took_ms: 7, size: 0, because: Vec::new() };
        let timed = Timed { at_ms: 12, event };
        let line = serde_json::to_string(&timed).unwrap();
        assert_eq!(
            line,
            r#"{"at_ms":12,"event":"step_ended","step":3,"ending":{"how":"failed","why":"exit code 2","code":2},"took_ms":7,"size":0,"because":[]}"#
        );
        assert_eq!(serde_json::from_str::<Timed>(&line).unwrap(), timed);
    }
}
