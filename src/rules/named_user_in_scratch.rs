//! A user or group by name in a stage that begins with nothing and that nothing can have brought the file of such names.
//! USER is judged in the stage that is built alone: others may still get one. `root` is left alone.

use super::{Check, Cx, Out, arrivals};
use crate::model::{Instruction, Operation};

pub(super) struct NamedUserInScratch;

impl Check for NamedUserInScratch {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(stage) = instruction.stage else { return };
        let (word, last) = match &instruction.operation {
            Operation::User(user) if cx.is_target(stage) => (Some(&user.user), None),
            Operation::Copy(copy) => (copy.transfer.chown.as_ref(), Some(instruction)),
            Operation::Add(add) => (add.transfer.chown.as_ref(), Some(instruction)),
            _ => return,
        };
        let Some((word, value)) = word.and_then(|word| Some((word, cx.resolved.known(word)?))) else { return };
        let (user, group) = value.split_once(':').unwrap_or((value, ""));
        for (name, what, file) in [(user, "user", "/etc/passwd"), (group, "group", "/etc/group")] {
            let is_name = !name.is_empty() && name != "root" && name.parse::<u32>().is_err();
            if is_name && arrivals::lacks(file, stage, last, cx) {
                out.find(word.span(), format!("nobody knows the {what} `{name}` here: the stage has no {file}"))
                    .help(format!("write its number, or copy a {file}"));
                return;
            }
        }
    }
}
