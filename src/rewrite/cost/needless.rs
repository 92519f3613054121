//! Which steps re-ran although nothing that they read had changed: what no good order of the file would have run.
//!
//! Follows, from step to step, what truly differs: the changed files where COPY puts them, and all that a step writes
//! that reads such a thing. A step that could change places with all of that has read none of it. Whatever is not
//! modelled may read anything, so that the share is rather told too small.

use std::collections::{BTreeMap, BTreeSet};

use crate::effect::instruction::{of_instruction, workdir_before};
use crate::effect::{EffectSet, PathSet, exchange, paths, transfer};
use crate::model::{InstructionId, Operation, Resolved, Surroundings};
use crate::plan::stale::{Cause, Fate};
use crate::plan::{self, Filesystem, Input, Origin, Planned, Source, Step, StepId};

/// What the instructions of a file read and write.
pub(super) struct Reads {
    runs: BTreeMap<InstructionId, EffectSet>,
    /// Where the files of the context arrive that a COPY brings.
    arrivals: BTreeMap<InstructionId, BTreeMap<String, String>>,
}

impl Reads {
    pub(super) fn of(resolved: &Resolved, around: &Surroundings) -> Self {
        let mut reads = Self { runs: BTreeMap::new(), arrivals: BTreeMap::new() };
        for stage in &resolved.model.stages {
            for (index, instruction) in stage.instructions.iter().enumerate() {
                match (&instruction.operation, around.context.as_deref()) {
                    (Operation::Run(_), _) => {
                        reads.runs.insert(instruction.id, of_instruction(resolved, around, stage, index));
                    }
                    (Operation::Copy(_), Some(context)) => {
                        let workdir = workdir_before(resolved, around, stage.id, index);
                        let brought = transfer::brought(&instruction.operation, workdir.as_deref(), resolved, context);
                        let by_source = |brought: transfer::Brought| {
                            brought.paths.into_iter().map(|(target, source)| (source, target)).collect()
                        };
                        reads.arrivals.insert(instruction.id, brought.map(by_source).unwrap_or_default());
                    }
                    _ => {}
                }
            }
        }
        reads
    }

    /// The steps among those that run again that could have stayed what they were.
    pub(super) fn needless(&self, planned: &Planned, fates: &[Fate]) -> BTreeSet<StepId> {
        let mut needless = BTreeSet::new();
        // What differs in the file system that each step leaves.
        let mut differing: Vec<EffectSet> = Vec::with_capacity(planned.steps.len());
        for (step, fate) in planned.steps.iter().zip(fates) {
            let below = step.below.and_then(Filesystem::step);
            let below = below.map(|below| differing[below.0].clone()).unwrap_or_default();
            let own = if fate.is_stale() { self.own(step, fate, &below, &differing) } else { None };
            if fate.is_stale() && own.is_none() {
                needless.insert(step.id);
            }
            differing.push(match own {
                Some(own) => below.then(own),
                None => below,
            });
        }
        needless
    }

    /// What a step adds to what differs; none if it has read nothing of that.
    fn own(&self, step: &Step, fate: &Fate, below: &EffectSet, differing: &[EffectSet]) -> Option<EffectSet> {
        let has_cause = |is: &dyn Fn(&Cause) -> bool| fate.causes().iter().any(is);
        let own_cause = has_cause(&|cause| matches!(cause, Cause::Takes(_) | Cause::IgnoreRules | Cause::Itself));
        match &step.operation {
            plan::Operation::Run(_) => {
                let effect =
                    self.runs.get(&step.instruction).cloned().unwrap_or_else(|| EffectSet::unknown("not seen"));
                let reads_stage = step.inputs().into_iter().any(|input| match input {
                    Input::Files(origin) => from(origin, differing).is_some_and(|differs| !is_nothing(differs)),
                    Input::Below(_) => false,
                });
                let is_touched = own_cause || reads_stage || exchange(below, &effect).is_err();
                is_touched.then(|| writes(effect.writes, effect.cells_written))
            }
            plan::Operation::Copy(copy) => match from(copy.origin, differing) {
                None if own_cause => Some(writes(self.arrived(step, fate, &copy.transfer), BTreeSet::new())),
                None => None,
                Some(differs) => {
                    let taken =
                        copy.transfer.sources.iter().fold(PathSet::empty(), |taken, source| match &source.value {
                            Source::Path(path) if !path.contains(['*', '?', '[', '\\']) => {
                                taken.union(PathSet::below(&paths::join("/", path)))
                            }
                            _ => PathSet::everything(),
                        });
                    taken.overlap(&differs.writes)?;
                    Some(writes(PathSet::below(&copy.transfer.destination), BTreeSet::new()))
                }
            },
            plan::Operation::Add(add) if own_cause => {
                Some(writes(PathSet::below(&add.transfer.destination), BTreeSet::new()))
            }
            plan::Operation::Base(_) | plan::Operation::Add(_) | plan::Operation::Workdir(_) => None,
        }
    }

    /// Where the changed files arrive; those that are gone may have been anywhere below the destination.
    fn arrived(&self, step: &Step, fate: &Fate, transfer: &plan::Transfer) -> PathSet {
        let destination = &transfer.destination;
        let arrivals = self.arrivals.get(&step.instruction);
        let mut arrived = PathSet::empty();
        for cause in fate.causes() {
            let Cause::Takes(changed) = cause else { continue };
            for path in changed {
                match arrivals.and_then(|arrivals| arrivals.get(path)) {
                    Some(target) => arrived.add(PathSet::path(target)),
                    // Copied with its directories, or by its name alone.
                    None => {
                        let name = path.rsplit('/').next().unwrap_or(path);
                        arrived.add(PathSet::path(&paths::join(destination, path)));
                        arrived.add(PathSet::path(&paths::join(destination, name)));
                    }
                }
            }
        }
        if arrived.is_empty() { PathSet::below(destination) } else { arrived }
    }
}

/// What differs in the stage or image that files come from; none for the context.
fn from(origin: Origin, differing: &[EffectSet]) -> Option<&EffectSet> {
    static NOTHING: std::sync::LazyLock<EffectSet> = std::sync::LazyLock::new(EffectSet::default);
    let filesystem = origin.filesystem()?;
    Some(filesystem.step().map_or(&*NOTHING, |step| &differing[step.0]))
}

fn is_nothing(effect: &EffectSet) -> bool {
    effect.writes.is_empty() && effect.cells_written.is_empty()
}

fn writes(writes: PathSet, cells_written: BTreeSet<crate::effect::Cell>) -> EffectSet {
    EffectSet { writes, cells_written, ..EffectSet::default() }
}
