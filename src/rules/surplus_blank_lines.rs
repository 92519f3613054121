//! More blank lines in a row than are wanted, or any at the end of the file. Those above the first instruction are left
//! alone: there a line decides what counts as a parser directive.

use super::{Check, Cx, Out};
use crate::syntax::{Item, ItemKind};
use crate::text::{Edit, Span};

pub(super) struct SurplusBlankLines;

impl Check for SurplusBlankLines {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let most = usize::try_from(out.number("most")).unwrap_or_default();
        let items = &cx.tree().items;
        let is_blank = |item: &Item| item.kind == ItemKind::Blank;
        let first = items.iter().position(|item| matches!(item.kind, ItemKind::Instruction(_))).unwrap_or(items.len());
        let mut at = first;
        while at < items.len() {
            let run = items[at..].iter().take_while(|item| is_blank(item)).count();
            let kept = if at + run == items.len() { 0 } else { most };
            if run > kept {
                let surplus = Span::new(items[at + kept].span.start, items[at + run - 1].span.end);
                let (message, help) = match kept {
                    0 if at + run == items.len() => ("blank lines at the end of the file".to_owned(), "remove them"),
                    _ => (format!("more than {most} blank lines in a row"), "remove some"),
                };
                out.find(surplus, message).help(help).fix("remove them", || Some(vec![Edit::delete(surplus)]));
            }
            at += run.max(1);
        }
    }
}
