//! What has no effect in a container of Windows: owners and rights of COPY, and STOPSIGNAL.

use super::{Check, Cx, Out, removal, windows};
use crate::model::{Instruction, Operation};
use crate::text::{Edit, Span};

pub(super) struct IgnoredOnWindows;

impl Check for IgnoredOnWindows {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !instruction.stage.is_some_and(|stage| windows::is_certain(stage, cx)) {
            return;
        }
        match &instruction.operation {
            Operation::Stopsignal(_) => {
                out.find(instruction.keyword_span, "Windows has no signals, so STOPSIGNAL does nothing")
                    .help("leave it out")
                    .fix("leave it out", || removal::instruction(instruction, cx).map(|edit| vec![edit]));
            }
            Operation::Copy(_) | Operation::Add(_) => {
                let Some(written) = cx.written(instruction) else { return };
                let mut before = instruction.keyword_span.end;
                for flag in &written.flags {
                    let lead = Span::new(before, flag.span.end);
                    before = flag.span.end;
                    if !matches!(flag.name.value.as_str(), "chown" | "chmod") {
                        continue;
                    }
                    out.find(
                        flag.span,
                        format!("Windows has no such owners and rights, so --{} does nothing", flag.name.value),
                    )
                    .help("leave it out; icacls in a RUN sets the rights of Windows")
                    .fix("leave it out", || (!cx.text(lead).contains('\n')).then(|| vec![Edit::delete(lead)]));
                }
            }
            _ => {}
        }
    }
}
