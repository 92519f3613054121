//! Which step is to begin next.
//!
//! Pure: knows what each step waits for and how much depends on it, not threads or time. Invariants: no step is given
//! out before everything it waits for is over, none twice, and equal calls in an equal order give equal answers.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::plan::{Planned, StepId, critical};

/// The steps that wait, and those that are ready.
#[derive(Debug, Clone)]
pub struct Queue {
    /// How many steps each one still waits for.
    waiting_for: Vec<usize>,
    /// Who waits for each.
    waiters: Vec<Vec<StepId>>,
    /// What hangs on each: its own time and the longest way from there to the end.
    priorities: Vec<Duration>,
    ready: BTreeSet<Ready>,
    state: Vec<State>,
    /// How many are neither over nor given up.
    left: usize,
}

/// Ready steps in the order in which they are to begin: the most urgent first, then the order of the file.
type Ready = (std::cmp::Reverse<Duration>, StepId);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Ready,
    Begun,
    Over,
    GivenUp,
}

impl Queue {
    /// All steps of a plan, with the time that each is expected to take. Those on which most time hangs come first.
    pub fn new(planned: &Planned, cost: &dyn Fn(StepId) -> Duration) -> Self {
        let edges: Vec<Vec<StepId>> = planned.steps.iter().map(|step| step.waits_for()).collect();
        let costs: Vec<Duration> = planned.steps.iter().map(|step| cost(step.id)).collect();
        Self::of(&edges, &costs)
    }

    /// Steps numbered from 0, with what each waits for (smaller numbers only) and what each costs.
    pub fn of(waits_for: &[Vec<StepId>], costs: &[Duration]) -> Self {
        let count = waits_for.len();
        let mut waiters = vec![Vec::new(); count];
        for (step, inputs) in waits_for.iter().enumerate() {
            for input in inputs {
                assert!(input.0 < step, "a step stands behind everything it waits for");
                waiters[input.0].push(StepId(step));
            }
        }
        let mut queue = Self {
            waiting_for: waits_for.iter().map(Vec::len).collect(),
            priorities: critical::tails(&waiters, costs),
            waiters,
            ready: BTreeSet::new(),
            state: vec![State::Waiting; count],
            left: count,
        };
        (0..count).filter(|step| waits_for[*step].is_empty()).for_each(|step| queue.make_ready(StepId(step)));
        queue
    }

    /// The step to begin now; none while every step that is left waits for one that has begun.
    #[allow(clippy::should_implement_trait, reason = "a queue is no iterator: what is ready depends on what is done")]
    pub fn next(&mut self) -> Option<StepId> {
        self.next_if(|_| true)
    }

    /// The most urgent ready step that `may_begin`.
    pub fn next_if(&mut self, may_begin: impl Fn(StepId) -> bool) -> Option<StepId> {
        let found = self.ready.iter().find(|(_, step)| may_begin(*step)).copied()?;
        self.ready.remove(&found);
        self.state[found.1.0] = State::Begun;
        Some(found.1)
    }

    /// A step is over, and those that waited for nothing else become ready.
    pub fn finish(&mut self, step: StepId) {
        assert_eq!(self.state[step.0], State::Begun, "a step is over once, after it has begun");
        self.state[step.0] = State::Over;
        self.left -= 1;
        for waiter in self.waiters[step.0].clone() {
            self.waiting_for[waiter.0] -= 1;
            if self.waiting_for[waiter.0] == 0 && self.state[waiter.0] == State::Waiting {
                self.make_ready(waiter);
            }
        }
    }

    /// A step has failed: it and everything that waits for it, directly or not, will never begin. Gives those others,
    /// in the order of the file.
    pub fn give_up(&mut self, step: StepId) -> Vec<StepId> {
        assert_eq!(self.state[step.0], State::Begun, "a step fails once, after it has begun");
        self.state[step.0] = State::GivenUp;
        let mut lost = BTreeSet::new();
        let mut reached = vec![step];
        while let Some(reason) = reached.pop() {
            for waiter in &self.waiters[reason.0] {
                if self.state[waiter.0] == State::Waiting {
                    self.state[waiter.0] = State::GivenUp;
                    lost.insert(*waiter);
                    reached.push(*waiter);
                }
            }
        }
        self.left -= 1 + lost.len();
        lost.into_iter().collect()
    }

    /// Whether every step is over or given up.
    pub fn is_done(&self) -> bool {
        self.left == 0
    }

    fn make_ready(&mut self, step: StepId) {
        self.state[step.0] = State::Ready;
        self.ready.insert((std::cmp::Reverse(self.priorities[step.0]), step));
    }
}
