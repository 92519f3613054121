//! The split rule: `COPY S to D; RUN c` may become `COPY M to D; RUN c; COPY S to D`.
//!
//! That is no exchange: it holds when `c` reads nothing below `D` but `M`, writes nothing below `D` that `S` brings
//! too, leaves `M` as it is, and relies on nothing that the copy changes for everybody. `M` then arrives twice with the same bytes, owner and mode.

use std::collections::BTreeSet;

use crate::effect::{EffectSet, PathSet, paths};

/// The question: may the copy be split around the command?
#[derive(Debug, Clone)]
pub struct Split<'a> {
    /// Every path that the copy brings, absolute: files, links and directories below `D`.
    pub brought: &'a BTreeSet<String>,
    /// The directory that it is copied to.
    pub destination: &'a str,
    /// The part that is copied first.
    pub first: &'a BTreeSet<String>,
    /// What the copy does to anything but these paths.
    pub copy: &'a EffectSet,
    /// What the command does.
    pub command: &'a EffectSet,
}

/// Why the copy may not be split.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// The command is not modelled.
    #[error("{0}")]
    Unmodelled(String),
    /// The command reads a path that would come too late.
    #[error("it reads {0}, which would be copied only afterwards")]
    Reads(String),
    /// The command writes a path that the copy brings too, so that the order decides who wins.
    #[error("it writes {0}, which the build context also holds")]
    Writes(String),
    /// The copy changes a shared part of the system that the command relies on, or the other way round.
    #[error("one sets {0}, which the other uses")]
    Cell(String),
}

/// Whether the split gives the same tree.
pub fn split(question: &Split<'_>) -> Result<(), Breach> {
    let Split { brought, destination, first, copy, command } = question;
    if let Some(reason) = &command.barrier {
        return Err(Breach::Unmodelled(reason.clone()));
    }
    let late = brought.iter().find(|path| command.reads.contains(path) && !first.contains(*path));
    if let Some(path) = late {
        return Err(Breach::Reads(path.clone()));
    }
    if let Some(cell) = copy.disturbed_cell(command).or_else(|| command.disturbed_cell(copy)) {
        return Err(Breach::Cell(cell.to_string()));
    }
    let written = command.writes.within(destination);
    match brought.iter().find(|path| clashes(path, &written, destination)) {
        Some(path) => Err(Breach::Writes(path.clone())),
        None => Ok(()),
    }
}

/// A path clashes when it is written itself, or when it lies where the command needs a directory of its own.
fn clashes(path: &str, written: &PathSet, destination: &str) -> bool {
    paths::clean(path) != paths::clean(destination) && written.contains(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    fn ask(brought: &[&str], first: &[&str], command: &EffectSet) -> Result<(), Breach> {
        let (brought, first) = (set(brought), set(first));
        let copy = EffectSet::default();
        split(&Split { brought: &brought, destination: "/app", first: &first, copy: &copy, command })
    }

    #[test]
    fn an_install_that_reads_its_manifest_alone_splits() {
        let pip = EffectSet { reads: PathSet::path("/app/requirements.txt"), ..EffectSet::default() };
        assert_eq!(ask(&["/app/requirements.txt", "/app/app.py"], &["/app/requirements.txt"], &pip), Ok(()));
    }

    #[test]
    fn a_read_of_the_sources_is_refused_by_name() {
        let setup = EffectSet { reads: PathSet::below("/app"), ..EffectSet::default() };
        let answer = ask(&["/app/a.py", "/app/setup.py"], &["/app/setup.py"], &setup);
        assert_eq!(answer, Err(Breach::Reads("/app/a.py".into())));
    }

    #[test]
    fn an_existing_node_modules_is_refused() {
        let npm = EffectSet { writes: PathSet::below("/app/node_modules"), ..EffectSet::default() };
        assert_eq!(ask(&["/app/index.js"], &[], &npm), Ok(()));
        let answer = ask(&["/app/node_modules/a/index.js"], &[], &npm);
        assert_eq!(answer, Err(Breach::Writes("/app/node_modules/a/index.js".into())));
    }

    #[test]
    fn an_unmodelled_command_is_refused_with_its_reason() {
        let make = EffectSet::unknown("`make` is not modelled");
        assert_eq!(ask(&[], &[], &make), Err(Breach::Unmodelled("`make` is not modelled".into())));
    }
}
