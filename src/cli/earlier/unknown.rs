//! What a binary without an executor remembers of earlier builds: nothing, as it has no store.

use std::time::Duration;

use super::{LastBuild, Maker};
use crate::cli::exit::Answer;
use crate::cli::subject::Subject;
use crate::plan::Planned;

pub(super) fn last(_: &str, _: Option<Maker>) -> Answer<Option<LastBuild>> {
    Ok(None)
}

pub(super) fn keep(_: &Subject, _: Option<&str>, _: &LastBuild) {}

pub(super) fn usual(planned: &Planned) -> Answer<Vec<Option<Duration>>> {
    Ok(vec![None; planned.steps.len()])
}
