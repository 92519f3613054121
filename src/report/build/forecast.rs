//! How long a build will take in all, as far as that can be said while it runs.
//!
//! Pure: what ran and what waits comes from the event log, how long a step is expected to take from its plan. With as
//! many steps at once as there are, the longest chain of what is left decides.

use std::collections::BTreeMap;

use crate::event::{StepInfo, StepNumber};

/// The state of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It runs since then.
    Running { since_ms: u64 },
    /// It is over.
    Over,
}

/// When the build is expected to be over, and whether all that is left was measured before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Forecast {
    pub(super) end_ms: u64,
    pub(super) measured: bool,
}

/// The forecast at `at_ms`; none when nothing is left.
pub(super) fn forecast(steps: &[StepInfo], states: &BTreeMap<StepNumber, State>, at_ms: u64) -> Option<Forecast> {
    let mut left: Vec<u64> = Vec::with_capacity(steps.len());
    let (mut is_any, mut measured) = (false, true);
    for (number, step) in steps.iter().enumerate() {
        let own = match states.get(&StepNumber(number)) {
            Some(State::Over) => {
                left.push(0);
                continue;
            }
            Some(State::Running { since_ms }) => step.expected.ms.saturating_sub(at_ms.saturating_sub(*since_ms)),
            None => step.expected.ms,
        };
        (is_any, measured) = (true, measured && step.expected.measured);
        let before = step.waits_for.iter().filter_map(|input| left.get(input.0)).max();
        left.push(before.copied().unwrap_or_default() + own);
    }
    is_any.then(|| Forecast { end_ms: at_ms + left.into_iter().max().unwrap_or_default(), measured })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Expected;

    #[test]
    fn the_longest_chain_of_what_is_left_decides() {
        let step = |ms, waits_for: &[usize]| StepInfo {
            waits_for: waits_for.iter().copied().map(StepNumber).collect(),
            expected: Expected { ms, measured: ms != 7 },
            ..StepInfo::called(String::new(), String::new())
        };
        let steps = [step(100, &[]), step(50, &[0]), step(70, &[]), step(10, &[1, 2]), step(7, &[0])];
        let at = |states: &[(usize, State)], at_ms| {
            let states = states.iter().map(|(step, state)| (StepNumber(*step), *state)).collect();
            forecast(&steps, &states, at_ms).map(|forecast| (forecast.end_ms, forecast.measured))
        };
        let over = |step| (step, State::Over);
        let running = |step, since_ms| (step, State::Running { since_ms });
        assert_eq!(at(&[], 0), Some((160, false)));
        assert_eq!(at(&[running(0, 5)], 45), Some((45 + 60 + 60, false)));
        assert_eq!(at(&[running(0, 0), over(4)], 500), Some((580, true)), "longer than expected");
        assert_eq!(at(&[over(0), over(1), over(4)], 120), Some((200, true)));
        assert_eq!(at(&[over(0), over(1), over(2), over(3), over(4)], 200), None);
    }
}
