//! FROM with the platform that holds anyway. Silent where the file declares a TARGETPLATFORM of its own.

use super::constant_platform::with_blanks;
use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation};
use crate::text::Edit;

pub(super) struct RedundantPlatform;

impl Check for RedundantPlatform {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::From(from) = &instruction.operation else { return };
        let Some(platform) = &from.platform else { return };
        let is_target = matches!(platform.raw.as_str(), "$TARGETPLATFORM" | "${TARGETPLATFORM}");
        let declares = |one: &Instruction| match &one.operation {
            Operation::Arg(args) => args.iter().any(|arg| arg.name.value == "TARGETPLATFORM" && arg.default.is_some()),
            _ => false,
        };
        if !is_target || cx.resolved.model.globals.iter().any(declares) {
            return;
        }
        let written = cx.written(instruction);
        let flag = written.and_then(|written| written.flags.iter().find(|flag| flag.name.value == "platform"));
        let Some(flag) = flag.map(|flag| flag.span) else { return };
        out.find(flag, format!("`{}` says what holds anyway", cx.text(flag)))
            .help("leave the flag out")
            .fix("leave the flag out", || Some(vec![Edit::delete(with_blanks(flag, cx))]));
    }
}
