//! The exchange rule: two neighbours may change places when neither disturbs what the other reads or writes.

use crate::effect::{EffectSet, PathSet, paths};

/// Why two neighbours may not change places.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// A path that the first writes and the second reads.
    #[error("the second reads {0}, which the first writes")]
    ReadAfterWrite(String),
    /// A path that the first reads and the second writes.
    #[error("the first reads {0}, which the second writes")]
    WriteAfterRead(String),
    /// A path that both write.
    #[error("both write {0}")]
    WriteAfterWrite(String),
    /// A cell that one writes and the other uses.
    #[error("one sets {0}, which the other uses")]
    Cell(String),
    /// One of them may do anything.
    #[error("{0}")]
    Barrier(String),
}

/// Whether the neighbours `first; second` give the same result as `second; first`.
///
/// Two creations of one directory with the same owner and mode are no conflict: whichever comes first, the directory
/// is there and looks the same.
pub fn exchange(first: &EffectSet, second: &EffectSet) -> Result<(), Conflict> {
    let touches =
        |effect: &EffectSet| !effect.reads.is_empty() || !effect.writes.is_empty() || !effect.ensures.is_empty();
    for (one, other) in [(first, second), (second, first)] {
        if let (Some(reason), true) = (&one.barrier, touches(other)) {
            return Err(Conflict::Barrier(reason.clone()));
        }
    }
    if let Some(path) = first.writes.overlap(&second.reads) {
        return Err(Conflict::ReadAfterWrite(path));
    }
    if let Some(path) = first.reads.overlap(&second.writes) {
        return Err(Conflict::WriteAfterRead(path));
    }
    if let Some(path) = first.writes.overlap(&second.writes) {
        return Err(Conflict::WriteAfterWrite(path));
    }
    // A directory that one only makes sure of is disturbed by a write to that very path, not by files below it.
    for (ensuring, writing) in [(first, second), (second, first)] {
        if let Some(path) =
            ensuring.ensures.iter().find(|path| writing.writes.contains(path) && !writing.ensures.contains(*path))
        {
            return Err(Conflict::WriteAfterWrite(path.clone()));
        }
    }
    // Whoever touches what is below relies on it, unless it makes sure of it too.
    for (ensuring, touching) in [(first, second), (second, first)] {
        let relies = |path: &&String| {
            let below = PathSet::below(path);
            let touched = touching.writes.overlap(&below).or_else(|| touching.reads.overlap(&below));
            !paths::is_everywhere(path) && !touching.ensures.contains(*path) && touched.is_some()
        };
        if let Some(path) = ensuring.ensures.iter().find(relies) {
            return Err(Conflict::ReadAfterWrite(path.clone()));
        }
    }
    match first.disturbed_cell(second).or_else(|| second.disturbed_cell(first)) {
        Some(cell) => Err(Conflict::Cell(cell.to_string())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::effect::Cell;

    fn writes(path: &str) -> EffectSet {
        EffectSet { writes: PathSet::below(path), ..EffectSet::default() }
    }

    #[test]
    fn steps_on_different_directories_exchange() {
        assert_eq!(exchange(&writes("/a"), &writes("/b")), Ok(()));
    }

    #[test]
    fn a_reader_does_not_move_past_its_writer() {
        let reader = EffectSet { reads: PathSet::path("/a/x"), ..EffectSet::default() };
        assert_eq!(exchange(&writes("/a"), &reader), Err(Conflict::ReadAfterWrite("/a/x".into())));
        assert_eq!(exchange(&reader, &writes("/a")), Err(Conflict::WriteAfterRead("/a/x".into())));
    }

    #[test]
    fn an_unknown_step_exchanges_with_metadata_alone() {
        let unknown = EffectSet::unknown("make is not modelled");
        let label = EffectSet { cells_written: BTreeSet::from([Cell::Config("LABEL")]), ..EffectSet::default() };
        let env = EffectSet { cells_written: BTreeSet::from([Cell::Variable("A".into())]), ..EffectSet::default() };
        assert_eq!(exchange(&unknown, &label), Ok(()));
        assert!(exchange(&unknown, &env).is_err());
        assert!(exchange(&unknown, &writes("/a")).is_err());
    }

    #[test]
    fn two_that_make_sure_of_one_directory_exchange() {
        let workdir = EffectSet { ensures: BTreeSet::from(["/app".into()]), ..EffectSet::default() };
        let mut copy = writes("/app/x");
        copy.ensures.insert("/app".into());
        assert_eq!(exchange(&copy, &workdir), Ok(()));
        assert!(exchange(&writes("/app"), &workdir).is_err());
    }
}
