//! COPY --from with the number of a stage: a stage added above makes it mean another one. The fix writes the name,
//! where the stage has one that no other stage has.

use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation};
use crate::text::Edit;

pub(super) struct StageByNumber;

impl Check for StageByNumber {
    /// The stages are those of another file.
    fn trigger(&self, _instruction: &Instruction, _cx: &Cx<'_>, _out: &mut Out<'_>) {}

    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Copy(copy) = &instruction.operation else { return };
        let Some(from) = &copy.from else { return };
        let Some(stage) = from.value.parse::<usize>().ok().and_then(|index| cx.stages().get(index)) else { return };
        if Some(stage.id) >= instruction.stage {
            return;
        }
        let names = || cx.stages().iter().filter_map(|stage| stage.name.as_ref());
        let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        let name = stage.name.as_ref().filter(|name| names().filter(|other| other.value == name.value).count() == 1);
        let name = name.filter(|name| is_name(&name.value));
        let place = stage.instructions.first().map_or(stage.span, |first| first.keyword_span);
        let draft =
            out.find(from.span, format!("stage {} is meant by its number", from.value)).related(place, "this one");
        match name {
            None => drop(draft.help("name it: FROM … AS NAME, then --from=NAME")),
            Some(name) => {
                let is_plain = cx.text(from.span) == from.value;
                draft.help(format!("write --from={}", name.value)).fix(format!("write `{}`", name.value), || {
                    is_plain.then(|| vec![Edit::replace(from.span, name.value.clone())])
                });
            }
        }
    }
}
