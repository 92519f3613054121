//! Draining a queue of work with threads: one thread owns all state and decides, the others only do and tell.
//!
//! The deciding thread is the caller's. Whenever a lane has an idle thread it asks the [`Foreman`] for an order for
//! that lane; a worker performs it, may send notes meanwhile, and sends what came of it at the end. Nothing is shared
//! between workers and foreman but these messages, so a foreman is plain sequential code. Knows nothing of steps.
//!
//! There are several lanes because there are several kinds of work: steps wait for other programs most of the time,
//! packing layers keeps processors busy, and neither may stall the other.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Whoever decides what is done next.
pub(super) trait Foreman {
    /// A piece of work, complete with everything it needs.
    type Order: Send;
    /// What a worker says while it works.
    type Note: Send;
    /// What came of an order.
    type Result: Send;

    /// An order for an idle thread of `lane`, if there is one that can start now. Asked again after each result.
    fn next(&mut self, lane: usize) -> Option<Self::Order>;

    /// Takes in what a worker says.
    fn hear(&mut self, note: Self::Note);

    /// Takes in what came of an order.
    fn settle(&mut self, result: Self::Result);
}

/// Says something to the foreman from inside an order.
pub(super) struct Post<F: Foreman>(Sender<Message<F>>);

impl<F: Foreman> Post<F> {
    /// Sends `note`.
    pub(super) fn say(&self, note: F::Note) {
        // The foreman hears every worker out, so nobody speaks to a foreman who has left.
        let _ = self.0.send(Message::Note(note));
    }
}

enum Message<F: Foreman> {
    Note(F::Note),
    Result(usize, F::Result),
    Panicked(Box<dyn Any + Send>),
}

/// How a worker does an order, with a post to say things to the foreman.
type Perform<'a, F> = dyn Fn(<F as Foreman>::Order, &Post<F>) -> <F as Foreman>::Result + Sync + 'a;

/// Lets the workers of each lane (`threads` many) work until nothing is under way and the foreman has no orders left.
///
/// # Panics
///
/// With the panic of a worker, after the others have finished what they were at.
pub(super) fn drain<F: Foreman>(foreman: &mut F, threads: &[usize], perform: &Perform<F>) {
    let (sender, messages) = channel();
    thread::scope(|scope| {
        let mut lanes = Vec::new();
        for (lane, &count) in threads.iter().enumerate() {
            let (orders, desk) = channel::<F::Order>();
            let desk = std::sync::Arc::new(Mutex::new(desk));
            for _ in 0..count.max(1) {
                let (desk, post) = (desk.clone(), Post(sender.clone()));
                scope.spawn(move || work(lane, &desk, &post, perform));
            }
            lanes.push(Lane { orders, idle: count.max(1) });
        }
        direct(foreman, lanes, &messages);
    });
}

struct Lane<O> {
    /// Dropping it sends the lane's threads home.
    orders: Sender<O>,
    idle: usize,
}

fn work<F: Foreman>(lane: usize, desk: &Mutex<Receiver<F::Order>>, post: &Post<F>, perform: &Perform<F>) {
    loop {
        let order = desk.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(order) = order else { return };
        let message = match catch_unwind(AssertUnwindSafe(|| perform(order, post))) {
            Ok(result) => Message::Result(lane, result),
            Err(panic) => Message::Panicked(panic),
        };
        let _ = post.0.send(message);
    }
}

fn direct<F: Foreman>(foreman: &mut F, mut lanes: Vec<Lane<F::Order>>, messages: &Receiver<Message<F>>) {
    let mut under_way = 0;
    loop {
        for (index, lane) in lanes.iter_mut().enumerate() {
            while lane.idle > 0
                && let Some(order) = foreman.next(index)
            {
                lane.idle -= 1;
                under_way += 1;
                lane.orders.send(order).map_err(drop).expect("a lane's threads stay until its orders end");
            }
        }
        if under_way == 0 {
            return;
        }
        match messages.recv().expect("the workers hold a sender each") {
            Message::Note(note) => foreman.hear(note),
            Message::Result(lane, result) => {
                lanes[lane].idle += 1;
                under_way -= 1;
                foreman.settle(result);
            }
            Message::Panicked(panic) => resume_unwind(panic),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use proptest::prelude::*;

    use super::*;

    /// Jobs that need others first, the way steps do; records what happened in order.
    struct Recorder {
        needs: Vec<BTreeSet<usize>>,
        waiting: BTreeSet<usize>,
        done: BTreeSet<usize>,
        log: Vec<Happening>,
        fails_at: Option<usize>,
        stopped: bool,
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Happening {
        Started(usize),
        Ended(usize),
    }

    impl Recorder {
        fn new(needs: Vec<BTreeSet<usize>>, fails_at: Option<usize>) -> Self {
            let waiting = (0..needs.len()).collect();
            Self { needs, waiting, done: BTreeSet::new(), log: Vec::new(), fails_at, stopped: false }
        }
    }

    impl Foreman for Recorder {
        type Order = usize;
        type Note = usize;
        type Result = usize;

        fn next(&mut self, _: usize) -> Option<usize> {
            let can_start = |job: &usize| self.needs[*job].is_subset(&self.done);
            let job = self.waiting.iter().copied().find(can_start).filter(|_| !self.stopped)?;
            self.waiting.remove(&job);
            Some(job)
        }

        fn hear(&mut self, job: usize) {
            self.log.push(Happening::Started(job));
        }

        fn settle(&mut self, job: usize) {
            self.log.push(Happening::Ended(job));
            self.done.insert(job);
            self.stopped |= self.fails_at == Some(job);
        }
    }

    /// Runs the jobs and returns what happened, and how many ran at once at most.
    fn run(needs: &[BTreeSet<usize>], threads: usize, fails_at: Option<usize>) -> (Vec<Happening>, usize) {
        let mut recorder = Recorder::new(needs.to_vec(), fails_at);
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        drain(&mut recorder, &[threads], &|job, post: &Post<Recorder>| {
            most.fetch_max(1 + running.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
            post.say(job);
            thread::yield_now();
            running.fetch_sub(1, Ordering::SeqCst);
            job
        });
        (recorder.log, most.into_inner())
    }

    fn graphs() -> impl Strategy<Value = Vec<BTreeSet<usize>>> {
        prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..4), 1..25).prop_map(|nodes| {
            let below = |index: usize, picks: Vec<prop::sample::Index>| match index {
                0 => BTreeSet::new(),
                _ => picks.iter().map(|pick| pick.index(index)).collect(),
            };
            nodes.into_iter().enumerate().map(|(index, picks)| below(index, picks)).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_job_runs_once_after_what_it_needs(needs in graphs(), threads in 1_usize..6) {
            let (log, most) = run(&needs, threads, None);
            prop_assert!(most <= threads);
            prop_assert_eq!(log.len(), 2 * needs.len());
            for (job, needs) in needs.iter().enumerate() {
                let start = log.iter().position(|&h| h == Happening::Started(job)).expect("it started");
                let end = log.iter().position(|&h| h == Happening::Ended(job)).expect("it ended");
                prop_assert!(start < end);
                for need in needs {
                    let met = log.iter().position(|&h| h == Happening::Ended(*need)).expect("it ended");
                    prop_assert!(met < start);
                }
            }
        }

        #[test]
        fn one_thread_means_one_order_of_events(needs in graphs()) {
            prop_assert_eq!(run(&needs, 1, None), run(&needs, 1, None));
        }

        #[test]
        fn after_a_failure_every_start_still_has_its_end(needs in graphs(), threads in 1_usize..6, pick in any::<prop::sample::Index>()) {
            let fails_at = pick.index(needs.len());
            let (log, _) = run(&needs, threads, Some(fails_at));
            let started: BTreeSet<_> = log.iter().filter_map(|h| if let Happening::Started(job) = h { Some(*job) } else { None }).collect();
            let ended: BTreeSet<_> = log.iter().filter_map(|h| if let Happening::Ended(job) = h { Some(*job) } else { None }).collect();
            prop_assert_eq!(&started, &ended);
            prop_assert!(!needs.iter().enumerate().any(|(job, needs)| needs.contains(&fails_at) && started.contains(&job)));
        }
    }

    #[test]
    fn lanes_do_not_wait_for_each_other() {
        struct TwoLanes {
            orders: [Vec<usize>; 2],
            settled: Vec<usize>,
        }
        impl Foreman for TwoLanes {
            type Order = usize;
            type Note = ();
            type Result = usize;
            fn next(&mut self, lane: usize) -> Option<usize> {
                self.orders[lane].pop()
            }
            fn hear(&mut self, (): ()) {}
            fn settle(&mut self, lane: usize) {
                self.settled.push(lane);
            }
        }
        let (open, gate) = channel();
        let gate = Mutex::new(gate);
        let mut foreman = TwoLanes { orders: [vec![0], vec![1]], settled: Vec::new() };
        // The only thread of lane 0 waits for lane 1 to have worked.
        drain(&mut foreman, &[1, 1], &|lane, _: &Post<TwoLanes>| {
            if lane == 0 {
                gate.lock().expect("one holder").recv().expect("lane 1 opens the gate");
            } else {
                open.send(()).expect("the gate is there");
            }
            lane
        });
        assert_eq!(foreman.settled.len(), 2);
    }

    #[test]
    #[should_panic(expected = "job 2 broke")]
    fn a_panic_of_a_worker_is_the_callers() {
        let needs = vec![BTreeSet::new(); 4];
        let mut recorder = Recorder::new(needs, None);
        drain(&mut recorder, &[3], &|job, _: &Post<Recorder>| {
            assert_ne!(job, 2, "job 2 broke");
            job
        });
    }
}
