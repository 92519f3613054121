//! RUN without a command: builders start a shell that does nothing.

use super::{Check, Cx, Out, removal};
use crate::model::{Command, Instruction, Operation};

pub(super) struct EmptyRun;

impl Check for EmptyRun {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Run(run) = &instruction.operation else { return };
        if matches!(&run.command, Command::Shell { text, .. } if text.as_str().trim().is_empty()) {
            out.find(instruction.keyword_span, "this RUN has no command")
                .help("write the command, or remove the line")
                .fix("remove it", || removal::instruction(instruction, cx).map(|edit| vec![edit]));
        }
    }
}
