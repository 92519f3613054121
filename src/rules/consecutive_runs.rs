//! A RUN of one command right below another such RUN, in a stage whose layers ship. Silent where their flags differ, and
//! where one is more than a command: that is a step by intent.

use super::{Check, Cx, Out};
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
            if !is_single(above, cx) || !is_single(run, cx) || flags(above, cx) != flags(run, cx) {
                continue;
            }
            out.find(run.keyword_span, "a RUN of its own for one more command")
                .related(above.keyword_span, "the RUN above")
                .help("join them with `&&`: one layer less")
                .fix("join it with the RUN above", || join(above, run, cx).map(|edit| vec![edit]));
        }
    }
}

/// Whether it is a RUN of one command on its line.
fn is_single(instruction: &Instruction, cx: &Cx<'_>) -> bool {
    let Operation::Run(run) = &instruction.operation else { return false };
    matches!(run.command, Command::Shell { .. }) && cx.commands(instruction).count() == 1
}

fn flags<'a>(instruction: &Instruction, cx: &Cx<'a>) -> Vec<&'a str> {
    cx.written(instruction).map_or(Vec::new(), |one| one.flags.iter().map(|flag| cx.text(flag.span)).collect())
}

/// The keyword between two RUNs as `&&`, where the first leaves the shell as it was.
fn join(above: &Instruction, run: &Instruction, cx: &Cx<'_>) -> Option<Edit> {
    let (before, after) = (cx.commands(above).next()?.command, cx.commands(run).next()?.command);
    let is_lasting = before.name().is_none_or(|name| LASTING.contains(&name));
    let is_whole = |instruction: &Instruction, span: Span| {
        let written = cx.written(instruction).map(|written| written.rest.span());
        written.is_some_and(|rest| {
            rest.start == span.start && cx.text(Span::new(span.end, instruction.span.end)).trim().is_empty()
        })
    };
    let between = Span::new(before.span.end, after.span.start);
    let is_free = is_whole(above, before.span) && is_whole(run, after.span) && !cx.text(between).contains('#');
    let escape = cx.tree().directives.escape;
    (is_free && !is_lasting).then(|| Edit::replace(between, format!(" {escape}{} && ", cx.line_end())))
}
