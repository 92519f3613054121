//! A variable whose name says that it holds a secret: ENV stays in the image, ARG in its history.
//! Judged by the words of the name alone.

use super::{Check, Cx, Out};
use crate::model::secret::is_secret_name;
use crate::model::{Instruction, Operation};
use crate::text::Span;

pub(super) struct SecretInArgOrEnv;

impl Check for SecretInArgOrEnv {
    fn instruction(&self, instruction: &Instruction, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let names: Vec<(&str, Span)> = match &instruction.operation {
            Operation::Arg(args) => args.iter().map(|arg| (arg.name.value.as_str(), arg.name.span)).collect(),
            Operation::Env(env) => env.pairs.iter().map(|pair| (pair.key.raw.as_str(), pair.key.span())).collect(),
            _ => return,
        };
        for (name, span) in names.into_iter().filter(|(name, _)| is_secret_name(name)) {
            let where_it_stays = if matches!(instruction.operation, Operation::Arg(_)) { "history" } else { "config" };
            out.find(span, format!("the value of `{name}` stays in the image's {where_it_stays}"))
                .help("give it to the RUN that needs it: RUN --mount=type=secret");
        }
    }
}
