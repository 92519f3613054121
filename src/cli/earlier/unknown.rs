//! What a binary without an executor knows of earlier builds: there is none.

use crate::cli::exit::Answer;
use crate::cli::subject::Subject;
use crate::plan::Planned;
use crate::plan::critical::Cost;
use crate::plan::since::Difference;
use crate::rewrite::Costs;

/// A build that cannot have been.
pub(in crate::cli) enum LastBuild {}

impl LastBuild {
    pub(in crate::cli) fn beside(&self, _: &Subject, _: &Planned) -> (Difference, Vec<Cost>) {
        match *self {}
    }

    pub(in crate::cli) fn costs(&self) -> Costs {
        match *self {}
    }
}

pub(in crate::cli) fn recall(_: &mut Subject, _: Option<&str>) -> Answer<Option<LastBuild>> {
    Ok(None)
}
