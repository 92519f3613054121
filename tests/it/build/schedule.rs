//! The scheduler on a backend that runs nothing, with random files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use rplan::event::Event;
use rplan::exec::backend::{Backend, Io, PreparedRun, Status, StepRun};
use rplan::exec::{Request, Settings};

use crate::support::builds::Workshop;

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
