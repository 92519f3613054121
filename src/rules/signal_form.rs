//! STOPSIGNAL with another spelling than the full name in capitals.

use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation};
use crate::text::Edit;

pub(super) struct SignalForm;

/// The signals whose numbers are the same on every machine that Linux runs on.
const NUMBERS: &[(&str, &str)] =
    &[("1", "HUP"), ("2", "INT"), ("3", "QUIT"), ("6", "ABRT"), ("9", "KILL"), ("14", "ALRM"), ("15", "TERM")];
const NAMES: &[&str] =
    &["HUP", "INT", "QUIT", "ABRT", "KILL", "ALRM", "TERM", "USR1", "USR2", "CONT", "STOP", "PIPE", "WINCH", "PWR"];

impl Check for SignalForm {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Stopsignal(stop) = &instruction.operation else { return };
        let span = stop.signal.span();
        // A variable keeps its own spelling.
        let Some(signal) = cx.resolved.known(&stop.signal).filter(|signal| cx.text(span) == *signal) else { return };
        let Some(full) = full_name(signal).filter(|full| full != signal) else { return };
        out.find(span, format!("`{signal}` is {full}"))
            .help(format!("write {full}"))
            .fix(format!("write {full}"), || Some(vec![Edit::replace(span, full)]));
    }
}

fn full_name(signal: &str) -> Option<String> {
    let upper = signal.to_uppercase();
    let short = upper.strip_prefix("SIG").unwrap_or(&upper);
    let by_number = NUMBERS.iter().find(|(number, _)| *number == signal).map(|(_, name)| *name);
    let name = by_number.or_else(|| NAMES.iter().copied().find(|name| *name == short))?;
    Some(format!("SIG{name}"))
}
