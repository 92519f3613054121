//! How long a command took in the builds that were seen: one figure out of many, newer ones counting more.
//!
//! Pure. A command is told by its text and the image that it runs on: the same words take another time elsewhere.

use std::time::Duration;

use crate::digest::{Digest, Hasher};
use crate::plan::{Operation, Planned, Step};

/// How many runs are remembered of a command.
pub const MOST_RUNS: usize = 16;

/// After as many newer ones a run counts half.
const HALF_LIFE: f64 = 4.0;

/// The name of what a step is to whoever remembers times.
pub fn key(planned: &Planned, step: &Step) -> Digest {
    let stage = planned.stage(step.stage).and_then(|stage| planned.base_step(stage));
    let base = stage.map(|base| match &planned.step(base).operation {
        Operation::Base(base) => base.normalized.as_str(),
        _ => unreachable!("an image is brought by a base"),
    });
    let mut hasher = Hasher::new();
    hasher.field("took");
    hasher.field(base.unwrap_or("scratch"));
    hasher.field(&step.text);
    hasher.finish()
}

/// The median of these times, newest first, in which older ones count less and less; none of none.
pub fn median(newest_first: &[Duration]) -> Option<Duration> {
    let weight = |age: usize| 0.5_f64.powf(age as f64 / HALF_LIFE);
    let mut weighed: Vec<(Duration, f64)> =
        newest_first.iter().enumerate().map(|(age, time)| (*time, weight(age))).collect();
    weighed.sort_by_key(|(time, _)| *time);
    let half = weighed.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut reached = 0.0;
    weighed.into_iter().find_map(|(time, weight)| {
        reached += weight;
        (reached >= half).then_some(time)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(seconds: &[u64]) -> Option<u64> {
        let times: Vec<Duration> = seconds.iter().map(|seconds| Duration::from_secs(*seconds)).collect();
        median(&times).map(|time| time.as_secs())
    }

    #[test]
    fn one_that_is_off_does_not_count_and_what_changed_for_good_soon_does() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7]), Some(7));
        assert_eq!(of(&[90, 10, 11, 10]), Some(11), "one slow run");
        assert_eq!(of(&[30, 30, 30, 30, 10, 10, 10, 10, 10, 10]), Some(30), "four newer runs weigh more than six");
    }
}
