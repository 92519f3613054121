//! Build in one stage and ship only what runs: a program that is built and shipped in one stage is split into a stage that
//! builds and one that holds what runs.
//!
//! One file an ecosystem says what is built and what that needs when it runs; here is what all have in common: which stage
//! is looked at, how its program starts, and how the two stages are written. What the program opens at run time cannot be
//! seen here: the claim is V for an empty image, and advice where another base image takes the place of the first.

mod dotnet;
mod go;
mod java;
mod node;
mod official;
mod rust;
mod starting;
mod workdir;

use std::ops::Range;

use crate::effect::CommandEffect;
use crate::effect::instruction::{of_run, workdir_before};
use crate::model::shell::SimpleCommand;
use crate::model::{Base, BuildContext, Instruction, Operation, Resolved, Stage, StageId, Surroundings};
use crate::rewrite::change::{Change, Changed, keyword_like};
use crate::rewrite::search::Found;
use crate::rewrite::{Class, Declared, Proposal, Refusal, Rewrite, ids};
use crate::text::Span;

/// The name of the new stage.
const BUILD_STAGE: &str = "build";

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::SPLIT_STAGE, page: include_str!("../../../rules/rewrite/split-stage.yaml"), find };

/// What an ecosystem says of a stage: nothing where it is not its own.
type Judgement = Option<Result<Split, Refusal>>;

/// The ecosystems. Each says nothing of a stage that is not its own; the first that says something counts.
const ECOSYSTEMS: &[fn(&Site) -> Judgement] = &[go::split, rust::split, java::split, dotnet::split, node::split];

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
    /// The image that the program runs on.
    image: String,
    /// What is copied from the stage that builds, each to where it was.
    brought: Vec<String>,
    /// An instruction that is written anew.
    rewritten: Option<(usize, String)>,
    because: Vec<String>,
    assumed: Vec<String>,
    notes: Vec<String>,
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

    /// The index of the last instruction that changes files.
    fn last_change(&self) -> Option<usize> {
        self.stage.instructions.iter().rposition(changes_files)
    }

    /// Refuses what changes files after the build.
    fn nothing_follows(&self, build: usize) -> Result<(), Refusal> {
        match self.stage.instructions[build + 1..].iter().find(|instruction| changes_files(instruction)) {
            Some(instruction) => Err(self.refuse(instruction.span, "it changes files after the build")),
            None => Ok(()),
        }
    }

    /// Refuses users that an image without accounts of this stage's own does not know; `known` are those that it knows.
    fn users_are_known(&self, known: &[&str]) -> Result<(), Refusal> {
        for instruction in &self.stage.instructions {
            let Operation::User(user) = &instruction.operation else { continue };
            let name = self.resolved.known(&user.user).unwrap_or_default();
            let is_number = !name.is_empty() && name.chars().all(|c| c.is_ascii_digit() || c == ':');
            if !is_number && !known.contains(&name) {
                let reason = match known {
                    [] => "an empty image knows no user names".to_owned(),
                    _ => format!("the image that it would run on does not know the user `{name}`"),
                };
                return Err(self.refuse(instruction.span, reason).help("name the user by number"));
            }
        }
        Ok(())
    }

    /// Refuses instructions that mean something else with another image below them.
    fn nothing_is_stored(&self) -> Result<(), Refusal> {
        let stores = |one: &&Instruction| matches!(one.operation, Operation::Shell(_) | Operation::Onbuild(_));
        match self.stage.instructions.iter().find(stores) {
            Some(instruction) => Err(self.refuse(instruction.span, "it only makes sense with a shell in the image")),
            None => Ok(()),
        }
    }

    fn carry_out(&self, split: Split) -> Result<(Proposal, Changed), Refusal> {
        let source = &self.resolved.model.tree.source;
        let last = &self.stage.instructions[split.last];
        let mut change = Change::of(self.resolved);
        if self.stage.name.is_none() {
            let from = &self.stage.instructions[0];
            change.rewrite(from, format!("{}{}", source.slice(from.span), self.alias()));
        }
        if let Some((index, text)) = &split.rewritten {
            change.rewrite(&self.stage.instructions[*index], text);
        }
        change.insert_stage_after(last, self.shipped(&split));
        let changed = change.finish().map_err(|span| self.refuse(span, "it holds bytes that are not UTF-8"))?;
        let (class, claim) = match split.image.as_str() {
            "scratch" => (Class::Verify, format!("removes {} and the sources from the image", self.base)),
            // Another base differs in more than building both could tell from a fault.
            image => (Class::Advice, format!("puts {image} in place of {}", self.base)),
        };
        let proposal = Proposal {
            declared: Declared {
                removes: vec!["/".to_owned()],
                // A build that is written anew makes another file of the same program.
                changes: split.rewritten.iter().flat_map(|_| split.brought.first().cloned()).collect(),
                config: self.config_of_base(),
            },
            because: split.because,
            assumed: split.assumed,
            notes: split.notes,
            ..Proposal::new(ids::SPLIT_STAGE, class, claim, self.stage.span)
        };
        Ok((proposal, changed))
    }

    /// What the image no longer takes over from its base: any of it where that is not at hand.
    fn config_of_base(&self) -> Vec<String> {
        let whole = ["SHELL", "ONBUILD", "WORKDIR"].map(str::to_owned);
        let Some(facts) = self.around.images.get(self.base) else {
            return ["ENV", "LABEL"].map(str::to_owned).into_iter().chain(whole).collect();
        };
        let variables = facts.config.env.iter().map(|(name, _)| format!("ENV {name}"));
        let labels = facts.config.labels.keys().map(|name| format!("LABEL {name}"));
        variables.chain(labels).chain(whole).collect()
    }

    /// What names the stage that builds.
    fn alias(&self) -> String {
        let from = &self.stage.instructions[0];
        format!(" {} {BUILD_STAGE}", keyword_like(&self.resolved.model.tree, from, "AS"))
    }

    /// The instructions that begin the final stage: its image, the config so far, and what the build leaves.
    fn shipped(&self, split: &Split) -> Vec<String> {
        let from = &self.stage.instructions[0];
        let word = |keyword: &str| keyword_like(&self.resolved.model.tree, from, keyword);
        let name = self.stage.name.as_ref().map_or(BUILD_STAGE, |name| name.value.as_str());
        let mut lines = vec![format!("{} {}", word("FROM"), split.image)];
        lines.extend(self.config(1..split.last));
        lines.extend(split.brought.iter().map(|path| format!("{} --from={name} {path} {path}", word("COPY"))));
        lines
    }

    /// The lines of this range that set the config of the image: they are repeated for the final stage.
    fn config(&self, range: Range<usize>) -> Vec<String> {
        let source = &self.resolved.model.tree.source;
        let sets = self.stage.instructions[range].iter().filter(|instruction| !changes_files(instruction));
        sets.map(|instruction| source.slice(instruction.span).to_owned()).collect()
    }
}

fn changes_files(instruction: &Instruction) -> bool {
    matches!(instruction.operation, Operation::Run(_) | Operation::Copy(_) | Operation::Add(_))
}
