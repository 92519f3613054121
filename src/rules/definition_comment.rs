//! A comment right above a named stage or an ARG that does not begin with its name: builders that list stages and build
//! arguments take the comment for a description only if it does. Comments for tools are no descriptions, and an empty
//! comment ends what stands above it.

use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation};
use crate::syntax::ItemKind;
use crate::text::{Edit, Spanned};

pub(super) struct DefinitionComment;

impl Check for DefinitionComment {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let names: Vec<&Spanned<String>> = match &instruction.operation {
            Operation::From(from) => from.alias.iter().map(|(_, name)| name).collect(),
            Operation::Arg(args) => args.iter().map(|arg| &arg.name).collect(),
            _ => return,
        };
        let Some(name) = names.first() else { return };
        let Some(above) = instruction.item.checked_sub(1).map(|above| &cx.tree().items[above]) else { return };
        let ItemKind::Comment(comment) = &above.kind else { return };
        let text = cx.text(comment.span).trim();
        let text = text.strip_prefix('#').unwrap_or(text).trim();
        let is_for_tools = cx.pragmas.iter().any(|pragma| comment.span.encloses(pragma.span));
        if text.is_empty() || is_for_tools || names.iter().any(|name| text.split(' ').next() == Some(&name.value)) {
            return;
        }
        let name_here = &name.value;
        out.find(name.span, format!("the comment above is no description of `{name_here}`"))
            .related(comment.span, "this one")
            .help(format!("begin it with `{name_here} `, or put an empty comment below it"))
            .fix("put an empty comment below it", || {
                let end = if cx.text(above.span).ends_with("\r\n") { "#\r\n" } else { "#\n" };
                Some(vec![Edit::insert(above.span.end, end)])
            });
    }
}
