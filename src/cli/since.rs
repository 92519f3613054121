//! `rplan lint --since`: what each file was at a commit, and so what the change since then touched.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::cli::exit::{Answer, Failure};
use crate::cli::files::Input;
use crate::cli::proposed::proposed;
use crate::cli::rulebook::Rulebook;
use crate::cli::situation::Situation;
use crate::lint::{Change, Selection, lint};
use crate::model::{analyze, resolve};
use crate::syntax::parse;
use crate::text::{SourceFile, Span};
use crate::workspace::discover::absolute;
use crate::workspace::history::HistoryError;
use crate::workspace::repository_root;
use crate::workspace::revision::{Before, Revision};

/// More differing lines than this are all taken to be touched: matching them takes time that grows with their square.
const MOST_COMPARED: usize = 20_000;

/// What the files were.
pub(super) struct Since {
    before: BTreeMap<PathBuf, Before>,
}

impl Since {
    /// Asks git about every file. A name that means no commit, or a file in no repository, is wrong usage.
    pub(super) fn open(revision: &str, inputs: &[Input]) -> Answer<Self> {
        let mut repositories = BTreeMap::new();
        let mut before = BTreeMap::new();
        for input in inputs {
            // What cannot be read is told whatever it was.
            let Some(folder) = folder(&input.path).filter(|_| input.trouble.is_none()) else { continue };
            let root = repository_root(&folder).unwrap_or(&folder).to_owned();
            let repository = match repositories.entry(root) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => place.insert(Revision::open(&folder, revision).map_err(refused)?),
            };
            before.insert(input.path.clone(), was(input, repository)?);
        }
        Ok(Self { before })
    }

    /// What the change did to a file.
    pub(super) fn change(&self, input: &Input, source: &SourceFile, situation: &Situation, book: &Rulebook) -> Change {
        let old = match self.before.get(&input.path) {
            Some(Before::Bytes(old)) => SourceFile::new(source.name(), old.clone()),
            Some(Before::Same) => return Change::Nothing,
            Some(Before::Nothing) | None => return Change::Everything,
        };
        let old = match &input.inline {
            None => old,
            Some(inline) => match inline.earlier(&old) {
                Some(old) => old,
                None => return Change::Everything,
            },
        };
        let parsed = parse(&old);
        let (around, selection) = (&situation.around, Selection { fixes: false, ..book.selection.clone() });
        let resolved = resolve(analyze(parsed.tree), &situation.options, around);
        let further = proposed(input, &resolved, &parsed.errors, situation, book);
        let before = lint(&resolved, &parsed.errors, around, &book.catalogue, &selection, further);
        Change::of(&situation.resolved.model.tree, &touched(&old, source), &before.findings)
    }
}

/// The folder of the file that is read, links followed.
fn folder(path: &Path) -> Option<PathBuf> {
    let file = path.canonicalize().unwrap_or_else(|_| absolute(path));
    file.parent().filter(|folder| folder.is_dir()).map(Path::to_owned)
}

/// What the file of an input was. A text on stdin is compared with the file whose name it has.
fn was(input: &Input, repository: &Revision) -> Answer<Before> {
    let is_nameless = input.stdin.as_ref().is_some_and(|_| input.name() == "<stdin>");
    if is_nameless {
        return Ok(Before::Nothing);
    }
    match repository.before(&input.path).map_err(refused)? {
        Before::Same if input.stdin.is_some() => Ok(std::fs::read(&input.path).map_or(Before::Nothing, Before::Bytes)),
        before => Ok(before),
    }
}

pub(super) fn refused(error: HistoryError) -> Failure {
    match error {
        HistoryError::NoGit(_) | HistoryError::NotWritten { .. } => Failure::environment(error),
        HistoryError::Refused { .. } | HistoryError::NoCommit { .. } => {
            Failure::usage(error).with_help("--since takes a commit, a branch or a tag of the repository of the files")
        }
    }
}

/// The lines of `new` that `old` does not have, line ends apart.
fn touched(old: &SourceFile, new: &SourceFile) -> Vec<Span> {
    let (old, new_lines) = (lines(old), lines(new));
    let same = old.iter().zip(&new_lines).take_while(|(a, b)| a == b).count();
    let (old, rest) = (&old[same..], &new_lines[same..]);
    let end = old.iter().rev().zip(rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, rest) = (&old[..old.len() - end], &rest[..rest.len() - end]);
    let span = |line: usize| new.line_span(same + line);
    if old.len() + rest.len() > MOST_COMPARED {
        return (0..rest.len()).map(span).map(with_line_end).collect();
    }
    let differing = capture_diff_slices(Algorithm::Myers, old, rest);
    let differing = differing.iter().filter(|op| op.tag() != DiffTag::Equal);
    differing.flat_map(|op| op.new_range()).map(span).map(with_line_end).collect()
}

/// An empty line touches something too.
fn with_line_end(line: Span) -> Span {
    Span::new(line.start, line.end + 1)
}

fn lines(source: &SourceFile) -> Vec<&[u8]> {
    (0..source.line_count()).map(|line| &source.bytes()[source.line_span(line).range()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> Vec<usize> {
        let (old, new) = (SourceFile::new("f", old), SourceFile::new("f", new));
        touched(&old, &new).iter().map(|span| new.line_of(span.start) + 1).collect()
    }

    #[test]
    fn lines_that_are_new_or_other_are_touched() {
        assert_eq!(shown("a\nb\nc\n", "a\nx\nc\nd\n"), [2, 4]);
        assert_eq!(shown("a\nb\nc\n", "a\nc\n"), [0; 0]);
        assert_eq!(shown("a\nb\n", "b\na\n").len(), 1, "what moved is touched once");
        assert_eq!(shown("a\r\nb", "a\nb\n"), [0; 0], "line ends are git's business");
        assert_eq!(shown("a\n", "a\n\n"), [2]);
    }

    #[test]
    fn too_many_lines_are_not_compared() {
        let many = |word: &str| format!("same\n{}same\n", format!("{word}\n").repeat(MOST_COMPARED));
        assert_eq!(shown(&many("a"), &many("b")).len(), MOST_COMPARED);
    }
}
