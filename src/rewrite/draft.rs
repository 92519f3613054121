//! The text of a file while a rewrite changes it: whole instructions taken out, put in, with the comments that are theirs.

use crate::model::Instruction;
use crate::syntax::{ItemKind, Tree};
use crate::text::{Edit, Span};

/// The lines of an instruction and of the comment block directly above it, line ends included.
pub(super) fn block(tree: &Tree, instruction: &Instruction) -> Span {
    let mut first = instruction.item;
    while first > 0 && matches!(tree.items[first - 1].kind, ItemKind::Comment(_)) {
        first -= 1;
    }
    Span::new(tree.items[first].span.start, tree.items[instruction.item].span.end)
}

/// The line end that the file uses.
pub(super) fn line_end(tree: &Tree) -> &'static str {
    if tree.source.text().contains("\r\n") { "\r\n" } else { "\n" }
}

/// A keyword in the case that `like` is written in.
pub(super) fn keyword_like(tree: &Tree, like: &Instruction, keyword: &str) -> String {
    let written = tree.source.slice(like.keyword_span);
    if written.chars().any(char::is_lowercase) { keyword.to_lowercase() } else { keyword.to_owned() }
}

/// Inserts whole `lines` (without line ends) at `offset`, a line start or the end of the file.
pub(super) fn insert_lines(tree: &Tree, offset: usize, lines: &[String]) -> Edit {
    let end = line_end(tree);
    let text = tree.source.text();
    let joined = lines.join(end);
    if offset == text.len() && !text.is_empty() && !text.ends_with('\n') {
        return Edit::insert(offset, format!("{end}{joined}"));
    }
    Edit::insert(offset, format!("{joined}{end}"))
}

/// The lines of a block as they stand, without the last line end.
pub(super) fn lines_of(tree: &Tree, block: Span) -> Vec<String> {
    let text = tree.source.slice(block);
    text.lines().map(str::to_owned).collect()
}

/// Whether every byte of the block may be written again.
pub(super) fn is_text(tree: &Tree, block: Span) -> bool {
    tree.source.is_utf8(block)
}
