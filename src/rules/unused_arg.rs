//! An ARG that nothing reads. A step may read it from its environment, so a stage's ARG is judged only where every RUN
//! below has a model that says what it reads; names that builders and proxies know are left alone.

use super::{Check, Cx, Out};
use crate::effect::instruction::of_instruction;
use crate::model::{Arg, Instruction, Operation, Stage};

pub(super) struct UnusedArg;

const KNOWN: &[&str] = &["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy", "source_date_epoch"];

impl Check for UnusedArg {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        for global in &cx.resolved.model.globals {
            for arg in args(global) {
                let declared = cx.stages().iter().flat_map(|stage| &stage.instructions).flat_map(args);
                let again = declared.into_iter().any(|other| other.name.value == arg.name.value);
                if !again && !is_used(arg, cx) && !is_known(arg) {
                    tell(arg, "no FROM and no stage reads it", out);
                }
            }
        }
    }

    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        for (index, instruction) in stage.instructions.iter().enumerate() {
            for arg in args(instruction) {
                if !is_known(arg) && !is_used(arg, cx) && !may_be_read(arg, stage, index, cx) {
                    tell(arg, "nothing below reads it", out);
                }
            }
        }
    }
}

fn tell(arg: &Arg, why: &str, out: &mut Out<'_>) {
    out.find(arg.name.span, format!("the build argument `{}` is declared, and {why}", arg.name.value))
        .help("remove it");
}

fn args(instruction: &Instruction) -> &[Arg] {
    match &instruction.operation {
        Operation::Arg(args) => args,
        _ => &[],
    }
}

fn is_known(arg: &Arg) -> bool {
    let name = arg.name.value.to_lowercase();
    KNOWN.contains(&name.as_str()) || name.starts_with("buildkit_")
}

/// Whether a word of the file uses a variable of this name.
fn is_used(arg: &Arg, cx: &Cx<'_>) -> bool {
    cx.resolved.uses().iter().any(|one| one.name == arg.name.value)
}

/// Whether anything below may read it without a word of the Dockerfile saying so.
fn may_be_read(arg: &Arg, stage: &Stage, index: usize, cx: &Cx<'_>) -> bool {
    let inherited = !cx.resolved.model.graph.users(stage.id).is_empty();
    let below = stage.instructions.iter().enumerate().skip(index + 1);
    inherited
        || below.into_iter().any(|(at, later)| match later.keyword {
            crate::syntax::Keyword::Run => {
                cx.text(later.span).contains(&arg.name.value)
                    || of_instruction(cx.resolved, cx.around, stage, at).barrier.is_some()
            }
            crate::syntax::Keyword::Onbuild | crate::syntax::Keyword::Arg => {
                cx.text(later.span).contains(&arg.name.value)
            }
            _ => false,
        })
}
