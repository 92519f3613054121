//! A file after proposals.

use std::collections::BTreeSet;

use crate::model::{self, Resolved, Surroundings};
use crate::rewrite::Proposal;
use crate::syntax;
use crate::text::SourceFile;

/// The bytes of a file after these proposals, each on what the one before leaves.
pub fn applied<'p>(before: &[u8], moves: impl IntoIterator<Item = &'p Proposal>) -> Vec<u8> {
    moves.into_iter().fold(before.to_vec(), |bytes, proposal| proposal.edits.apply(&bytes))
}

/// The ignore file after these proposals; none where it stays as it is.
pub fn ignore_file_after(before: &str, moves: &[Proposal]) -> Option<String> {
    let mut there: BTreeSet<&str> = before.lines().collect();
    let lines = moves.iter().flat_map(|proposal| &proposal.ignored).filter(|line| there.insert(line));
    let mut lines = lines.collect::<Vec<_>>().into_iter().peekable();
    lines.peek()?;
    let end = if before.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { end };
    Some(lines.fold(format!("{before}{gap}"), |text, line| format!("{text}{line}{end}")))
}

/// The same file read again, under the options that it was read under before.
pub fn resolved_after<'p>(
    resolved: &Resolved,
    around: &Surroundings,
    moves: impl IntoIterator<Item = &'p Proposal>,
) -> Resolved {
    let source = &resolved.model.tree.source;
    let parsed = syntax::parse(&SourceFile::new(source.name(), applied(source.bytes(), moves)));
    model::resolve(model::analyze(parsed.tree), &resolved.options, around)
}

/// A file that is nothing but this image, read as `resolved` was.
pub fn image_alone(resolved: &Resolved, around: &Surroundings, image: &str) -> Resolved {
    // What is built is the stage of the target's name.
    let name = resolved.options.target.as_ref().map(|name| format!(" AS {name}")).unwrap_or_default();
    let source = SourceFile::new(resolved.model.tree.source.name(), format!("FROM {image}{name}\n"));
    model::resolve(model::analyze(syntax::parse(&source).tree), &resolved.options, around)
}
