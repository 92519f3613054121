//! Hand a secret to the RUN that needs it as a mount instead of a build argument, which stays in the image's history.
//!
//! Takes an ARG without a default whose name says that it holds a secret, where nothing but RUNs use it. The build is
//! called in another way then, so it is yours to decide.

use crate::model::secret::is_secret_name;
use crate::model::{Command, Instruction, Operation, Resolved, Run, Stage, StageUse, Surroundings};
use crate::rewrite::change::Change;
use crate::rewrite::search::Found;
use crate::rewrite::{Class, Proposal, Refusal, Rewrite, ids};

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::MOUNT_SECRET, page: include_str!("../../rules/rewrite/mount-secret.yaml"), find };

fn find(resolved: &Resolved, _: &Surroundings, found: &mut Found) {
    for stage in &resolved.model.stages {
        for instruction in &stage.instructions {
            let Operation::Arg(args) = &instruction.operation else { continue };
            let [arg] = &args[..] else { continue };
            if !is_secret_name(&arg.name.value) {
                continue;
            }
            if arg.default.is_some() {
                let reason = "it has a default, which would be missing then";
                found.refuse(Refusal::new(ids::MOUNT_SECRET, instruction.span, reason));
                continue;
            }
            match (Site { resolved, stage, arg: instruction, name: &arg.name.value }).readers() {
                Ok(readers) if readers.is_empty() => {}
                Ok(readers) => propose(resolved, instruction, &arg.name.value, &readers, found),
                Err(refusal) => found.refuse(refusal),
            }
        }
    }
}

struct Site<'a> {
    resolved: &'a Resolved,
    stage: &'a Stage,
    arg: &'a Instruction,
    name: &'a str,
}

impl<'a> Site<'a> {
    /// The RUNs below that name the secret; a refusal where something else does, or may.
    fn readers(&self) -> Result<Vec<&'a Instruction>, Refusal> {
        let model = &self.resolved.model;
        let refuse = |at: &Instruction, reason: &str| Refusal::new(ids::MOUNT_SECRET, at.span, reason);
        if model.globals.iter().any(|global| self.is_named(global)) {
            return Err(refuse(self.arg, "a global ARG gives it its value"));
        }
        if !model.graph.users(self.stage.id).is_empty() && self.is_base_of_another() {
            return Err(refuse(self.arg, "stages that start from this one see it too"));
        }
        let mut readers = Vec::new();
        for later in self.stage.instructions.iter().filter(|later| later.id > self.arg.id && self.is_named(later)) {
            match &later.operation {
                Operation::Run(run) if can_mount(run) => readers.push(later),
                Operation::Run(_) => return Err(refuse(later, "a RUN in exec form or with heredocs is left alone")),
                _ => return Err(refuse(later, "it keeps the secret in the image: take it out first")),
            }
        }
        Ok(readers)
    }

    fn is_named(&self, instruction: &Instruction) -> bool {
        let text = self.resolved.model.tree.source.slice(instruction.span);
        let is_word = |char: char| char.is_ascii_alphanumeric() || char == '_';
        text.split(|char: char| !is_word(char)).any(|word| word == self.name)
    }

    fn is_base_of_another(&self) -> bool {
        let users = self.resolved.model.graph.users(self.stage.id);
        users.iter().any(|(_, edge)| edge.kind == StageUse::Base)
    }
}

fn can_mount(run: &Run) -> bool {
    matches!(run.command, Command::Shell { .. })
}

fn propose(resolved: &Resolved, arg: &Instruction, name: &str, readers: &[&Instruction], found: &mut Found) {
    let source = &resolved.model.tree.source;
    let mut change = Change::of(resolved);
    change.remove(arg);
    for run in readers {
        let (keyword, rest) = source.slice(run.span).split_at(run.keyword_span.len());
        change.rewrite(run, format!("{keyword} --mount=type=secret,id={name},env={name}{rest}"));
    }
    let lines: Vec<String> = readers.iter().map(|run| (source.line_of(run.span.start) + 1).to_string()).collect();
    let span = arg.span.to(readers[readers.len() - 1].span);
    let proposal = Proposal {
        because: vec![
            format!("nothing but line {} uses {name}", lines.join(" and ")),
            "a build argument stays in the history of the image, and in the key of every RUN below it".to_owned(),
        ],
        notes: vec![
            format!("the build is then called with --secret id={name},env={name} instead of --build-arg {name}"),
            "what was ever given by --build-arg is in images that exist: replace it".to_owned(),
        ],
        ..Proposal::new(ids::MOUNT_SECRET, Class::Advice, format!("keeps {name} out of the image"), span)
    };
    match change.finish() {
        Ok(changed) => found.propose(proposal, changed),
        Err(span) => found.refuse(Refusal::new(ids::MOUNT_SECRET, span, "it holds bytes that are not UTF-8")),
    }
}
