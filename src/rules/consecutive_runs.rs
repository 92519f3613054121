//! A RUN of one or two commands right below another such RUN, in a stage whose layers ship. Silent where their flags
//! differ, and where one is a script of its own: that is a step by intent.

use super::{Check, Cx, Out};
use crate::model::shell::Connector;
use crate::model::{Command, Instruction, Operation, Stage};
use crate::text::{Edit, Span};

pub(super) struct ConsecutiveRuns;

/// The commands whose effect on the shell would reach those of the next RUN.
const LASTING: &[&str] = &[
    "cd", "export", "set", "unset", "umask", "exec", "exit", "trap", "alias", "source", ".", "pushd", "shopt", "ulimit",
];

impl Check for ConsecutiveRuns {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !cx.ships(stage.id) {
            return;
        }
        for pair in stage.instructions.windows(2) {
            let [above, run] = pair else { continue };
            if !is_short(above, cx) || !is_short(run, cx) || flags(above, cx) != flags(run, cx) {
                continue;
            }
            out.find(run.keyword_span, "a RUN of its own for a step of one or two commands")
                .related(above.keyword_span, "the RUN above")
                .help("join them with `&&`: one layer less")
                .fix("join it with the RUN above", || join(above, run, cx).map(|edit| vec![edit]));
        }
    }
}

/// Whether it is a RUN of one or two commands on its line.
fn is_short(instruction: &Instruction, cx: &Cx<'_>) -> bool {
    let Operation::Run(run) = &instruction.operation else { return false };
    let count = cx.commands(instruction).count();
    matches!(run.command, Command::Shell { .. }) && (1..=2).contains(&count)
}

fn flags<'a>(instruction: &Instruction, cx: &Cx<'a>) -> Vec<&'a str> {
    cx.written(instruction).map_or(Vec::new(), |one| one.flags.iter().map(|flag| cx.text(flag.span)).collect())
}

/// The keyword between two RUNs as `&&`, where both are chains that leave the shell as it was.
fn join(above: &Instruction, run: &Instruction, cx: &Cx<'_>) -> Option<Edit> {
    let is_chain = |instruction: &Instruction| {
        let Operation::Run(run) = &instruction.operation else { return false };
        let flat = run.command.body().and_then(|body| body.script()).filter(|script| script.is_flat);
        flat.is_some_and(|script| {
            script.commands.iter().all(|command| {
                let is_plain = command.name().is_some_and(|name| !LASTING.contains(&name));
                is_plain && matches!(command.joined_by, Connector::First | Connector::And)
            })
        })
    };
    let last = cx.commands(above).last()?.command.span.end;
    let first = cx.commands(run).next()?.command.span.start;
    let has_comment = cx.text(Span::new(last, run.span.start)).contains('#');
    let is_whole = cx.text(Span::new(last, above.span.end)).trim().is_empty();
    let escape = cx.tree().directives.escape;
    (is_chain(above) && is_chain(run) && is_whole && !has_comment)
        .then(|| Edit::replace(Span::new(last, first), format!(" {escape}\n && ")))
}
