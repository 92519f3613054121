//! The ready queue and the critical path, on plans and on random graphs.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rplan::plan::StepId;
use rplan::plan::critical::{Cost, path};
use rplan::plan::queue::Queue;

use super::planned;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn the_step_on_which_most_time_hangs_begins_first() {
    let planned = planned(
        "FROM scratch AS quick\nCOPY q /\nFROM scratch AS slow\nCOPY s /\nRUN slow\nFROM scratch\nCOPY --from=quick /q /\nCOPY --from=slow /s /\n",
    );
    let cost = |step: StepId| if planned.step(step).text == "RUN slow" { seconds(60) } else { seconds(1) };
    let mut queue = Queue::new(&planned, &cost);
    let name = |step: StepId| planned.step(step).name.to_string();
    assert_eq!(queue.next().map(name).as_deref(), Some("[slow 1/2]"));
    assert_eq!(queue.next().map(name).as_deref(), Some("[quick 1/1]"));
    assert_eq!(queue.next(), None, "everything else waits for one of the two");
}

#[test]
fn what_waits_for_a_failed_step_is_given_up_and_nothing_else() {
    let waits_for: Vec<Vec<StepId>> = [vec![], vec![0], vec![1], vec![], vec![2, 3]]
        .map(|inputs: Vec<usize>| inputs.into_iter().map(StepId).collect())
        .to_vec();
    let mut queue = Queue::of(&waits_for, &[seconds(1); 5]);
    assert_eq!(queue.next(), Some(StepId(0)));
    queue.finish(StepId(0));
    assert_eq!(queue.next(), Some(StepId(1)));
    assert_eq!(queue.give_up(StepId(1)), [StepId(2), StepId(4)]);
    assert!(!queue.is_done());
    assert_eq!(queue.next(), Some(StepId(3)));
    queue.finish(StepId(3));
    assert_eq!(queue.next(), None);
    assert!(queue.is_done());
}

#[test]
fn the_critical_path_is_the_costliest_chain_of_what_runs() {
    let planned = planned(
        "FROM a AS x\nRUN 10\nFROM b AS y\nRUN 20\nRUN 5\nFROM scratch\nCOPY --from=x /o /x\nCOPY --from=y /o /y\nRUN ?\n",
    );
    let cost = |step: StepId| match planned.step(step).text.strip_prefix("RUN ").map(str::parse) {
        Some(Ok(time)) => Cost::Measured(seconds(time)),
        Some(Err(_)) => Cost::Unknown,
        None => Cost::Estimated(seconds(1)),
    };
    let names = |steps: &[StepId]| steps.iter().map(|step| planned.step(*step).name.to_string()).collect::<Vec<_>>();
    let all = path(&planned, &cost, &|_| true);
    assert_eq!(names(&all.steps), ["[y 1/3]", "[y 2/3]", "[y 3/3]", "[2/3]", "[3/3]"]);
    assert_eq!((all.time, all.unknown), (seconds(27), 1));
    let some = path(&planned, &cost, &|step| planned.step(step).text != "RUN 20");
    assert_eq!(names(&some.steps), ["[x 1/2]", "[x 2/2]", "[1/3]", "[2/3]", "[3/3]"]);
    assert!(path(&planned, &cost, &|_| false).steps.is_empty());
}

#[test]
fn without_any_times_the_longest_chain_is_critical() {
    let planned = planned(
        "FROM scratch AS x\nRUN 1\nRUN 2\nFROM scratch AS y\nRUN 1\nFROM scratch\nCOPY --from=y /a /\nCOPY --from=x /a /\n",
    );
    let found = path(&planned, &|_| Cost::Unknown, &|_| true);
    let names: Vec<String> = found.steps.iter().map(|step| planned.step(*step).name.to_string()).collect();
    assert_eq!(names, ["[x 1/2]", "[x 2/2]", "[2/2]"]);
}

#[test]
fn together_costs_are_known_as_badly_as_the_worse() {
    let (measured, estimated) = (Cost::Measured(seconds(1)), Cost::Estimated(seconds(2)));
    assert_eq!(measured.and(measured), Cost::Measured(seconds(2)));
    assert_eq!(measured.and(estimated), Cost::Estimated(seconds(3)));
    assert_eq!(estimated.and(Cost::Unknown), Cost::Unknown);
}

/// A random graph: for each step what it waits for and what it costs.
fn graph() -> impl Strategy<Value = (Vec<Vec<StepId>>, Vec<Duration>)> {
    let step = |number: usize| (prop::collection::btree_set(0..number.max(1), 0..3), 0..10_u64);
    (1..30_usize).prop_flat_map(move |count| {
        (0..count).map(step).collect::<Vec<_>>().prop_map(|steps| {
            let (inputs, costs): (Vec<BTreeSet<usize>>, Vec<u64>) = steps.into_iter().unzip();
            let inputs = inputs.into_iter().enumerate();
            let waits_for = inputs
                .map(|(number, inputs)| inputs.into_iter().filter(|input| *input < number).map(StepId).collect())
                .collect();
            (waits_for, costs.into_iter().map(seconds).collect())
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, rng_seed: RngSeed::Fixed(5), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_step_begins_before_its_inputs_are_over_and_each_begins_once(
        (waits_for, costs) in graph(),
        workers in 1..5_usize,
        choices in prop::collection::vec(any::<prop::sample::Index>(), 30),
    ) {
        let mut queue = Queue::of(&waits_for, &costs);
        let (mut begun, mut over) = (Vec::new(), BTreeSet::new());
        let mut at_work: Vec<StepId> = Vec::new();
        let mut choices = choices.into_iter();
        while over.len() < waits_for.len() {
            while at_work.len() < workers && let Some(step) = queue.next() {
                prop_assert!(waits_for[step.0].iter().all(|input| over.contains(input)));
                prop_assert!(!begun.contains(&step));
                begun.push(step);
                at_work.push(step);
            }
            prop_assert!(!at_work.is_empty(), "steps are left and none is ready");
            let done = at_work.remove(choices.next().map_or(0, |index| index.index(at_work.len())));
            over.insert(done);
            queue.finish(done);
        }
        prop_assert!(queue.is_done());
        prop_assert_eq!(queue.next(), None);
    }

    #[test]
    fn whatever_fails_every_step_ends_over_failed_or_given_up(
        (waits_for, costs) in graph(),
        fails in prop::collection::vec(any::<bool>(), 30),
    ) {
        let mut queue = Queue::of(&waits_for, &costs);
        let (mut over, mut lost) = (BTreeSet::new(), BTreeSet::new());
        while let Some(step) = queue.next() {
            if fails[step.0] {
                lost.insert(step);
                lost.extend(queue.give_up(step));
            } else {
                over.insert(step);
                queue.finish(step);
            }
        }
        prop_assert!(queue.is_done());
        prop_assert_eq!(over.len() + lost.len(), waits_for.len());
        for (step, inputs) in waits_for.iter().enumerate() {
            let doomed = inputs.iter().any(|input| lost.contains(input)) || fails[step];
            prop_assert_eq!(lost.contains(&StepId(step)), doomed);
        }
    }
}
