//! Build in one stage and ship only what runs: a program that is built and shipped in one stage is split into a stage that
//! builds and one that holds what runs.
//!
//! One file an ecosystem says what is built and what that needs when it runs; here is what all have in common: which stage
//! is looked at, and what an ecosystem can ask of it. `starting`: how its program starts; `data`: what that opens;
//! `packages` and `image`: what of the system it needs; `official` and `runtime`: what it can run on; `shipped`: how the
//! two stages are written. What cannot be seen here shows when both files are built, so the claim is V.

mod data;
mod dotnet;
mod go;
mod image;
mod java;
mod native;
mod node;
mod official;
mod packages;
mod python;
mod runtime;
mod rust;
mod shipped;
mod starting;

use std::collections::BTreeSet;

use crate::effect::CommandEffect;
use crate::effect::instruction::{of_run, workdir_before};
use crate::model::shell::SimpleCommand;
use crate::model::{Base, BuildContext, Instruction, Operation, Resolved, Stage, StageId, Surroundings};
use crate::rewrite::search::Found;
use crate::rewrite::{Refusal, Rewrite, ids};
use crate::text::Span;
use packages::Packages;
use runtime::Runtime;

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::SPLIT_STAGE, page: include_str!("../../../rules/rewrite/split-stage.yaml"), find };

/// What an ecosystem says of a stage: nothing where it is not its own.
type Judgement = Option<Result<Split, Refusal>>;

/// The ecosystems. Each says nothing of a stage that is not its own; the first that says something counts.
const ECOSYSTEMS: &[fn(&Site) -> Judgement] =
    &[go::split, rust::split, java::split, dotnet::split, node::split, python::split, native::split];

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    let Some(context) = around.context.as_deref() else { return };
    let stage = resolved.model.stage(resolved.target);
    let Base::Image(base) = &resolved.bases[stage.id.0] else { return };
    if stage.id != StageId(resolved.model.stages.len() - 1) {
        return;
    }
    let site = Site { resolved, around, context, stage, base };
    let Some(split) = ECOSYSTEMS.iter().find_map(|ecosystem| ecosystem(&site)) else { return };
    found.take(split.and_then(|split| site.carry_out(split)).map(Some));
}

/// A stage that may be split.
struct Site<'a> {
    resolved: &'a Resolved,
    around: &'a Surroundings,
    context: &'a dyn BuildContext,
    stage: &'a Stage,
    /// The image that it starts from.
    base: &'a str,
}

/// How a stage is split.
struct Split {
    /// The index of the last instruction of the stage that builds.
    last: usize,
    /// What the program runs on.
    runtime: Runtime,
    /// The packages that it needs there.
    packages: Packages,
    /// What is copied from the stage that builds, each to where it was.
    brought: Vec<String>,
    /// RUNs up to `last` that the final stage has too.
    repeated: BTreeSet<usize>,
    /// An instruction that is written anew.
    rewritten: Option<(usize, String)>,
    /// What the stage that builds runs in the end, besides.
    finished: Option<String>,
    /// Paths of what is brought that are not as they were.
    changed: Vec<String>,
    because: Vec<String>,
    assumed: Vec<String>,
    notes: Vec<String>,
}

impl Split {
    /// One that brings these files and says nothing yet.
    fn new(last: usize, runtime: Runtime, brought: Vec<String>) -> Self {
        Self {
            last,
            runtime,
            packages: Packages::default(),
            brought,
            repeated: BTreeSet::new(),
            rewritten: None,
            finished: None,
            changed: Vec::new(),
            because: Vec::new(),
            assumed: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// The words of a command that are written out.
fn literal_words(command: &SimpleCommand) -> Vec<&str> {
    command.words.iter().filter_map(|word| word.literal.as_deref()).collect()
}

impl<'a> Site<'a> {
    fn refuse(&self, span: Span, reason: impl Into<String>) -> Refusal {
        Refusal::new(ids::SPLIT_STAGE, span, reason)
    }

    /// The line on which an instruction begins.
    fn line_of(&self, instruction: &Instruction) -> usize {
        self.resolved.model.tree.source.line_of(instruction.span.start) + 1
    }

    /// The working directory at the end of the stage.
    fn workdir(&self) -> Option<String> {
        workdir_before(self.resolved, self.around, self.stage.id, self.stage.instructions.len())
    }

    /// The last RUN with a command that is `wanted`, and that command.
    fn last_command(&self, wanted: impl Fn(&CommandEffect) -> bool) -> Option<(usize, CommandEffect)> {
        (0..self.stage.instructions.len()).rev().find_map(|index| {
            let commands = of_run(self.resolved, self.around, self.stage, index).ok()?;
            Some((index, commands.into_iter().rev().find(&wanted)?))
        })
    }

    /// The simple commands of the RUNs of the stage, each with the index of its RUN.
    fn commands(&self) -> impl Iterator<Item = (usize, &'a SimpleCommand)> {
        self.stage.instructions.iter().enumerate().flat_map(|(index, instruction)| {
            let body = match &instruction.operation {
                Operation::Run(run) => run.command.body(),
                _ => None,
            };
            body.map(|body| body.commands()).unwrap_or_default().iter().map(move |command| (index, command))
        })
    }

    /// Refuses what runs after the build: an empty image has nothing to run it with.
    fn nothing_runs_behind(&self, last: usize) -> Result<(), Refusal> {
        let runs = |instruction: &&Instruction| matches!(instruction.operation, Operation::Run(_));
        match self.stage.instructions[last + 1..].iter().find(runs) {
            Some(instruction) => Err(self.refuse(instruction.span, "it changes files after the build")),
            None => Ok(()),
        }
    }

    /// Refuses users that the image does not know; `known` are those that it knows.
    fn users_are_known(&self, known: &[&str]) -> Result<(), Refusal> {
        let made = self.accounts();
        for instruction in &self.stage.instructions {
            let Operation::User(user) = &instruction.operation else { continue };
            let name = self.resolved.known(&user.user).unwrap_or_default();
            let is_number = !name.is_empty() && name.chars().all(|c| c.is_ascii_digit() || c == ':');
            let is_known = !name.is_empty() && name.split(':').all(|part| known.contains(&part) || made.contains(part));
            if !is_number && !is_known {
                let reason = match known {
                    [] => "an empty image knows no user names".to_owned(),
                    _ => format!("the image that it would run on does not know the user `{name}`"),
                };
                return Err(self.refuse(instruction.span, reason).help("name the user by number"));
            }
        }
        Ok(())
    }

    /// Refuses instructions that mean something else with another image below them; it may be an empty one.
    fn nothing_is_stored(&self, is_empty: bool) -> Result<(), Refusal> {
        for instruction in &self.stage.instructions {
            let reason = match instruction.operation {
                Operation::Onbuild(_) => "whoever builds on the image counts on what it builds with",
                Operation::Shell(_) if is_empty => "it only makes sense with a shell in the image",
                _ => continue,
            };
            return Err(self.refuse(instruction.span, reason));
        }
        Ok(())
    }
}

fn changes_files(instruction: &Instruction) -> bool {
    matches!(instruction.operation, Operation::Run(_) | Operation::Copy(_) | Operation::Add(_))
}
