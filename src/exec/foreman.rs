//! The one who decides: which step begins next, what follows from a result, what is packed, what is told.
//!
//! Owns all state of a running build; workers get orders and give results. Stops giving orders after a failure unless
//! it is to keep going, and lets what is under way come to its end. Every event goes through here, so listeners need not be thread-safe.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use super::backend::{Cancel, Status};
use super::chain::Chain;
use super::drain::Foreman;
use super::error::Error;
use super::last_build::{BuildRecord, BuiltStep};
use super::layers::Packed;
use super::perform::{Kept, StepEnd, StepOrder};
use super::request::{Cause, Failure, Fresh, Settings, StepResult};
use crate::event::{Ending, Event, Expected, StepInfo, StepNumber, Timed, millis};
use crate::plan::critical::Cost;
use crate::plan::explain::Explainer;
use crate::plan::files::Lists;
use crate::plan::queue::Queue;
use crate::plan::reason::Reason;
use crate::plan::record::StepRecord;
use crate::plan::usual::usual;
use crate::plan::{Filesystem, Input, Planned, Step, StepId};
use crate::store::SnapshotId;

/// Steps are performed in this lane.
pub(super) const STEPS: usize = 0;
/// Layers are packed in this one.
pub(super) const LAYERS: usize = 1;

/// Work for a worker.
pub(super) enum Order {
    /// A step.
    Step(StepOrder),
    /// The top of a chain, which a step of the target left, as a layer.
    Layer(StepId, Chain),
}

/// What came of it.
pub(super) enum Ended {
    /// A step.
    Step(StepId, StepEnd),
    /// A layer.
    Layer(StepId, Chain, Result<Packed, Error>),
}

/// Whoever hears what happens.
pub(super) type Listener<'a> = &'a mut dyn FnMut(Timed);

/// What is remembered of the build before.
#[derive(Clone, Copy)]
pub(super) struct Earlier<'a> {
    pub(super) build: Option<&'a BuildRecord>,
    /// Its steps.
    pub(super) records: &'a [StepRecord],
    /// The files that they took.
    pub(super) lists: Lists<'a>,
}

/// The foreman of one build.
pub(super) struct Build<'a> {
    planned: &'a Planned,
    settings: &'a Settings,
    cancel: &'a Cancel,
    /// How long each step is expected to take.
    costs: Vec<Cost>,
    queue: Queue,
    earlier: Option<&'a BuildRecord>,
    explainer: Explainer<'a>,
    lists: Lists<'a>,
    /// The steps whose results are the layers of the image.
    lineage: BTreeSet<StepId>,
    to_pack: VecDeque<(StepId, Chain)>,
    seen: BTreeSet<SnapshotId>,
    /// What each step left.
    chains: Vec<Option<Chain>>,
    records: Vec<Option<BuiltStep>>,
    /// What came of it all.
    pub(super) findings: Findings,
    /// The date on which results of the last build were pruned, or words for none that is known.
    pub(super) pruned_on: String,
    listener: Listener<'a>,
    begun: Instant,
}

/// What a build has given so far.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) steps: Vec<StepResult>,
    pub(super) layers: BTreeMap<SnapshotId, Packed>,
    /// When the layer of each step was made.
    pub(super) made_at: BTreeMap<StepId, i64>,
    pub(super) failure: Option<Failure>,
    pub(super) also_failed: Vec<Failure>,
    /// Packing a layer failed.
    pub(super) error: Option<Error>,
}

impl<'a> Build<'a> {
    /// The foreman of a build of `planned`.
    pub(super) fn new(
        planned: &'a Planned,
        settings: &'a Settings,
        cancel: &'a Cancel,
        earlier: Earlier<'a>,
        begun: Instant,
        listener: Listener<'a>,
    ) -> Self {
        let Earlier { build: last, records, lists } = earlier;
        let explainer = Explainer::new(records, planned);
        let cost = |step: &Step| {
            let took = last.zip(explainer.earlier(step.id)).and_then(|(last, earlier)| last.took(earlier));
            took.map_or_else(|| usual(step), Cost::Measured)
        };
        let costs: Vec<Cost> = planned.steps.iter().map(cost).collect();
        let weight = |step: StepId| settings.weights.get(&planned.stage_label(planned.step(step).stage)).copied();
        let pressing =
            |step: StepId| costs[step.0].time().unwrap_or_default().saturating_mul(weight(step).unwrap_or(1));
        let queue = Queue::new(planned, &pressing);
        let count = planned.steps.len();
        Self {
            planned,
            settings,
            cancel,
            costs,
            queue,
            earlier: last,
            explainer,
            lists,
            lineage: lineage(planned),
            to_pack: VecDeque::new(),
            seen: BTreeSet::new(),
            chains: vec![None; count],
            records: vec![None; count],
            findings: Findings::default(),
            pruned_on: "an unknown date".to_owned(),
            listener,
            begun,
        }
    }

    /// Tells the listener.
    pub(super) fn tell(&mut self, event: Event) {
        let at_ms = millis(self.begun.elapsed());
        (self.listener)(Timed { at_ms, event });
    }

    /// Tells the listener what there is to do.
    pub(super) fn announce(&mut self) {
        let info = |step: &Step| StepInfo {
            name: step.name.to_string(),
            text: step.text.clone(),
            span: step.span,
            stage: self.planned.stage_label(step.stage),
            waits_for: step.waits_for().into_iter().map(|input| StepNumber(input.0)).collect(),
            expected: expected(self.costs[step.id.0]),
        };
        self.tell(Event::Planned { steps: self.planned.steps.iter().map(info).collect() });
    }

    /// What a file system is made of, once the step that leaves it is over.
    pub(super) fn chain(&self, filesystem: Filesystem) -> Chain {
        match filesystem {
            Filesystem::Empty => Chain::default(),
            Filesystem::Of(step) => self.chains[step.0].clone().expect("a step is over before its result is used"),
        }
    }

    /// Whether all that there was to do is done.
    pub(super) fn is_done(&self) -> bool {
        self.queue.is_done() && self.to_pack.is_empty()
    }

    /// What is to be remembered of the build: its steps, and what those were before that gave no result.
    pub(super) fn record(&mut self) -> Vec<BuiltStep> {
        let mut steps = Vec::new();
        for (id, built) in std::mem::take(&mut self.records).into_iter().enumerate() {
            let has_result = built.as_ref().is_some_and(BuiltStep::has_result);
            steps.extend(built);
            let before = || self.earlier.zip(self.explainer.earlier(StepId(id)));
            if !has_result && let Some(before) = before().and_then(|(last, record)| last.result(record)) {
                steps.push(BuiltStep { is_from_before: true, ..before.clone() });
            }
        }
        steps
    }

    fn order(&self, id: StepId) -> StepOrder {
        let step = self.planned.step(id);
        let origins = step.inputs().into_iter().filter_map(|input| match input {
            Input::Files(origin) => Some(origin.filesystem().map(|filesystem| self.chain(filesystem))),
            Input::Below(_) => None,
        });
        StepOrder {
            step: id,
            below: step.below.map(|below| self.chain(below)).unwrap_or_default(),
            origins: origins.collect(),
        }
    }

    fn keep(&mut self, id: StepId, kept: Kept) {
        let Kept { chain, ending, took, made_at, key, files } = kept;
        let step = self.planned.step(id);
        let mut record = StepRecord::of(self.planned, step);
        record.key = key;
        record.files = files;
        if let Some(below) = &mut record.below {
            below.digest = Some(self.chain(Filesystem::Of(below.step)).identity());
        }
        let mut reasons = self.explainer.explain(id, &record, self.lists);
        match ending {
            Ending::Cached => reasons.clear(),
            _ if self.is_fresh(step) => reasons = vec![Reason::NoCache],
            _ if reasons.is_empty() => reasons.push(Reason::Pruned { date: self.pruned_on.clone() }),
            _ => {}
        }
        let size = match step.below {
            // What an image brings is all of it.
            None => chain.size(),
            Some(_) => chain.top().map_or(0, |top| top.size),
        };
        if let Some(made_at) = made_at {
            self.findings.made_at.insert(id, made_at);
        }
        if self.lineage.contains(&id) {
            let prefixes: Vec<Chain> = chain.prefixes().collect();
            for prefix in prefixes {
                let top = prefix.top().expect("a prefix has a top").id.clone();
                if self.seen.insert(top) {
                    self.to_pack.push_back((id, prefix));
                }
            }
        }
        self.chains[id.0] = Some(chain);
        self.records[id.0] = Some(BuiltStep {
            record,
            ending: ending.clone(),
            took_ms: millis(took),
            size,
            because: reasons.clone(),
            is_from_before: false,
        });
        let because = reasons.iter().map(ToString::to_string).collect();
        self.end(StepResult { step: id, ending, took, size, because });
        self.queue.finish(id);
    }

    fn fail(&mut self, failure: Failure, took: Duration) {
        let ending = match &failure.cause {
            Cause::Command(Status::Cancelled) | Cause::Error(Error::Cancelled) => Ending::Cancelled,
            Cause::Command(status) => Ending::Failed {
                why: why(status),
                code: if let Status::Failed { code } = status { Some(*code) } else { None },
            },
            Cause::Error(error) => Ending::Failed { why: in_full(error), code: None },
        };
        let step = failure.step;
        self.records[step.0] = Some(self.without_result(step, ending.clone(), took));
        self.end(StepResult { step, ending, took, size: 0, because: Vec::new() });
        self.queue.give_up(step);
        match &self.findings.failure {
            None => self.findings.failure = Some(failure),
            Some(_) => self.findings.also_failed.push(failure),
        }
    }

    /// What is remembered of a step that gave no result. Which files it took is not known, nor what it would be kept under.
    fn without_result(&mut self, id: StepId, ending: Ending, took: Duration) -> BuiltStep {
        let mut record = StepRecord::of(self.planned, self.planned.step(id));
        record.files = self.explainer.earlier(id).and_then(|earlier| earlier.files);
        if let Some(below) = &mut record.below {
            below.digest = Some(self.chain(Filesystem::Of(below.step)).identity());
        }
        let because = self.explainer.explain(id, &record, self.lists);
        BuiltStep { record, ending, took_ms: millis(took), size: 0, because, is_from_before: false }
    }

    fn end(&mut self, result: StepResult) {
        let step = StepNumber(result.step.0);
        let (took_ms, size) = (millis(result.took), result.size);
        let (ending, because) = (result.ending.clone(), result.because.clone());
        self.tell(Event::StepEnded { step, ending, took_ms, size, because });
        self.findings.steps.push(result);
    }

    fn is_fresh(&self, step: &Step) -> bool {
        match &self.settings.fresh {
            Fresh::Nothing => false,
            // A base image is not made here.
            Fresh::Everything => step.below.is_some(),
            Fresh::Stages(stages) => stages.iter().any(|stage| *stage == self.planned.stage_label(step.stage)),
        }
    }

    fn is_stopped(&self) -> bool {
        let has_failed = self.findings.failure.is_some() && !self.settings.keep_going;
        has_failed || self.findings.error.is_some() || self.cancel.is_cancelled()
    }
}

impl Foreman for Build<'_> {
    type Order = Order;
    type Note = (Instant, Event);
    type Result = Ended;

    fn next(&mut self, lane: usize) -> Option<Order> {
        if self.is_stopped() {
            return None;
        }
        match lane {
            STEPS => self.queue.next().map(|step| Order::Step(self.order(step))),
            // There will be no image.
            _ if self.findings.failure.is_some() => None,
            _ => self.to_pack.pop_front().map(|(step, chain)| Order::Layer(step, chain)),
        }
    }

    fn hear(&mut self, (at, event): (Instant, Event)) {
        let at_ms = millis(at.duration_since(self.begun));
        (self.listener)(Timed { at_ms, event });
    }

    fn settle(&mut self, ended: Ended) {
        match ended {
            Ended::Step(step, StepEnd::Kept(kept)) => self.keep(step, kept),
            Ended::Step(_, StepEnd::Failed(failure, took)) => self.fail(failure, took),
            Ended::Layer(_, _, Err(error)) => {
                self.findings.error.get_or_insert(error);
            }
            Ended::Layer(step, chain, Ok(packed)) => {
                let (step, blob) = (StepNumber(step.0), &packed.layer.blob);
                let (blob, size, is_new) = (blob.digest, blob.size, packed.is_new);
                self.tell(Event::LayerPacked { step, blob, size, is_new });
                let top = chain.top().expect("a layer is the top of a chain").id.clone();
                self.findings.layers.insert(top, packed);
            }
        }
    }
}

/// How a command ended that did not succeed, in a few words.
pub(super) fn why(status: &Status) -> String {
    match status {
        Status::Succeeded => unreachable!("success is no failure"),
        Status::Failed { code } => format!("exit code {code}"),
        Status::TimedOut => "it took too long".to_owned(),
        Status::Cancelled => "the build was called off".to_owned(),
        Status::CouldNotStart { why } => why.clone(),
    }
}

fn expected(cost: Cost) -> Expected {
    Expected { ms: millis(cost.time().unwrap_or_default()), measured: matches!(cost, Cost::Measured(_)) }
}

/// The steps that lie below the end of the target: their results are its layers.
pub(super) fn lineage(planned: &Planned) -> BTreeSet<StepId> {
    let top = planned.target_stage().filesystem.step();
    let below = |step: &StepId| planned.step(*step).below.and_then(Filesystem::step);
    std::iter::successors(top, below).collect()
}

/// An error with everything that caused it, on one line.
pub(super) fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
