//! New instructions on lines of their own, in the line ends and the case of the file.

use super::Cx;
use crate::model::Instruction;
use crate::syntax::ItemKind;
use crate::text::Edit;

/// Below an instruction, but for one that ends in a continuation, which would take in the new one. `keyword` is in
/// capitals.
pub(super) fn below(above: &Instruction, keyword: &str, arguments: &str, cx: &Cx<'_>) -> Option<Edit> {
    let line = line(above, keyword, arguments, cx);
    let lines = cx.lines(above);
    if cx.text(lines).trim_end().ends_with(cx.tree().directives.escape) {
        return None;
    }
    Some(match cx.text(lines).ends_with('\n') {
        true => Edit::insert(lines.end, format!("{line}{}", line_end(cx))),
        false => Edit::insert(lines.end, format!("{}{line}", line_end(cx))),
    })
}

/// Above an instruction and the comment that belongs to it. `keyword` is in capitals.
pub(super) fn above(below: &Instruction, keyword: &str, arguments: &str, cx: &Cx<'_>) -> Edit {
    let line = line(below, keyword, arguments, cx);
    let items = &cx.tree().items;
    let comments = items[..below.item].iter().rev().take_while(|item| matches!(item.kind, ItemKind::Comment(_)));
    let at = comments.last().map_or(cx.lines(below).start, |first| first.span.start);
    Edit::insert(at, format!("{line}{}", line_end(cx)))
}

fn line(like: &Instruction, keyword: &str, arguments: &str, cx: &Cx<'_>) -> String {
    format!("{} {arguments}", super::cased_like(keyword, cx.text(like.keyword_span)))
}

fn line_end(cx: &Cx<'_>) -> &'static str {
    if cx.source().text().contains("\r\n") { "\r\n" } else { "\n" }
}
