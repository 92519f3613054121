//! A stage name with capitals. Builders store it in lower case, so FROM finds it only by that.

use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation};
use crate::text::Edit;

pub(super) struct StageNameCasing;

impl Check for StageNameCasing {
    fn instruction(&self, instruction: &Instruction, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::From(from) = &instruction.operation else { return };
        let Some((_, name)) = &from.alias else { return };
        let lower = name.value.to_lowercase();
        if name.value != lower {
            out.find(name.span, format!("the stage name `{}` has capitals", name.value))
                .label(format!("stored as `{lower}`"))
                .help(format!("write `{lower}`: FROM finds a stage by no other name"))
                .fix(format!("write `{lower}`"), || Some(vec![Edit::replace(name.span, lower)]));
        }
    }
}
