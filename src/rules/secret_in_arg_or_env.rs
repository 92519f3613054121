//! A variable whose name says that it holds a secret: ENV stays in the image, ARG in its history.
//! Judged by the words of the name alone; `PUBLIC`, `FILE`, `PATH`, `NAME` and `VERSION` in it speak for harmlessness.

use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation};
use crate::text::Span;

pub(super) struct SecretInArgOrEnv;

const SECRET: &[&str] =
    &["APIKEY", "AUTH", "CREDENTIAL", "CREDENTIALS", "KEY", "PASSWORD", "PASSWD", "PWD", "SECRET", "TOKEN"];
const HARMLESS: &[&str] = &["FILE", "NAME", "PATH", "PUBLIC", "URL", "VERSION"];

impl Check for SecretInArgOrEnv {
    fn instruction(&self, instruction: &Instruction, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let names: Vec<(&str, Span)> = match &instruction.operation {
            Operation::Arg(args) => args.iter().map(|arg| (arg.name.value.as_str(), arg.name.span)).collect(),
            Operation::Env(env) => env.pairs.iter().map(|pair| (pair.key.raw.as_str(), pair.key.span())).collect(),
            _ => return,
        };
        for (name, span) in names.into_iter().filter(|(name, _)| is_secret(name)) {
            let where_it_stays = if matches!(instruction.operation, Operation::Arg(_)) { "history" } else { "config" };
            out.find(span, format!("the value of `{name}` stays in the image's {where_it_stays}"))
                .help("give it to the RUN that needs it: RUN --mount=type=secret");
        }
    }
}

fn is_secret(name: &str) -> bool {
    let upper = name.to_uppercase();
    let words: Vec<&str> = upper.split(['_', '-']).collect();
    words.iter().any(|word| SECRET.contains(word))
        && !words.iter().any(|word| HARMLESS.contains(word))
        && upper != "PWD"
}
