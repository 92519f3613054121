//! The scheduler on a backend that runs nothing, with random files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use rplan::event::Event;
use rplan::exec::backend::{Backend, Cancel, Io, PreparedRun, Status, StepRun};
use rplan::exec::{Fresh, Request, Settings, Tools};

use crate::support::builds::{Built, Workshop};

/// Answers at once, and counts.
#[derive(Default)]
struct Counting {
    running: AtomicUsize,
    most: AtomicUsize,
    commands: Mutex<Vec<String>>,
}

impl Backend for Counting {
    fn run(&self, run: &PreparedRun, io: &mut Io<'_>) -> StepRun {
        self.most.fetch_max(1 + self.running.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
        self.commands.lock().unwrap().push(run.argv[0].clone());
        (io.line)(run.argv[0].as_bytes());
        std::thread::yield_now();
        self.running.fetch_sub(1, Ordering::SeqCst);
        StepRun { status: Status::Succeeded, took: Default::default() }
    }
}

/// A file of stages that stand on earlier ones, every line another command.
fn dockerfiles() -> impl Strategy<Value = String> {
    prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize), 1..8).prop_map(|stages| {
        let mut text = String::new();
        for (number, (below, lines)) in stages.into_iter().enumerate() {
            let base = match below.index(number + 1) {
                0 => "scratch".to_owned(),
                stage => format!("s{}", stage - 1),
            };
            text.push_str(&format!("FROM {base} AS s{number}\n"));
            (0..lines).for_each(|line| text.push_str(&format!("RUN [\"/{number}.{line}\"]\n")));
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_step_runs_once_after_what_it_stands_on(dockerfile in dockerfiles(), jobs in 1_usize..5) {
        let workshop = Workshop::bare();
        let settings = Settings { jobs, ..Settings::default() };
        let request = Request { settings: settings.clone(), ..workshop.request(&dockerfile) };
        let backend = Counting::default();
        let built = workshop.build_with(&request, &backend);
        let planned = &built.succeeded().planned;
        prop_assert!(backend.most.into_inner() <= jobs);
        let commands = backend.commands.into_inner().unwrap();
        prop_assert_eq!(commands.iter().collect::<BTreeSet<_>>().len(), commands.len());
        prop_assert_eq!(commands.len(), planned.steps.len());

        let (mut begun, mut ended) = (BTreeMap::new(), BTreeMap::new());
        for (place, timed) in built.events.iter().enumerate() {
            match timed.event {
                Event::StepBegan { step } => prop_assert!(begun.insert(step.0, place).is_none()),
                Event::StepEnded { step, .. } => prop_assert!(ended.insert(step.0, place).is_none()),
                _ => {}
            }
        }
        for step in &planned.steps {
            prop_assert!(begun[&step.id.0] < ended[&step.id.0]);
            for input in step.waits_for() {
                prop_assert!(ended[&input.0] < begun[&step.id.0]);
            }
        }

        let again = workshop.build_with(&Request { settings, ..workshop.request(&dockerfile) }, &Counting::default());
        prop_assert_eq!(again.ran(), Vec::<String>::new());
    }

    #[test]
    fn one_job_means_one_order(dockerfile in dockerfiles()) {
        let order = || {
            let workshop = Workshop::bare();
            let settings = Settings { jobs: 1, ..Settings::default() };
            let request = Request { settings, ..workshop.request(&dockerfile) };
            let events = workshop.build_with(&request, &Counting::default()).events;
            let of_steps = events.into_iter().filter_map(|timed| match timed.event {
                Event::StepBegan { step } => Some(("began", step, String::new())),
                Event::StepOutput { step, line } => Some(("said", step, line)),
                Event::StepEnded { step, .. } => Some(("ended", step, String::new())),
                _ => None,
            });
            of_steps.collect::<Vec<_>>()
        };
        prop_assert_eq!(order(), order());
    }
}

/// The names of the steps in the order in which they began.
fn begun(built: &Built) -> Vec<String> {
    let began = built.events.iter().filter_map(|timed| match timed.event {
        Event::StepBegan { step } => Some(step),
        _ => None,
    });
    let steps = &built.outcome().planned.steps;
    began.map(|step| steps[step.0].name.to_string()).collect()
}

/// Takes a while for `/slow`, and fails at what is called so.
struct Uneven;

impl Backend for Uneven {
    fn run(&self, run: &PreparedRun, _: &mut Io<'_>) -> StepRun {
        let status = match run.argv[0].as_str() {
            "/slow" => {
                std::thread::sleep(Duration::from_millis(200));
                Status::Succeeded
            }
            command if command.starts_with("/fails") => Status::Failed { code: 7 },
            _ => Status::Succeeded,
        };
        StepRun { status, took: Duration::ZERO }
    }
}

const TWO_BRANCHES: &str = "FROM scratch AS a\nRUN [\"/quick\"]\nFROM scratch AS b\nRUN [\"/slow\"]\n\
                            FROM a AS both\nCOPY --from=b / /b/\nRUN [\"/end\"]\n";

#[test]
fn the_branch_that_took_longer_begins_first_the_next_time() {
    let workshop = Workshop::bare();
    let build = || {
        let settings = Settings { jobs: 1, fresh: Fresh::Everything, ..Settings::default() };
        workshop.build_with(&Request { settings, ..workshop.request(TWO_BRANCHES) }, &Uneven)
    };
    let first = build();
    assert_eq!(begun(&first), ["[a 1/1]", "[b 1/1]", "[both 1/2]", "[both 2/2]"]);
    let expected = |built: &Built| match &built.events[0].event {
        Event::Planned { steps } => steps.iter().map(|step| step.expected).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert!(expected(&first).iter().all(|expected| !expected.measured && expected.ms > 0));
    let second = build();
    assert_eq!(begun(&second), ["[b 1/1]", "[a 1/1]", "[both 1/2]", "[both 2/2]"]);
    assert!(expected(&second).iter().all(|expected| expected.measured) && expected(&second)[1].ms >= 200);
}

#[test]
fn a_stage_of_more_weight_begins_first() {
    let workshop = Workshop::bare();
    let weights = BTreeMap::from([("b".to_owned(), 3)]);
    let settings = Settings { jobs: 1, weights, ..Settings::default() };
    let built = workshop.build_with(&Request { settings, ..workshop.request(TWO_BRANCHES) }, &Uneven);
    assert_eq!(begun(&built), ["[b 1/1]", "[a 1/1]", "[both 1/2]", "[both 2/2]"]);
    let again = workshop.build_with(&workshop.request(TWO_BRANCHES), &Uneven);
    assert_eq!(begun(&again), Vec::<String>::new(), "a weight is no part of what a step is");
}

#[test]
fn after_a_failure_other_branches_end_only_if_the_build_keeps_going() {
    let dockerfile = "FROM scratch AS a\nRUN [\"/fails\"]\nRUN [\"/never\"]\n\
                      FROM scratch AS b\nRUN [\"/fine\"]\nRUN [\"/fine too\"]\n\
                      FROM scratch AS c\nRUN [\"/fails too\"]\n\
                      FROM a AS end\nCOPY --from=b / /b/\nCOPY --from=c / /c/\n";
    let build = |workshop: &Workshop, keep_going| {
        let settings = Settings { jobs: 1, keep_going, ..Settings::default() };
        workshop.build_with(&Request { settings, ..workshop.request(dockerfile) }, &Uneven)
    };
    assert_eq!(begun(&build(&Workshop::bare(), false)), ["[a 1/2]"]);
    let workshop = Workshop::bare();
    let built = build(&workshop, true);
    assert_eq!(begun(&built), ["[a 1/2]", "[b 1/2]", "[b 2/2]", "[c 1/1]"]);
    let outcome = built.outcome();
    let failed = outcome.failure.iter().chain(&outcome.also_failed).map(|failure| failure.step.0);
    assert_eq!(failed.collect::<Vec<_>>(), [0, 4]);
    assert!(outcome.image.is_none());
    // What was made beside the failures is kept.
    assert_eq!(begun(&build(&workshop, true)), ["[a 1/2]", "[c 1/1]"]);
}

/// Changes something in its first step, and ends the second only once somebody has seen the layer of the first.
#[derive(Default)]
struct WaitsForLayer {
    is_packed: Mutex<bool>,
    news: Condvar,
}

impl WaitsForLayer {
    /// Far longer than packing takes on any machine.
    const PATIENCE: Duration = Duration::from_secs(120);

    fn tell(&self) {
        *self.is_packed.lock().unwrap() = true;
        self.news.notify_all();
    }
}

impl Backend for WaitsForLayer {
    fn run(&self, run: &PreparedRun, _: &mut Io<'_>) -> StepRun {
        let status = match run.argv[0].as_str() {
            "/waits" => {
                let is_packed = self.is_packed.lock().unwrap();
                let waited = self.news.wait_timeout_while(is_packed, Self::PATIENCE, |packed| !*packed).unwrap();
                if waited.1.timed_out() { Status::TimedOut } else { Status::Succeeded }
            }
            _ => {
                fs::write(run.root.upper.join("large"), vec![7; 3 << 20]).unwrap();
                Status::Succeeded
            }
        };
        StepRun { status, took: Default::default() }
    }
}

#[test]
fn the_layer_of_a_step_is_packed_while_later_steps_run() {
    let workshop = Workshop::bare();
    // With one thread for steps, which the second step holds all the time.
    let settings = Settings { jobs: 1, cores: 1, ..Settings::default() };
    let request = Request { settings, ..workshop.request("FROM scratch\nRUN [\"/fills\"]\nRUN [\"/waits\"]\n") };
    let (backend, store, cancel) = (WaitsForLayer::default(), workshop.store(), Cancel::new().unwrap());
    let tools = Tools { store: &store, backend: &backend, registries: None, cancel: &cancel };
    let mut log = Vec::new();
    let outcome = rplan::exec::build(&request, tools, &mut |timed| match &timed.event {
        Event::StepBegan { step } => log.push(format!("{} begins", step.0)),
        Event::StepEnded { step, .. } => log.push(format!("{} ends", step.0)),
        Event::LayerPacked { step, .. } => {
            log.push(format!("{} is packed", step.0));
            backend.tell();
        }
        _ => {}
    });
    assert!(outcome.unwrap().failure.is_none());
    assert_eq!(log, ["0 begins", "0 ends", "1 begins", "0 is packed", "1 ends", "1 is packed"]);
}
