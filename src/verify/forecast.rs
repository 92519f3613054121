//! What the builds so far say of the next one: which steps run, and how long that takes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::bench::Built;
use crate::event::Ending;
use crate::model::BuildContext;
use crate::plan::critical::{self, Cost};
use crate::plan::stale::{Builder, Changes, Fate, invalidated};
use crate::plan::{Planned, StepId};
use crate::rewrite::Forecast;

/// What is known of the builds of one file.
#[derive(Debug, Default)]
pub(super) struct Experience {
    costs: BTreeMap<StepId, Duration>,
    /// What builds took besides their steps, by which steps those were.
    overheads: BTreeMap<BTreeSet<StepId>, Duration>,
    latest: Duration,
}

impl Experience {
    /// Learns from a build; `is_cold` when it began with nothing, which says nothing of rebuilds but what steps take.
    pub(super) fn learn(&mut self, built: &Built, is_cold: bool) {
        let ran = ran(built);
        let took =
            built.steps.iter().filter(|result| ran.contains(&result.step)).map(|result| (result.step, result.took));
        self.costs.extend(took);
        if !is_cold {
            let overhead = built.took.saturating_sub(self.path(&built.planned, &ran));
            self.latest = overhead;
            self.overheads.insert(ran, overhead);
        }
    }

    /// What was to be expected of `built` when these paths of the context had changed since the build before.
    pub(super) fn forecast(&self, built: &Built, changed: &BTreeSet<String>, context: &dyn BuildContext) -> Forecast {
        let planned = &built.planned;
        let changes = Changes::of_paths(changed.iter().map(String::as_str), Some(context));
        let fates = invalidated(planned, &changes, Some(context), Builder::Rplan);
        let those = |is: &dyn Fn(&Fate) -> bool| -> BTreeSet<StepId> {
            planned.steps.iter().map(|step| step.id).filter(|step| is(&fates[step.0])).collect()
        };
        let (runs, stale) = (those(&Fate::runs), those(&Fate::is_stale));
        let ran = ran(built);
        let names = |steps: &mut dyn Iterator<Item = &StepId>| -> Vec<String> {
            steps.map(|step| planned.step(*step).name.to_string()).collect()
        };
        let overhead = self.overheads.get(&stale).copied().unwrap_or(self.latest);
        Forecast {
            seconds: (self.path(planned, &stale) + overhead).as_secs_f64(),
            runs: names(&mut runs.iter()),
            may_run: names(&mut stale.difference(&runs)),
            is_exact: runs.is_subset(&ran) && ran.is_subset(&stale),
        }
    }

    /// How long these steps take, independent ones at once.
    fn path(&self, planned: &Planned, steps: &BTreeSet<StepId>) -> Duration {
        let cost = |step: StepId| self.costs.get(&step).map_or(Cost::Unknown, |took| Cost::Measured(*took));
        critical::path(planned, &cost, &|step| steps.contains(&step)).time
    }
}

fn ran(built: &Built) -> BTreeSet<StepId> {
    let ran = built.steps.iter().filter(|result| matches!(result.ending, Ending::Ran { .. }));
    ran.map(|result| result.step).collect()
}
