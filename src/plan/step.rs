//! The plan: stages, their lines, and the steps that have work to do.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::model::{InstructionId, RuntimeConfig, StageId};
use crate::plan::history::HistoryEntry;
use crate::plan::{Filesystem, Operation, Origin};
use crate::text::Span;

/// Everything there is to do to build a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// The stage that is built.
    pub target: StageId,
    /// The platform of the result, `os/arch[/variant]`.
    pub platform: String,
    /// The stages that the target needs, itself included, in the order of the file.
    pub stages: Vec<PlannedStage>,
    /// The steps, by [`StepId`]: in the order of the file, images that only COPY or a mount names before their user.
    /// Each stands behind everything it waits for.
    pub steps: Vec<Step>,
    /// The base images that are not at hand, by reference as written: what stands on them is *assumed*.
    pub assumed: Vec<String>,
}

impl Planned {
    /// The step with this id.
    pub fn step(&self, id: StepId) -> &Step {
        &self.steps[id.0]
    }

    /// The stage with this id, if the target needs it.
    pub fn stage(&self, id: StageId) -> Option<&PlannedStage> {
        self.stages.binary_search_by_key(&id, |stage| stage.id).ok().map(|index| &self.stages[index])
    }

    /// The stage that is built.
    pub fn target_stage(&self) -> &PlannedStage {
        self.stage(self.target).expect("a plan holds its target")
    }

    /// What a stage is called where it needs a name: that, or its number.
    pub fn stage_label(&self, id: StageId) -> String {
        self.stage(id).and_then(|stage| stage.name.clone()).unwrap_or_else(|| id.0.to_string())
    }

    /// The history of a stage since its base image: the lines of the stages that it is built from, then its own.
    pub fn history<'a>(&'a self, stage: &'a PlannedStage) -> Vec<&'a HistoryEntry> {
        self.lineage(stage).into_iter().flat_map(|stage| &stage.history).collect()
    }

    /// The step that brings the image below a stage, if there is one.
    pub fn base_step(&self, stage: &PlannedStage) -> Option<StepId> {
        match self.lineage(stage).first().expect("a lineage ends in the stage itself").base {
            StageBase::Image(step) => Some(step),
            StageBase::Scratch | StageBase::Stage(_) => None,
        }
    }

    /// The stages that a stage is built from by FROM, first to last, itself included.
    fn lineage<'a>(&'a self, stage: &'a PlannedStage) -> Vec<&'a PlannedStage> {
        let parent = |stage: &&'a PlannedStage| match stage.base {
            StageBase::Stage(parent) => Some(self.stage(parent).expect("a plan holds what its stages stand on")),
            StageBase::Scratch | StageBase::Image(_) => None,
        };
        let mut lineage: Vec<_> = std::iter::successors(Some(stage), parent).collect();
        lineage.reverse();
        lineage
    }
}

/// A stage that the target needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStage {
    /// Which one.
    pub id: StageId,
    /// The name after AS, in lower case.
    pub name: Option<String>,
    /// What it starts from.
    pub base: StageBase,
    /// What it ends with.
    pub filesystem: Filesystem,
    /// Every instruction in order, those that ONBUILD added included.
    pub lines: Vec<Line>,
    /// The runtime config that it ends with.
    pub config: RuntimeConfig,
    /// What its lines add to the history.
    pub history: Vec<HistoryEntry>,
}

/// What a stage starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageBase {
    /// Nothing.
    Scratch,
    /// Another stage.
    Stage(StageId),
    /// The image that this step brings.
    Image(StepId),
}

/// One instruction of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which instruction.
    pub instruction: InstructionId,
    /// Where it is written; for a trigger of a base image, FROM.
    pub span: Span,
    /// On one line, as shown.
    pub text: String,
    /// Whether ONBUILD added it.
    pub is_triggered: bool,
    /// The step that does its work; none for a line that makes no layer.
    pub step: Option<StepId>,
}

/// Which step, counted from 0 in the order of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(pub usize);

/// One piece of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which one.
    pub id: StepId,
    /// What it is called, in every command.
    pub name: StepName,
    /// The stage it belongs to; for an image that only COPY or a mount names, the stage that names it.
    pub stage: StageId,
    /// The instruction that it does.
    pub instruction: InstructionId,
    /// Where that is written; for a trigger of a base image, FROM.
    pub span: Span,
    /// The instruction on one line, as shown.
    pub text: String,
    /// What it does.
    pub operation: Operation,
    /// The file system that it changes; none for a base, which brings its own.
    pub below: Option<Filesystem>,
    /// What it does on what, whatever the files are: the operation and the definitions of its inputs.
    pub definition: Digest,
}

impl Step {
    /// Whether its result depends on the file system below. A linked copy is only stacked on it.
    pub fn reads_below(&self) -> bool {
        match &self.operation {
            Operation::Base(_) => false,
            Operation::Copy(copy) => !copy.transfer.link,
            Operation::Add(add) => !add.transfer.link,
            Operation::Run(_) | Operation::Workdir(_) => true,
        }
    }

    /// Everything it needs, in the order in which `key::content` takes the digests.
    pub fn inputs(&self) -> Vec<Input> {
        let below = self.below.filter(|_| self.reads_below()).map(Input::Below);
        let origins: Vec<Origin> = match &self.operation {
            Operation::Base(_) | Operation::Workdir(_) => Vec::new(),
            Operation::Add(_) => vec![Origin::Context],
            Operation::Copy(copy) => vec![copy.origin],
            Operation::Run(run) => run.mounts.iter().filter_map(|mount| mount.origin).collect(),
        };
        below.into_iter().chain(origins.into_iter().map(Input::Files)).collect()
    }

    /// The steps that must be over before it can begin, each once, in order. What it is stacked on is among them.
    pub fn waits_for(&self) -> Vec<StepId> {
        let below = self.below.and_then(Filesystem::step);
        let origins = self.inputs().into_iter().filter_map(|input| match input {
            Input::Files(origin) => origin.filesystem()?.step(),
            Input::Below(_) => None,
        });
        let mut steps: Vec<StepId> = below.into_iter().chain(origins).collect();
        steps.sort_unstable();
        steps.dedup();
        steps
    }
}

/// Something that a step's result depends on, besides what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// All of the file system that it changes.
    Below(Filesystem),
    /// The files that it takes from elsewhere.
    Files(Origin),
}

/// What a step is called: `[4/5]`, or `[builder 2/5]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StepName {
    /// The stage's name, where it has one or needs one.
    pub stage: Option<String>,
    /// Which step of the stage, from 1.
    pub number: usize,
    /// How many the stage has.
    pub total: usize,
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.stage {
            Some(stage) => write!(f, "[{stage} {}/{}]", self.number, self.total),
            None => write!(f, "[{}/{}]", self.number, self.total),
        }
    }
}
