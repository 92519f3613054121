//! What the parser could not read, as findings. Where one slip is all that is wrong, the fix writes what was meant.

use super::{Check, Cx, Out};
use crate::model::{Change, ChangeKind, Field, Resolved, analyze, diff, resolve};
use crate::syntax::{self, Arguments, ItemKind, Keyword};
use crate::text::{Edit, EditSet, SourceFile};

/// So many bytes are read to try what was meant, each time all of the file: one with more mistakes is left alone.
const MOST_READ: usize = 1 << 20;

pub(super) struct SyntaxError;

impl Check for SyntaxError {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        for error in cx.errors {
            let name = if is_about_trigger(error, cx) { "DL3043" } else { "DL1000" };
            let mut draft = out.find(error.span, error.message.clone()).known_as(&[name]);
            if let Some(help) = &error.help {
                draft = draft.help(help.clone());
            }
            if let Some(meant) = &error.meant {
                draft.fix(format!("write `{}`", meant.value), || {
                    let is_on_one_line = !cx.text(meant.span).contains('\n');
                    // A keyword is written as the others are.
                    let is_keyword = meant.span == error.span && Keyword::from_word(&meant.value).is_some();
                    let like = if is_keyword { cx.text(error.span) } else { "" };
                    let text =
                        if like.is_empty() { meant.value.clone() } else { super::cased_like(&meant.value, like) };
                    let edit = Edit::replace(meant.span, text);
                    (is_on_one_line && brings_one_instruction(&edit, cx)).then(|| vec![edit])
                });
            }
        }
    }
}

/// Whether a mended word makes an instruction of its line and nothing else: it may also uncover what else is wrong with
/// the line, open a heredoc that takes in the lines below, or, as FROM, decide to which stage those belong.
fn brings_one_instruction(edit: &Edit, cx: &Cx<'_>) -> bool {
    if cx.errors.len() * cx.source().len() > MOST_READ {
        return false;
    }
    let Ok(edits) = EditSet::from_edits([edit.clone()]) else { return false };
    let mended = SourceFile::new(cx.source().name(), edits.apply(cx.source().bytes()));
    let parsed = syntax::parse(&mended);
    let (before, after) = (cx.resolved, resolve(analyze(parsed.tree), &cx.resolved.options, cx.around));
    let problems = |resolved: &Resolved| resolved.model.problems.len() + resolved.problems.len();
    let is_mended = parsed.errors.len() + problems(&after) < cx.errors.len() + problems(before);
    let is_declared = |change: Change| match change.kind {
        ChangeKind::Added(_) => true,
        ChangeKind::Changed { fields, .. } => change.keyword == Keyword::From && fields == [Field::Platform],
        _ => false,
    };
    is_mended && diff(before, &after).into_iter().all(is_declared)
}

/// Whether ONBUILD stores an instruction that it cannot store.
fn is_about_trigger(error: &syntax::SyntaxError, cx: &Cx<'_>) -> bool {
    cx.tree().items.iter().any(|item| {
        let ItemKind::Unknown(unknown) = &item.kind else { return false };
        let arguments = unknown.instruction.as_ref().map(|instruction| &instruction.arguments);
        matches!(arguments, Some(Arguments::Trigger(trigger)) if trigger.keyword_span == error.span)
    })
}
