//! What is remembered of the last build of a context with a file and a target: the material of `why` and of costs.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::Result;
use crate::digest::{Digest, Hasher};
use crate::event::Ending;
use crate::model::ImageFacts;
use crate::plan::reason::Reason;
use crate::plan::record::StepRecord;
use crate::store::{Kind, Record, Store};

/// A build that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildRecord {
    /// When it was over, in seconds since 1970.
    pub at: i64,
    /// How long it took.
    pub took_ms: u64,
    /// The image it gave, if it succeeded.
    pub image: Option<Digest>,
    /// What its base images set, by reference in full.
    pub bases: BTreeMap<String, ImageFacts>,
    /// Its steps, in the order of its plan; for those that failed or were never reached, what they were before.
    pub steps: Vec<BuiltStep>,
}

/// A step of a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuiltStep {
    /// What it was.
    pub record: StepRecord,
    /// How it ended.
    pub ending: Ending,
    /// How long it took when it ran, in this build or the one that its result came from.
    pub took_ms: u64,
    /// Bytes of content in what it changed.
    pub size: u64,
    /// Why it ran.
    pub because: Vec<Reason>,
    /// Whether this is what it was in a build before, because this one did not come to its end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_from_before: bool,
}

impl BuiltStep {
    /// Whether it gave a result.
    pub(super) fn has_result(&self) -> bool {
        matches!(self.ending, Ending::Cached | Ending::Ran { .. })
    }
}

impl BuildRecord {
    /// The steps that it came to.
    pub fn own_steps(&self) -> impl Iterator<Item = &BuiltStep> {
        self.steps.iter().filter(|step| !step.is_from_before)
    }

    /// The last result of each step, from this build or one before.
    pub fn results(&self) -> impl Iterator<Item = &BuiltStep> {
        self.steps.iter().filter(|step| step.has_result())
    }

    /// The result that has this record.
    pub fn result(&self, record: &StepRecord) -> Option<&BuiltStep> {
        self.results().find(|step| step.record == *record)
    }

    /// How long a step took when it ran.
    pub(super) fn took(&self, record: &StepRecord) -> Option<Duration> {
        Some(Duration::from_millis(self.result(record)?.took_ms))
    }

    /// What its steps were that gave a result.
    pub fn step_records(&self) -> Vec<StepRecord> {
        self.results().map(|step| step.record.clone()).collect()
    }
}

/// The last build that is called `identity`.
pub fn last_build(store: &Store, identity: &str) -> Result<Option<BuildRecord>> {
    let record = store.records.get(Kind::Build, &key(identity))?;
    // What another version wrote is as good as nothing.
    Ok(record.and_then(|record| serde_json::from_value(record.detail).ok()))
}

/// Remembers `build` as the last one that is called `identity`.
pub(super) fn remember(store: &Store, identity: &str, build: &BuildRecord) -> Result<()> {
    let detail = serde_json::to_value(build).expect("a build record has only string keys");
    let notes = build.steps.iter().filter_map(|step| step.record.files).collect();
    Ok(store.records.put(Kind::Build, &key(identity), &Record { notes, detail, ..Record::default() })?)
}

/// The key under which the last build that is called `identity` is remembered.
pub fn key(identity: &str) -> Digest {
    let mut hasher = Hasher::new();
    hasher.field("build");
    hasher.field(identity);
    hasher.finish()
}
