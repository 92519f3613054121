//! Declare a build argument that differs on each build below the steps that do not need it.
//!
//! Takes an ARG whose name says that it tells a revision, a date or a version, with the ENV and LABEL lines that pass it
//! on, and moves them below the last RUN that they hold up for nothing. Stops at the first step that names the variable or
//! that nobody knows: what a command without a model reads from its environment cannot be seen.

use crate::effect::instruction::of_instruction;
use crate::effect::{Cell, EffectSet, exchange};
use crate::model::{Env, Instruction, Label, Operation, Resolved, Stage, Surroundings};
use crate::rewrite::change::Change;
use crate::rewrite::search::Found;
use crate::rewrite::{Class, Proposal, Refusal, Rewrite, ids};

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::SINK_VOLATILE_ARG, page: include_str!("../../rules/rewrite/sink-volatile-arg.yaml"), find };

/// Words that make a name that of something that differs on each build.
const TELLING: &[&str] = &[
    "BUILD",
    "BUILDTIME",
    "COMMIT",
    "CREATED",
    "DATE",
    "GIT",
    "REF",
    "REV",
    "REVISION",
    "SHA",
    "TIME",
    "TIMESTAMP",
    "VCS",
];

/// Words that say that it is the version of something else.
const STEADY: &[&str] = &["ARCH", "BASE", "DEPS", "IMAGE", "OPTIONS", "PLATFORM", "TAGS", "TYPE", "UPDATE", "URL"];

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    for stage in &resolved.model.stages {
        // The last goes first, so that those that follow it down stay above it.
        for (index, instruction) in stage.instructions.iter().enumerate().rev() {
            let Operation::Arg(args) = &instruction.operation else { continue };
            let [arg] = &args[..] else { continue };
            if is_volatile(&arg.name.value) {
                Site { resolved, around, stage, index, name: &arg.name.value }.sink(found);
            }
        }
    }
}

/// Whether a build argument of this name is given another value on each build.
fn is_volatile(name: &str) -> bool {
    let upper = name.to_uppercase();
    let has = |words: &[&str]| upper.split('_').any(|part| words.contains(&part));
    upper == "VERSION" || upper == "APP_VERSION" || upper == "IMAGE_VERSION" || (has(TELLING) && !has(STEADY))
}

/// An ARG and where it stands.
struct Site<'a> {
    resolved: &'a Resolved,
    around: &'a Surroundings,
    stage: &'a Stage,
    index: usize,
    name: &'a str,
}

/// How a step takes to the variable.
enum Answer {
    /// It does not read it.
    Indifferent,
    /// It is no known reader, but a program may read any variable.
    Unlikely,
    /// It reads it, or nobody knows.
    Reads,
}

impl Site<'_> {
    fn sink(&self, found: &mut Found) {
        let mut group = vec![self.index];
        let mut below = None;
        let mut is_proved = true;
        // What follows the last RUN that is passed may stay where it is.
        let mut waiting = Vec::new();
        for (index, instruction) in self.stage.instructions.iter().enumerate().skip(self.index + 1) {
            if self.passes_on(instruction) && self.may_join(instruction, &group) {
                waiting.push(index);
                continue;
            }
            match self.answer(instruction, index, &[&group[..], &waiting[..]].concat()) {
                Answer::Reads => break,
                Answer::Unlikely => is_proved = false,
                Answer::Indifferent => {}
            }
            if matches!(instruction.operation, Operation::Run(_)) {
                below = Some(index);
                group.append(&mut waiting);
            }
        }
        let Some(below) = below else { return };
        let anchor = &self.stage.instructions[below];
        let mut change = Change::of(self.resolved);
        group.iter().for_each(|index| change.move_after(&self.stage.instructions[*index], anchor));
        match change.finish() {
            Ok(changed) => found.propose(self.proposal(anchor, is_proved), changed),
            Err(span) => found.refuse(Refusal::new(ids::SINK_VOLATILE_ARG, span, "it holds bytes that are not UTF-8")),
        }
    }

    fn proposal(&self, anchor: &Instruction, is_proved: bool) -> Proposal {
        let (arg, name) = (&self.stage.instructions[self.index], self.name);
        let line = |one: &Instruction| self.resolved.model.tree.source.line_of(one.span.start) + 1;
        let span = arg.span.to(anchor.span);
        let class = if is_proved { Class::Same } else { Class::Verify };
        let claim = if is_proved { "same files, same config" } else { "the same, if no command reads it" };
        Proposal {
            because: vec![
                format!("no line from {} to {} names {name}", line(arg) + 1, line(anchor)),
                format!("every RUN below ARG {name} runs again when its value is another"),
            ],
            assumed: match is_proved {
                true => Vec::new(),
                false => vec![format!("no package that is installed there reads {name} from the environment")],
            },
            ..Proposal::new(ids::SINK_VOLATILE_ARG, class, claim, span)
        }
    }

    /// Whether all that the instruction does is to pass the variable on.
    fn passes_on(&self, instruction: &Instruction) -> bool {
        matches!(instruction.operation, Operation::Env(_) | Operation::Label(_))
            && self.resolved.uses().iter().any(|used| used.instruction == instruction.id && used.name == self.name)
    }

    /// Whether it may go down with the others: no later line needs what it sets before it is there again.
    fn may_join(&self, instruction: &Instruction, group: &[usize]) -> bool {
        let sets = set_by(instruction);
        !group.is_empty() && !sets.iter().any(|name| name == "PATH" || name.starts_with("LD_"))
    }

    fn answer(&self, instruction: &Instruction, index: usize, group: &[usize]) -> Answer {
        let text = self.resolved.model.tree.source.slice(instruction.span);
        let moved = group.iter().map(|index| &self.stage.instructions[*index]);
        let names: Vec<String> = moved.clone().flat_map(set_by).collect();
        let mentions = |name: &String| text.contains(name.as_str());
        let texts = || moved.clone().map(|one| self.resolved.model.tree.source.slice(one.span));
        let is_needed = set_by(instruction).iter().any(|name| texts().any(|text| text.contains(name.as_str())));
        if names.iter().any(mentions) || is_needed {
            return Answer::Reads;
        }
        match &instruction.operation {
            Operation::Run(_) => {
                let effect = of_instruction(self.resolved, self.around, self.stage, index);
                names.iter().map(|name| reads(&effect, name)).fold(Answer::Indifferent, Answer::or)
            }
            Operation::Onbuild(_) | Operation::From(_) => Answer::Reads,
            _ => Answer::Indifferent,
        }
    }
}

impl Answer {
    /// The more cautious of the two.
    fn or(self, other: Answer) -> Answer {
        match (self, other) {
            (Answer::Reads, _) | (_, Answer::Reads) => Answer::Reads,
            (Answer::Unlikely, _) | (_, Answer::Unlikely) => Answer::Unlikely,
            _ => Answer::Indifferent,
        }
    }
}

/// Whether a step of this effect reads the variable.
fn reads(effect: &EffectSet, name: &str) -> Answer {
    let setting = EffectSet { cells_written: [Cell::Variable(name.to_owned())].into(), ..EffectSet::default() };
    if effect.barrier.is_some() {
        return Answer::Reads;
    }
    let by_name = EffectSet {
        cells_read: effect.cells_read.iter().filter(|cell| **cell != Cell::AnyVariable).cloned().collect(),
        ..EffectSet::default()
    };
    match exchange(&setting, &by_name) {
        Err(_) => Answer::Reads,
        Ok(()) if effect.cells_read.contains(&Cell::AnyVariable) => Answer::Unlikely,
        Ok(()) => Answer::Indifferent,
    }
}

/// The names of what an instruction sets: variables and labels.
fn set_by(instruction: &Instruction) -> Vec<String> {
    match &instruction.operation {
        Operation::Arg(args) => args.iter().map(|arg| arg.name.value.clone()).collect(),
        Operation::Env(Env { pairs, .. }) | Operation::Label(Label { pairs, .. }) => {
            pairs.iter().map(|pair| pair.key.raw.as_str().trim_matches(['"', '\'']).to_owned()).collect()
        }
        _ => Vec::new(),
    }
}
