//! ENV that uses a variable which the same ENV sets: all words see the values from before the line.
//! `PATH=$PATH:…` is meant that way, so only variables set by an earlier pair count, and not those whose own new value is
//! made of the old one: `A=$A B=$A`, `A=${A:-1} B=${A:-1}`.

use super::{Check, Cx, Out};
use crate::diagnostic::Safety;
use crate::model::{Instruction, Operation, Standing, VariableUse};
use crate::text::{Edit, Span};

pub(super) struct EnvInSameEnv;

impl Check for EnvInSameEnv {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Env(env) = &instruction.operation else { return };
        let uses = || cx.resolved.uses().iter().filter(|used| used.instruction == instruction.id);
        for used in uses() {
            let Some(user) = env.pairs.iter().position(|pair| pair.value.span().encloses(used.span)) else { continue };
            let set = env.pairs[..user].iter().find(|pair| cx.resolved.known(&pair.key) == Some(used.name.as_str()));
            let Some(set) = set else { continue };
            let is_renewed = |one: &VariableUse| one.name == used.name && set.value.span().encloses(one.span);
            if uses().any(is_renewed) {
                continue;
            }
            let sees = match used.standing {
                Standing::Set => "its old value",
                Standing::MaybeInBase => "what the base image says",
                Standing::Declared | Standing::Undefined => "nothing",
            };
            let gap = Span::new(env.pairs[user - 1].value.span().end, env.pairs[user].key.span().start);
            let keyword = cx.text(instruction.keyword_span);
            out.find(used.span, format!("`{}` stands for {sees} here", used.name))
                .related(set.key.span(), "takes effect only below this ENV")
                .help("set it in an ENV of its own above")
                .fix_as(Safety::Display, "begin a new ENV", || Some(vec![Edit::replace(gap, format!("\n{keyword} "))]));
        }
    }
}
