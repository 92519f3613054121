//! A comment that silences nothing, or names a rule in vain. Which these are is known where suppression is decided.

use super::{Check, Cx, Idle, Out};
use crate::syntax::ItemKind;
use crate::text::{Edit, Span};

pub(super) struct UnusedIgnore;

impl Check for UnusedIgnore {
    fn idle(&self, idle: &[Idle<'_>], cx: &Cx<'_>, out: &mut Out<'_>) {
        for one in idle {
            match one.name {
                None => out
                    .find(one.pragma.span, "this comment silences nothing")
                    .fix("remove the comment", || Some(vec![Edit::delete(lines(one.pragma.span, cx)?)])),
                Some(name) => out
                    .find(name.span, format!("`{}` finds nothing that this comment could silence", name.value))
                    .fix("remove the name", || Some(vec![Edit::delete(with_comma(name.span, cx)?)])),
            };
        }
    }
}

/// The line of a comment; none where the comment below would become a directive without it.
fn lines(comment: Span, cx: &Cx<'_>) -> Option<Span> {
    let source = cx.source();
    let line = source.line_of(comment.start);
    let is_code = |kind: &ItemKind| matches!(kind, ItemKind::Instruction(_) | ItemKind::Unknown(_));
    let is_below_code = cx.tree().items.iter().any(|item| is_code(&item.kind) && item.span.start < comment.start);
    let next = source.line_span((line + 1).min(source.line_count() - 1));
    let is_above_comment = source.slice(next).trim_start().starts_with('#');
    let end = if next.start > comment.start { next.start } else { source.len() };
    (is_below_code || !is_above_comment).then(|| Span::new(source.line_span(line).start, end))
}

/// A name, and the comma that parts it from its neighbour.
fn with_comma(name: Span, cx: &Cx<'_>) -> Option<Span> {
    let text = cx.source().text();
    let blanks = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
    let behind = &text[name.end..];
    let gap = blanks(behind);
    if behind[gap..].starts_with(',') {
        let next = name.end + gap + 1;
        return Some(Span::new(name.start, next + blanks(&text[next..])));
    }
    let before = text[..name.start].trim_end_matches([' ', '\t']).strip_suffix(',')?;
    Some(Span::new(before.trim_end_matches([' ', '\t']).len(), name.end))
}
