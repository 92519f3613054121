//! Take out a stage that nothing needs.
//!
//! Takes stages that are neither built nor used by one that is, as far as the file, Compose and Bake files and the
//! settings tell. Somebody may still build one by its name, so it is yours to decide. Deliberately leaves alone names that
//! say that a stage is built on purpose, and files that count stages by number or choose them by a variable.

use crate::model::{Operation, Resolved, Stage, StageId, Surroundings};
use crate::rewrite::change::Change;
use crate::rewrite::search::Found;
use crate::rewrite::{Class, Proposal, Refusal, Rewrite, ids};

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::DROP_STAGE, page: include_str!("../../rules/rewrite/drop-stage.yaml"), find };

/// Words in the name of a stage that is built on purpose.
const ON_PURPOSE: &[&str] = &[
    "bench",
    "check",
    "ci",
    "debug",
    "dev",
    "development",
    "docs",
    "export",
    "lint",
    "prod",
    "release",
    "test",
    "tests",
];

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    let stages = &resolved.model.stages;
    let Some(last) = stages.last() else { return };
    let declared = around.targets.iter().flatten().filter_map(|target| named(stages, target));
    let targets: Vec<StageId> = declared.chain([resolved.target, last.id]).collect();
    let is_needed =
        |stage: &Stage| targets.iter().any(|target| resolved.model.graph.needed_by(*target).contains(&stage.id));
    let unused = stages.iter().find(|stage| !is_needed(stage) && !is_on_purpose(stage));
    let Some((stage, from)) = unused.and_then(|stage| Some((stage, stage.instructions.first()?))) else { return };
    if !resolved.model.graph.users(stage.id).is_empty() {
        return;
    }
    if let Some(reason) = counted(resolved) {
        found.refuse(Refusal::new(ids::DROP_STAGE, from.span, reason));
        return;
    }
    let mut change = Change::of(resolved);
    change.remove_stage(stage);
    let name = stage.name.as_ref().map_or("this stage".to_owned(), |name| format!("`{}`", name.value));
    let proposal = Proposal {
        because: vec![format!("no other stage uses {name}, and no build that is known of builds it")],
        assumed: vec!["nobody builds it by --target".to_owned()],
        ..Proposal::new(ids::DROP_STAGE, Class::Advice, format!("removes {name}, which is never built"), stage.span)
    };
    match change.finish() {
        Ok(changed) => found.propose(proposal, changed),
        Err(span) => found.refuse(Refusal::new(ids::DROP_STAGE, span, "it holds bytes that are not UTF-8")),
    }
}

fn named(stages: &[Stage], target: &str) -> Option<StageId> {
    let is_named = |stage: &&Stage| stage.name.as_ref().is_some_and(|name| name.value.eq_ignore_ascii_case(target));
    stages.iter().rev().find(is_named).map(|stage| stage.id)
}

fn is_on_purpose(stage: &Stage) -> bool {
    let name = stage.name.as_ref().map_or("", |name| name.value.as_str());
    name.split(['-', '_', '.']).any(|word| ON_PURPOSE.contains(&word))
}

/// Why stages may not be counted anew.
fn counted(resolved: &Resolved) -> Option<String> {
    let is_number = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    resolved.model.instructions().find_map(|instruction| match &instruction.operation {
        Operation::Copy(copy) => {
            let from = copy.from.as_ref().filter(|from| is_number(&from.value))?;
            Some(format!("`--from={}` counts the stages by number", from.value))
        }
        Operation::Run(run) => {
            let mut names = run.mounts.iter().filter_map(|mount| mount.option(&["from"]));
            let from = names.find(|from| is_number(from.raw.as_str()))?;
            Some(format!("`from={}` counts the stages by number", from.raw.as_str()))
        }
        Operation::From(from) if from.image.raw.as_str().contains('$') => {
            Some("a FROM chooses its stage or image by a variable".to_owned())
        }
        _ => None,
    })
}
