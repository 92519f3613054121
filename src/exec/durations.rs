//! What commands took in past builds, whichever Dockerfile they stood in: kept in the store, one record a command.

use std::time::Duration;

use super::error::Result;
use super::last_build::BuiltStep;
use crate::event::Ending;
use crate::plan::timing::{self, MOST_RUNS};
use crate::plan::{Operation, Planned, Step};
use crate::store::{Kind, Record, Store};

/// Remembers what the commands took that ran in a build of `planned`.
pub(super) fn note(store: &Store, planned: &Planned, steps: &[BuiltStep]) -> Result<()> {
    for (step, built) in planned.steps.iter().zip(steps) {
        if !is_timed(step) || !matches!(built.ending, Ending::Ran { .. }) {
            continue;
        }
        let key = timing::key(planned, step);
        let mut times = times(store.records.get(Kind::Took, &key)?);
        times.insert(0, built.took_ms);
        times.truncate(MOST_RUNS);
        store.records.put(Kind::Took, &key, &Record { detail: times.into(), ..Record::default() })?;
    }
    Ok(())
}

/// For each step of a plan what it usually takes, as far as it was seen to run.
pub fn usual_durations(store: &Store, planned: &Planned) -> Result<Vec<Option<Duration>>> {
    let of = |step: &Step| {
        if !is_timed(step) {
            return Ok(None);
        }
        let times = times(store.records.get(Kind::Took, &timing::key(planned, step))?);
        let times: Vec<Duration> = times.into_iter().map(Duration::from_millis).collect();
        Ok(timing::median(&times))
    };
    planned.steps.iter().map(of).collect()
}

/// What a base takes depends on what is there already, not on what it is.
fn is_timed(step: &Step) -> bool {
    !matches!(step.operation, Operation::Base(_))
}

/// What another version wrote is as good as nothing.
fn times(record: Option<Record>) -> Vec<u64> {
    record.and_then(|record| serde_json::from_value(record.detail).ok()).unwrap_or_default()
}
