//! What rplan's own last build of a Dockerfile says about the plan of today: what its base images set, what differs, and
//! what each step took.

use std::time::Duration;

use crate::cli::exit::Answer;
use crate::cli::machine::Machine;
use crate::cli::subject::Subject;
use crate::cli::why;
use crate::digest::Digest;
use crate::exec::{BuildRecord, files_of};
use crate::model::resolve;
use crate::plan::Planned;
use crate::plan::critical::Cost;
use crate::plan::explain::Explainer;
use crate::plan::record::StepRecord;
use crate::plan::since::{Difference, since};
use crate::rewrite::Costs;
use crate::store::Store;

/// The last build of a Dockerfile.
pub(in crate::cli) struct LastBuild {
    build: BuildRecord,
    /// Where the files are listed that its steps took.
    store: Store,
}

/// The last build, if one is known here. The subject then knows the base images as that build found them.
pub(in crate::cli) fn recall(subject: &mut Subject, target: Option<&str>) -> Answer<Option<LastBuild>> {
    let Some((store, build)) = why::last(&Machine::read()?, subject, target)? else { return Ok(None) };
    subject.around.images.extend(build.bases.clone());
    subject.resolved = resolve(subject.resolved.model.clone(), &subject.resolved.options, &subject.around);
    Ok(Some(LastBuild { build, store }))
}

impl LastBuild {
    /// What differs in the plan of today, and what each of its steps took.
    pub(in crate::cli) fn beside(&self, subject: &Subject, planned: &Planned) -> (Difference, Vec<Cost>) {
        let records = self.build.step_records();
        let lists = |list: &Digest| files_of(&self.store, list);
        let difference = since(planned, &records, &lists, subject.around.context.as_deref());
        let explainer = Explainer::new(&records, planned);
        let steps = planned.steps.iter();
        let costs = steps.map(|step| explainer.earlier(step.id).map_or(Cost::Unknown, |record| self.cost(record)));
        (difference, costs.collect())
    }

    /// What each of its steps took, by its text.
    pub(in crate::cli) fn costs(&self) -> Costs {
        let seconds = |took_ms| Duration::from_millis(took_ms).as_secs_f64();
        let steps = self.build.results();
        Costs { measured: steps.map(|step| (step.record.text.clone(), seconds(step.took_ms))).collect() }
    }

    fn cost(&self, record: &StepRecord) -> Cost {
        let built = self.build.result(record);
        built.map_or(Cost::Unknown, |step| Cost::Measured(Duration::from_millis(step.took_ms)))
    }
}
