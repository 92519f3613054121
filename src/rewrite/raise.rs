//! Raising a RUN above what the build context decides: the part that its two rewrites have in common.
//!
//! Looks, in each stage, for a RUN that stands below a COPY and reads nothing of it, and puts it above the first such COPY
//! that it may pass. A RUN that was raised stands above every COPY that it may pass, so nothing is raised twice.

use std::collections::BTreeSet;

use crate::diagnostic::RuleId;
use crate::effect::CommandEffect;
use crate::effect::instruction::of_run;
use crate::model::{
    Base, CopySource, Instruction, MountKind, Operation, Remote, Resolved, SourceRef, Stage, StageId, Surroundings,
    Transfer,
};
use crate::rewrite::order::{Lift, Obstacle, Steps};
use crate::rewrite::search::Found;
use crate::rewrite::{Class, Proposal, Refusal};

/// What is raised, and what is said of it.
pub(super) struct Kind {
    pub(super) id: RuleId,
    /// Whether a RUN of these commands is one to raise.
    pub(super) is_wanted: fn(&[CommandEffect]) -> bool,
    /// What it is, as the subject of a sentence: `the install`.
    pub(super) name: &'static str,
    pub(super) notes: fn(&[CommandEffect]) -> Vec<String>,
    /// Whether those that cannot be raised are told of.
    pub(super) refuses: bool,
}

/// Everything of this kind that may be raised.
pub(super) fn find(kind: &Kind, resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    let volatile = Volatile::of(resolved);
    for stage in &resolved.model.stages {
        let culprits: Vec<usize> = (1..stage.instructions.len()).filter(|at| volatile.brings(stage, *at)).collect();
        let Some(first) = culprits.first() else { continue };
        let steps = Steps::of(resolved, around, stage);
        for index in first + 1..stage.instructions.len() {
            let Ok(commands) = of_run(resolved, around, stage, index) else { continue };
            if !(kind.is_wanted)(&commands) || steps.effect(index).barrier.is_some() {
                continue;
            }
            let site = Site { kind, resolved, around, stage, steps: &steps, index };
            site.raise(&commands, culprits.iter().copied().take_while(|culprit| *culprit < index), found);
        }
    }
}

/// A RUN and where it stands.
struct Site<'a> {
    kind: &'a Kind,
    resolved: &'a Resolved,
    around: &'a Surroundings,
    stage: &'a Stage,
    steps: &'a Steps<'a>,
    index: usize,
}

impl Site<'_> {
    fn raise(&self, commands: &[CommandEffect], culprits: impl Iterator<Item = usize>, found: &mut Found) {
        let mut obstacle = None;
        for culprit in culprits {
            match self.steps.lift(self.index, culprit) {
                Ok(lift) => {
                    return match self.steps.moved(&lift) {
                        Ok(changed) => found.propose(self.proposal(commands, &lift), changed),
                        Err(span) => {
                            found.refuse(Refusal::new(self.kind.id.clone(), span, "it holds bytes that are not UTF-8"))
                        }
                    };
                }
                Err(met) => obstacle = Some(met),
            }
        }
        if let Some(Obstacle { index, conflict }) = obstacle.filter(|_| self.kind.refuses) {
            let reason = format!("{} may not move above this line: {conflict}", self.kind.name);
            found.refuse(Refusal::new(self.kind.id.clone(), self.stage.instructions[index].span, reason));
        }
    }

    fn proposal(&self, commands: &[CommandEffect], lift: &Lift) -> Proposal {
        let run = &self.stage.instructions[self.index];
        let line =
            |index: &usize| self.resolved.model.tree.source.line_of(self.stage.instructions[*index].span.start) + 1;
        let lines: Vec<String> = lift.followers.iter().map(|index| line(index).to_string()).collect();
        let (passed, verb) = match &lines[..] {
            [one] => (format!("line {one}"), "writes"),
            [most @ .., last] => (format!("lines {} and {last}", most.join(", ")), "write"),
            [] => (String::new(), ""),
        };
        let first = &self.stage.instructions[lift.followers[0]];
        Proposal {
            because: vec![
                format!("{} (line {}) reads nothing that {passed} {verb}", self.kind.name, line(&self.index)),
                format!("it writes nothing that {passed} {} or {verb}", verb.replace("write", "read")),
            ],
            assumed: self.assumed(),
            notes: (self.kind.notes)(commands),
            ..Proposal::new(self.kind.id.clone(), Class::Same, "same files, same config", first.span.to(run.span))
        }
    }

    fn assumed(&self) -> Vec<String> {
        match &self.resolved.bases[self.stage.id.0] {
            Base::Image(reference) if !self.around.images.contains_key(reference) => vec![format!(
                "{reference} runs as root and leads no path of these lines elsewhere by a link (image not at hand)"
            )],
            _ => Vec::new(),
        }
    }
}

/// The stages whose outcome the build context decides.
pub(super) struct Volatile<'a> {
    resolved: &'a Resolved,
    stages: BTreeSet<StageId>,
}

impl<'a> Volatile<'a> {
    pub(super) fn of(resolved: &'a Resolved) -> Self {
        let reads = |stage: &&Stage| stage.instructions.iter().any(reads_context);
        let stages = resolved.model.stages.iter().filter(|stage| {
            let needed = resolved.model.graph.needed_by(stage.id);
            needed.into_iter().map(|id| resolved.model.stage(id)).any(|stage| reads(&stage))
        });
        Self { resolved, stages: stages.map(|stage| stage.id).collect() }
    }

    /// Whether the instruction brings in what an edit may change.
    pub(super) fn brings(&self, stage: &Stage, index: usize) -> bool {
        let instruction = &stage.instructions[index];
        match &instruction.operation {
            Operation::Copy(copy) if copy.from.is_some() => {
                let source = self.resolved.model.graph.reference(instruction.id, 0);
                matches!(source, Some(SourceRef::Stage(from)) if self.stages.contains(from))
            }
            Operation::Copy(_) | Operation::Add(_) => reads_context(instruction),
            _ => false,
        }
    }
}

/// Whether the instruction takes files of the build context.
fn reads_context(instruction: &Instruction) -> bool {
    let takes_files = |transfer: &Transfer| {
        transfer.sources.iter().any(|source| match source {
            CopySource::Path(word) => Remote::of(word.raw.as_str()).is_none(),
            CopySource::Heredoc { .. } => false,
        })
    };
    match &instruction.operation {
        Operation::Copy(copy) => copy.from.is_none() && takes_files(&copy.transfer),
        Operation::Add(add) => takes_files(&add.transfer),
        Operation::Run(run) => run
            .mounts
            .iter()
            .any(|mount| matches!(mount.kind, Some(MountKind::Bind) | None) && mount.option(&["from"]).is_none()),
        _ => false,
    }
}
