//! The walk over the stages that a target needs: line by line to steps, config and history.
//!
//! One pass in the order of the file; a stage stands behind everything it needs, so whatever a line refers to has its
//! steps already. What each kind of line does is told in [`line`](crate::plan::line).

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;
use crate::model::{
    self, Base as ModelBase, Instruction, Problem, Resolved, SourceRef, Stage, StageId, Surroundings, Value, Word,
    image_ref,
};
use crate::plan::config::Running;
use crate::plan::history::HistoryEntry;
use crate::plan::{
    Base, BasePlace, Filesystem, Images, Line, NeededImage, Operation, Origin, Outcome, Planned, PlannedStage,
    StageBase, Step, StepId, StepName, key,
};
use crate::text::Span;

/// Everything found on the way.
pub(super) struct Planner<'a> {
    pub(super) resolved: &'a Resolved,
    surroundings: &'a Surroundings,
    images: Images,
    steps: Vec<Step>,
    stages: BTreeMap<StageId, PlannedStage>,
    /// The steps that bring images which only COPY or a mount names, by reference in full.
    brought: BTreeMap<String, StepId>,
    needed: BTreeMap<(String, String), NeededImage>,
    assumed: BTreeSet<String>,
    problems: Vec<Problem>,
}

/// A stage on the way.
pub(super) struct Course<'a> {
    pub(super) stage: &'a Stage,
    pub(super) running: Running,
    pub(super) filesystem: Filesystem,
    /// The ARGs of the stage in the order in which they were first written.
    pub(super) args: Vec<String>,
    /// What was written where a variable has a value that is not known.
    pub(super) written: BTreeMap<String, String>,
    base: StageBase,
    lines: Vec<Line>,
    history: Vec<HistoryEntry>,
    /// The steps of the stage, to be numbered at its end.
    steps: Vec<StepId>,
}

/// What became of one line.
pub(super) struct Done {
    pub(super) operation: Option<Operation>,
    pub(super) created_by: Option<String>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(resolved: &'a Resolved, surroundings: &'a Surroundings, images: Images) -> Self {
        Self {
            resolved,
            surroundings,
            images,
            steps: Vec::new(),
            stages: BTreeMap::new(),
            brought: BTreeMap::new(),
            needed: BTreeMap::new(),
            assumed: BTreeSet::new(),
            problems: Vec::new(),
        }
    }

    /// Plans the stages in order; gives what is wrong, or what images are missing, or the plan.
    pub(super) fn plan(mut self) -> Result<Outcome, Vec<Problem>> {
        let model = &self.resolved.model;
        let needed = model.graph.needed_by(self.resolved.target);
        self.problems = fatal_problems(self.resolved, &needed);
        if !self.problems.is_empty() || model.stages.is_empty() {
            return Err(self.problems);
        }
        needed.iter().for_each(|stage| self.stage(model.stage(*stage)));
        // Without its images a file may mean something else, so their lack comes first.
        if !self.needed.is_empty() {
            return Ok(Outcome::Needs(self.needed.into_values().collect()));
        }
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        self.name_stages();
        Ok(Outcome::Planned(Planned {
            target: self.resolved.target,
            platform: self.resolved.options.platform.clone(),
            stages: self.stages.into_values().collect(),
            steps: self.steps,
            assumed: self.assumed.into_iter().collect(),
        }))
    }

    fn stage(&mut self, stage: &'a Stage) {
        let Some(from) = stage.instructions.first() else { return };
        let mut course = self.begin(stage, from);
        let triggered = self.resolved.triggered(stage.id).iter().map(|instruction| (instruction, true));
        let own = stage.instructions[1..].iter().map(|instruction| (instruction, false));
        // A named context stands for the whole stage of its name, lines and all.
        let count = if self.is_replaced(stage) { 0 } else { usize::MAX };
        for (instruction, is_triggered) in triggered.chain(own).take(count) {
            let done = self.line(&mut course, instruction);
            let step = done.operation.map(|operation| {
                let step = self.add_step(stage.id, instruction, operation, Some(course.filesystem));
                course.filesystem = Filesystem::Of(step);
                course.steps.push(step);
                step
            });
            course.lines.push(Line::of(instruction, is_triggered, step));
            course.history.extend(done.created_by.map(|created_by| HistoryEntry { created_by, layer: step }));
        }
        let total = course.steps.len();
        for (index, step) in course.steps.iter().enumerate() {
            self.steps[step.0].name =
                StepName { stage: stage.name.as_ref().map(|name| name.value.clone()), number: index + 1, total };
        }
        let planned = PlannedStage {
            id: stage.id,
            name: stage.name.as_ref().map(|name| name.value.clone()),
            base: course.base,
            filesystem: course.filesystem,
            lines: course.lines,
            config: course.running.config,
            history: course.history,
        };
        self.stages.insert(stage.id, planned);
    }

    fn is_replaced(&self, stage: &Stage) -> bool {
        let platform = &self.resolved.options.platform;
        stage.name.as_ref().is_some_and(|name| self.surroundings.names_context(&name.value, platform))
    }

    /// FROM.
    fn begin(&mut self, stage: &'a Stage, from: &Instruction) -> Course<'a> {
        let platform = &self.resolved.options.platform;
        let image = match &self.resolved.bases[stage.id.0] {
            ModelBase::Scratch => {
                return Course::new(stage, from, StageBase::Scratch, Running::on_scratch(platform), None);
            }
            ModelBase::Stage(parent) => {
                let parent = &self.stages[parent];
                let running = Running::on_stage(&parent.config, platform);
                let mut course = Course::new(stage, from, StageBase::Stage(parent.id), running, None);
                course.filesystem = parent.filesystem;
                return course;
            }
            ModelBase::Image(name) => name.clone(),
            ModelBase::Unknown => {
                let image = stage.from().map(|from| self.text(&from.image)).unwrap_or_default();
                // That it cannot be known is a problem by now; what is written is no image to ask for.
                if self.images == Images::Required {
                    return Course::new(stage, from, StageBase::Scratch, Running::on_unknown(platform), None);
                }
                image
            }
        };
        let wanted = stage.from().and_then(|from| from.platform.as_ref()).map(|word| self.text(word));
        let base = self.base(&image, wanted.as_ref().unwrap_or(platform), from.span);
        let running = match self.surroundings.images.get(&base.normalized) {
            Some(facts) => Running::on_image(facts, &base.platform),
            None => Running::on_unknown(&base.platform),
        };
        let step = self.add_step(stage.id, from, Operation::Base(base), None);
        Course::new(stage, from, StageBase::Image(step), running, Some(step))
    }

    fn base(&mut self, reference: &str, platform: &str, span: Span) -> Base {
        let normalized = image_ref::normalized(reference);
        let facts = self.surroundings.images.get(&normalized);
        let is_context = self.surroundings.names_context(reference, platform);
        if facts.is_none() {
            let needed = NeededImage {
                reference: reference.to_owned(),
                normalized: normalized.clone(),
                platform: platform.to_owned(),
                span,
            };
            match self.images {
                Images::Required => {
                    self.needed.entry((normalized.clone(), platform.to_owned())).or_insert(needed);
                }
                Images::MayBeAssumed => drop(self.assumed.insert(reference.to_owned())),
            }
        }
        Base {
            reference: reference.to_owned(),
            place: if is_context { BasePlace::NamedContext } else { BasePlace::Image },
            platform: platform.to_owned(),
            digest: facts.and_then(|facts| facts.digest),
            normalized,
        }
    }

    /// What COPY --from or a mount takes from; none for what leads nowhere, which is a problem already.
    pub(super) fn origin(&mut self, instruction: &Instruction, position: usize, stage: StageId) -> Option<Origin> {
        match self.resolved.model.graph.reference(instruction.id, position)? {
            SourceRef::Stage(stage) => {
                Some(Origin::Stage { stage: *stage, filesystem: self.stages.get(stage)?.filesystem })
            }
            SourceRef::Image(name) => Some(Origin::Image(self.bring(name, instruction, stage))),
            SourceRef::Invalid => None,
        }
    }

    /// The step that brings an image that is nobody's base.
    fn bring(&mut self, reference: &str, instruction: &Instruction, stage: StageId) -> StepId {
        let platform = self.resolved.options.platform.clone();
        let base = self.base(reference, &platform, instruction.span);
        if let Some(step) = self.brought.get(&base.normalized) {
            return *step;
        }
        let normalized = base.normalized.clone();
        let step = self.add_step(stage, instruction, Operation::Base(base), None);
        self.steps[step.0].text = format!("FROM {reference}");
        self.steps[step.0].name = StepName { stage: Some(reference.to_owned()), number: 1, total: 1 };
        self.brought.insert(normalized, step);
        step
    }

    fn add_step(
        &mut self,
        stage: StageId,
        instruction: &Instruction,
        operation: Operation,
        below: Option<Filesystem>,
    ) -> StepId {
        let id = StepId(self.steps.len());
        let definition_of = |filesystem: Filesystem| -> Digest {
            filesystem.step().map_or_else(key::empty, |step| self.steps[step.0].definition)
        };
        let definition = key::definition(&operation, below, &definition_of);
        self.steps.push(Step {
            id,
            name: StepName { stage: None, number: 0, total: 0 },
            stage,
            instruction: instruction.id,
            span: instruction.span,
            text: instruction.text.clone(),
            operation,
            below,
            definition,
        });
        id
    }

    /// A single stage without a name needs none; of several each is told by its number.
    fn name_stages(&mut self) {
        let unnamed: Vec<StageId> =
            self.stages.values().filter(|stage| stage.name.is_none()).map(|stage| stage.id).collect();
        if unnamed.len() < 2 {
            return;
        }
        for step in self.steps.iter_mut().filter(|step| step.name.stage.is_none()) {
            step.name.stage = Some(format!("stage-{}", step.stage.0));
        }
    }

    /// The value of a word. Where it is not known, what is written: an assumed plan shows it, any other is refused.
    pub(super) fn text(&mut self, word: &Word) -> String {
        match self.resolved.value(word) {
            Value::Known(text) => text.clone(),
            Value::Unknown(reason) => {
                if self.images == Images::Required {
                    let problem =
                        Problem::new(word.span(), format!("the value of `{}` cannot be known", word.raw.as_str()));
                    self.problems.push(problem.help(reason.to_string()));
                }
                word.raw.as_str().to_owned()
            }
        }
    }

    /// What ARG sets its variable to.
    pub(super) fn argument(&mut self, arg: &model::Arg, stage: &Stage) -> Option<String> {
        match (self.resolved.argument(arg, stage)?, &arg.default) {
            (Value::Known(value), _) => Some(value),
            (Value::Unknown(_), Some(default)) => Some(self.text(default)),
            (Value::Unknown(_), None) => None,
        }
    }
}

impl<'a> Course<'a> {
    fn new(stage: &'a Stage, from: &Instruction, base: StageBase, running: Running, step: Option<StepId>) -> Self {
        Self {
            stage,
            running,
            filesystem: step.map_or(Filesystem::Empty, Filesystem::Of),
            args: Vec::new(),
            written: BTreeMap::new(),
            base,
            lines: vec![Line::of(from, false, step)],
            history: Vec::new(),
            steps: step.into_iter().collect(),
        }
    }
}

impl Line {
    fn of(instruction: &Instruction, is_triggered: bool, step: Option<StepId>) -> Self {
        Self { instruction: instruction.id, span: instruction.span, text: instruction.text.clone(), is_triggered, step }
    }
}

/// The problems that stop a build: all but those that only stages have that nobody needs.
fn fatal_problems(resolved: &Resolved, needed: &BTreeSet<StageId>) -> Vec<Problem> {
    let spared: Vec<Span> =
        resolved.model.stages.iter().filter(|stage| !needed.contains(&stage.id)).map(|stage| stage.span).collect();
    let is_spared = |problem: &&Problem| spared.iter().any(|span| span.encloses(problem.span));
    let mut problems: Vec<Problem> = resolved.model.problems.clone();
    problems.extend(resolved.problems.iter().filter(|problem| !is_spared(problem)).cloned());
    problems.sort_by_key(|problem| problem.span);
    problems.dedup();
    problems
}
