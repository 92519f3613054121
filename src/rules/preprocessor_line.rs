//! A line for the preprocessor of C: to a builder it is a comment. Only lines that are hardly anything else are looked at,
//! and the first of a file is enough.

use super::{Check, Cx, Out};
use crate::syntax::ItemKind;

pub(super) struct PreprocessorLine;

impl Check for PreprocessorLine {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let comments = cx.tree().items.iter().filter_map(|item| match &item.kind {
            ItemKind::Comment(comment) => Some(comment.span),
            _ => None,
        });
        if let Some(line) = comments.into_iter().find(|span| is_for_preprocessor(cx.text(*span))) {
            let word = cx.text(line).split_whitespace().next().unwrap_or_default();
            out.find(line, format!("`{word}` is a comment to a builder")).help(
                "run the preprocessor first, and build what it writes; only Buildah does so itself, for files in .in",
            );
        }
    }
}

fn is_for_preprocessor(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let is_name = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
            && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    match words.as_slice() {
        ["#include", file] => {
            (file.starts_with('"') && file.ends_with('"')) || (file.starts_with('<') && file.ends_with('>'))
        }
        ["#ifdef" | "#ifndef" | "#undef", name] => is_name(name),
        ["#define", name, ..] => is_name(name),
        _ => false,
    }
}
