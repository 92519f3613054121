//! What the steps that run have said lately: enough of it to mend the one that fails.
//!
//! It is forgotten when a step ends. Nobody knows beforehand which step fails or which part of its words is needed, so of
//! each as much is kept as memory should be spent on: the end, and how much came before.

use std::collections::{BTreeMap, VecDeque};

use super::spoken::printable;
use crate::event::StepNumber;

/// Bytes that are kept of a step, more than people read. Whoever wants all of it has it in `--progress plain` or `json`, as it is said.
const KEPT: usize = 16 << 20;

/// By step, what it said, fit for a screen.
#[derive(Debug, Default)]
pub(super) struct Said(BTreeMap<StepNumber, Words>);

/// What one step said.
#[derive(Debug, Default)]
struct Words {
    lines: VecDeque<String>,
    /// The bytes in them.
    size: usize,
    /// How many lines before them are gone.
    gone: usize,
}

impl Said {
    /// A step said something.
    pub(super) fn hear(&mut self, step: StepNumber, line: &str) {
        let words = self.0.entry(step).or_default();
        let line = printable(line);
        words.size += line.len();
        words.lines.push_back(line);
        // However long it is, what was said last stays.
        while words.size > KEPT && words.lines.len() > 1 {
            words.size -= words.lines.pop_front().map_or(0, |line| line.len());
            words.gone += 1;
        }
    }

    /// What a step said last.
    pub(super) fn last(&self, step: StepNumber) -> Option<&str> {
        self.0.get(&step)?.lines.back().map(String::as_str)
    }

    /// What is left of what a step said, below a line about what is gone. It is forgotten then.
    pub(super) fn take(&mut self, step: StepNumber) -> Vec<String> {
        let Words { lines, gone, .. } = self.0.remove(&step).unwrap_or_default();
        let note =
            (gone > 0).then(|| format!("({gone} lines before this are not kept; --progress plain shows them all)"));
        note.into_iter().chain(lines).collect()
    }

    /// The steps that have said something and are not over.
    pub(super) fn speakers(&self) -> impl Iterator<Item = StepNumber> {
        self.0.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_log_the_end_is_kept_and_the_rest_is_counted() {
        let (mut said, step) = (Said::default(), StepNumber(0));
        let line = "x".repeat(1 << 10);
        (0..20_000).for_each(|_| said.hear(step, &line));
        said.hear(step, "the last");
        assert_eq!(said.last(step), Some("the last"));
        let log = said.take(step);
        assert_eq!(log[0], "(3617 lines before this are not kept; --progress plain shows them all)");
        assert_eq!((log.len(), log[log.len() - 1].as_str()), (1 + 20_001 - 3617, "the last"));
        assert!(said.take(step).is_empty());
    }

    #[test]
    fn one_line_is_kept_however_long_it_is() {
        let (mut said, step) = (Said::default(), StepNumber(0));
        let line = "x".repeat(2 * KEPT);
        said.hear(step, &line);
        assert_eq!(said.take(step), [line]);
    }
}
