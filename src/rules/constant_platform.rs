//! A platform that is written out in FROM. Silent where the name of the stage says which platform it is for.

use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation};
use crate::text::{Edit, Span};

pub(super) struct ConstantPlatform;

impl Check for ConstantPlatform {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::From(from) = &instruction.operation else { return };
        let Some(platform) = from.platform.as_ref().map(|platform| platform.raw.as_str()) else { return };
        let name = from.alias.as_ref().map(|(_, name)| name.value.to_lowercase()).unwrap_or_default();
        let is_meant = platform.split('/').any(|part| !part.is_empty() && name.contains(part));
        let flag = cx.written(instruction).and_then(|written| {
            let mut flags = written.flags.iter();
            flags.find(|flag| flag.name.value == "platform").map(|flag| flag.span)
        });
        let Some(flag) = flag.filter(|_| !platform.contains('$') && !is_meant) else { return };
        out.find(flag, format!("`{}` builds for that platform, whatever is asked for", cx.text(flag)))
            .help("leave the flag out, or use $BUILDPLATFORM for a stage that only builds")
            .fix("leave the flag out", || Some(vec![Edit::delete(with_blanks(flag, cx))]));
    }
}

/// A flag and the blanks behind it.
pub(super) fn with_blanks(flag: Span, cx: &Cx<'_>) -> Span {
    let rest = &cx.source().text()[flag.end..];
    Span::new(flag.start, flag.end + (rest.len() - rest.trim_start_matches([' ', '\t']).len()))
}
