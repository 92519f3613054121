//! A COPY of files that change often above a step that it holds up for nothing: what past commits changed tells how often the
//! step ran again although none of its own inputs had changed. Told only where the step could stand above the COPY, by the
//! exchange test of `effect` with everything in between, and where every input above the step is known.

use std::collections::BTreeSet;

use super::{Check, Cx, Out};
use crate::effect::exchange;
use crate::effect::instruction::{of_instruction, workdir_before};
use crate::effect::transfer::brought;
use crate::model::{Base, CopySource, History, Instruction, MountKind, Operation, Stage};
use crate::text::Span;

pub(super) struct OftenChangedFirst;

/// The commits of the history that changed something, by their positions.
type Commits = BTreeSet<usize>;

impl Check for OftenChangedFirst {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let number = |option: &str| usize::try_from(out.number(option)).unwrap_or_default();
        let (least, percent) = (number("commits"), number("percent"));
        let Some(history) = cx.around.history.as_ref().filter(|history| history.commits.len() >= least) else { return };
        let total = history.commits.len();
        let Some(inputs) = inputs(stage, history, cx) else { return };
        for (index, instruction) in stage.instructions.iter().enumerate() {
            let Some(own) = inputs.get(index).filter(|own| own.len() * 100 >= percent * total) else { continue };
            // What moves below a step moves past everything in between.
            let mut passed = (index + 1..inputs.len()).take_while(|below| may_change_places(stage, index, *below, cx));
            let held_up = passed.find_map(|below| {
                let needless = needless(own, index, &inputs[..=below]);
                (is_work(&stage.instructions[below]) && needless * 100 >= percent * total).then_some((below, needless))
            });
            let Some((below, needless)) = held_up else { continue };
            let (span, step) = (sources(instruction), &stage.instructions[below]);
            out.find(
                span,
                format!("{needless} of the last {total} commits run the {} below again for nothing", step.keyword),
            )
            .label(format!("changes in {} of them", own.len()))
            .related(step.span, "reads nothing of it")
            .help(format!("put the {} above this {}", step.keyword, instruction.keyword));
        }
    }
}

/// For each instruction of the stage, up to the first whose inputs nobody knows, the commits that changed what it takes
/// from the context; none where that is not known of the stage's base.
fn inputs(stage: &Stage, history: &History, cx: &Cx<'_>) -> Option<Vec<Commits>> {
    matches!(cx.resolved.bases[stage.id.0], Base::Image(_) | Base::Scratch).then_some(())?;
    let known = stage.instructions.iter().enumerate();
    Some(known.map_while(|(index, instruction)| changes(stage, index, instruction, history, cx)).collect())
}

/// The commits that changed what the instruction takes from the context; none where it takes what nobody knows.
fn changes(stage: &Stage, index: usize, instruction: &Instruction, history: &History, cx: &Cx<'_>) -> Option<Commits> {
    match &instruction.operation {
        Operation::Copy(_) => {
            let workdir = workdir_before(cx.resolved, cx.around, stage.id, index);
            let context = cx.around.context.as_deref()?;
            let brought = brought(&instruction.operation, workdir.as_deref(), cx.resolved, context).ok()?;
            let paths: BTreeSet<&str> = brought.paths.values().map(String::as_str).collect();
            let touches = |commit: &BTreeSet<String>| commit.iter().any(|path| paths.contains(path.as_str()));
            let commits = history.commits.iter().enumerate();
            Some(commits.filter(|(_, commit)| touches(commit)).map(|(at, _)| at).collect())
        }
        Operation::Add(_) => None,
        Operation::Run(run) => {
            let brings = |kind: Option<MountKind>| matches!(kind, Some(MountKind::Bind) | None);
            (!run.mounts.iter().any(|mount| brings(mount.kind))).then(Commits::new)
        }
        _ => Some(Commits::new()),
    }
}

/// How many commits change what this instruction takes, and nothing else that stands above the last or is taken by it.
fn needless(own: &Commits, index: usize, inputs: &[Commits]) -> usize {
    let others = inputs.iter().enumerate().filter(|(at, _)| *at != index);
    let others: Vec<&Commits> = others.map(|(_, commits)| commits).collect();
    own.iter().filter(|commit| !others.iter().any(|other| other.contains(commit))).count()
}

fn may_change_places(stage: &Stage, upper: usize, lower: usize, cx: &Cx<'_>) -> bool {
    let effect = |index| of_instruction(cx.resolved, cx.around, stage, index);
    exchange(&effect(upper), &effect(lower)).is_ok()
}

/// Whether the instruction takes time: it runs something, or copies.
fn is_work(instruction: &Instruction) -> bool {
    matches!(instruction.operation, Operation::Run(_) | Operation::Copy(_))
}

/// From the first source of a COPY to the last.
fn sources(instruction: &Instruction) -> Span {
    let Operation::Copy(copy) = &instruction.operation else { return instruction.span };
    let paths = copy.transfer.sources.iter().filter_map(|source| match source {
        CopySource::Path(word) => Some(word.span()),
        CopySource::Heredoc { .. } => None,
    });
    paths.reduce(|a, b| a.to(b)).unwrap_or(instruction.span)
}
