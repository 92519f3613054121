//! What the store remembers of earlier builds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{EarlierStep, LastBuild, Maker, Shelf};
use crate::cli::build::in_full;
use crate::cli::exit::{Answer, Failure};
use crate::cli::machine::Machine;
use crate::cli::subject::Subject;
use crate::digest::Digest;
use crate::exec::{self, BuildRecord, BuiltStep, build_key, files_of, last_build, usual_durations};
use crate::plan::Planned;
use crate::store::{Kind, Record, Store};

/// The last build of that identity, if one is known: rplan's own, or docker's where that is newer; or that of the `maker`
/// that is asked for.
pub(super) fn last(identity: &str, maker: Option<Maker>) -> Answer<Option<LastBuild>> {
    let failed = |error: exec::Error| Failure::environment(in_full(&error));
    let store = Store::open_existing(&Machine::read()?.store).map_err(|error| failed(error.into()))?;
    let Some(store) = store else { return Ok(None) };
    let own = last_build(&store, identity).map_err(failed)?;
    let docker = store.records.get(Kind::Build, &key_elsewhere(identity)).map_err(|error| failed(error.into()))?;
    // What another version wrote is as good as nothing.
    let docker: Option<LastBuild> = docker.and_then(|record| serde_json::from_value(record.detail).ok());
    let own = own.map(LastBuild::from);
    let is_asked_for = |build: &LastBuild| maker.is_none_or(|maker| build.maker == maker);
    let last = own.into_iter().chain(docker).filter(is_asked_for).max_by_key(|build| build.at);
    let shelf: Shelf = Arc::new(move |list| files_of(&store, list));
    Ok(last.map(|build| LastBuild { shelf: Some(shelf), ..build }))
}

/// Keeps a build of docker's as the last one. Where there is no place for that, it counts this once.
pub(super) fn keep(subject: &Subject, target: Option<&str>, build: &LastBuild) {
    let kept = || -> Result<(), Box<dyn std::error::Error>> {
        let machine = Machine::read().map_err(|_| "there is no place for a store")?;
        let store = Store::open(&machine.store)?;
        let record = Record { detail: serde_json::to_value(build)?, ..Record::default() };
        Ok(store.records.put(Kind::Build, &key_elsewhere(&subject.identity(target)), &record)?)
    };
    if let Err(error) = kept() {
        tracing::warn!("the times are not kept: {error}");
    }
}

/// What each step usually takes, as far as it was seen to run.
pub(super) fn usual(planned: &Planned) -> Answer<Vec<Option<Duration>>> {
    match Store::open_existing(&Machine::read()?.store).map_err(Failure::environment)? {
        Some(store) => usual_durations(&store, planned).map_err(Failure::environment),
        None => Ok(vec![None; planned.steps.len()]),
    }
}

/// Beside rplan's own last build, which its next one is compared with.
fn key_elsewhere(identity: &str) -> Digest {
    build_key(&format!("{identity}\ndocker"))
}

impl From<BuildRecord> for LastBuild {
    fn from(build: BuildRecord) -> Self {
        let BuildRecord { at, took_ms, image, bases, steps } = build;
        let step = |step: BuiltStep| EarlierStep {
            record: step.record,
            ending: step.ending,
            took_ms: Some(step.took_ms),
            size: Some(step.size),
            because: step.because,
            is_from_before: step.is_from_before,
        };
        let steps = steps.into_iter().map(step).collect();
        Self {
            maker: Maker::Rplan,
            at,
            took_ms,
            succeeded: image.is_some(),
            image,
            bases,
            steps,
            lists: BTreeMap::new(),
            shelf: None,
        }
    }
}
