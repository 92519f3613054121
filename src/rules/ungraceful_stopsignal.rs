//! STOPSIGNAL with a signal that no program can catch: it is killed, and has no time to finish.

use super::{Check, Cx, Out, removal};
use crate::model::{Instruction, Operation};

pub(super) struct UngracefulStopsignal;

impl Check for UngracefulStopsignal {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Stopsignal(stop) = &instruction.operation else { return };
        let Some(signal) = cx.resolved.known(&stop.signal) else { return };
        let name = signal.to_uppercase();
        let what = match name.strip_prefix("SIG").unwrap_or(&name) {
            "KILL" | "9" => "kills the program at once",
            "STOP" | "19" => "halts the program, and then it is killed",
            _ => return,
        };
        out.find(stop.signal.span(), format!("{signal} {what}"))
            .help("leave STOPSIGNAL out: SIGTERM asks the program to end")
            .fix("leave it out", || removal::instruction(instruction, cx).map(|edit| vec![edit]));
    }
}
