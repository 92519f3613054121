//! A pipe whose first commands may fail unseen: the shell looks at the last one alone. Silent where SHELL or the text sets
//! pipefail, and where the commands before the last cannot fail.

use super::{Check, Cx, Out};
use crate::model::shell::SimpleCommand;
use crate::model::{Base, Instruction, Operation, Stage};

pub(super) struct PipeWithoutPipefail;

const NEVER_FAIL: &[&str] = &["echo", "printf", "true", "yes", ":"];

impl Check for PipeWithoutPipefail {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let mut guarded = shell_before(stage, cx);
        for instruction in &stage.instructions {
            match &instruction.operation {
                Operation::Shell(shell) => guarded = shell.words.iter().any(|word| word.value.contains("pipefail")),
                Operation::Run(_) if !guarded => run(instruction, cx, out),
                _ => {}
            }
        }
    }
}

/// Whether the shell that the stage begins with sets pipefail.
fn shell_before(stage: &Stage, cx: &Cx<'_>) -> bool {
    let mut at = stage.id;
    while let Base::Stage(parent) = &cx.resolved.bases[at.0] {
        let set = cx.resolved.model.stage(*parent).instructions.iter().rev().find_map(|one| match &one.operation {
            Operation::Shell(shell) => Some(shell.words.iter().any(|word| word.value.contains("pipefail"))),
            _ => None,
        });
        if let Some(set) = set {
            return set;
        }
        at = *parent;
    }
    false
}

fn run(instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
    let Operation::Run(run) = &instruction.operation else { return };
    let Some(script) = run.command.body().and_then(|body| body.script()) else { return };
    let sets = |command: &SimpleCommand| {
        command.name() == Some("set") && command.arguments().iter().any(|word| word.raw.contains("pipefail"))
    };
    if script.commands.iter().any(sets) {
        return;
    }
    for pipeline in &script.pipelines {
        let members: Vec<&SimpleCommand> =
            script.commands.iter().filter(|one| one.in_pipeline && pipeline.encloses(one.span)).collect();
        let Some((_, before)) = members.split_last() else { continue };
        let may_fail = |command: &&&SimpleCommand| command.name().is_none_or(|name| !NEVER_FAIL.contains(&name));
        if let Some(first) = before.iter().find(may_fail) {
            let name = first.words.first().map_or_else(|| cx.text(first.span), |word| &word.raw);
            out.find(*pipeline, format!("the step succeeds even when `{name}` fails")).help(
                "set pipefail: SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"], or `set -o pipefail` in the text",
            );
        }
    }
}
