//! What a build that cannot succeed says, and what it leaves.

use rplan::event::{Ending, Event};
use rplan::exec::backend::{Backend, Cancel, Io, PreparedRun, Status, StepRun};
use rplan::exec::{Cause, Request, Settings};

use crate::support::builds::Workshop;
use crate::support::system::system_tests_run;

#[test]
fn a_failing_run_ends_with_its_step_its_output_and_a_whole_cache() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let dockerfile = "FROM busybox\nRUN echo fine > /fine\nRUN echo before; echo oh no >&2; exit 7\nRUN echo never\n";
    let built = workshop.build(dockerfile);
    let failure = built.outcome().failure.as_ref().expect("a failure");
    assert!(matches!(failure.cause, Cause::Command(Status::Failed { code: 7 })));
    assert_eq!(failure.tail, ["before", "oh no"]);
    assert_eq!(built.outcome().planned.step(failure.step).name.to_string(), "[3/4]");
    assert!(built.outcome().image.is_none());
    assert!(matches!(built.events.last().expect("events").event, Event::Finished { succeeded: false }));

    let mended = workshop.build(&dockerfile.replace("exit 7", "exit 0"));
    assert_eq!(mended.ran(), ["[3/4]", "[4/4]"]);
}

#[test]
fn after_a_failure_nothing_new_begins_and_everything_that_began_ends() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let dockerfile = "FROM busybox AS a\nRUN false\nRUN echo never\n\
                      FROM busybox AS b\nRUN sleep 0.2\nRUN echo never\n\
                      FROM busybox\nCOPY --from=a / /a\nCOPY --from=b / /b\n";
    let built = workshop.build(dockerfile);
    assert_eq!(built.output(), Vec::<&str>::new());
    let count = |wanted: &dyn Fn(&Event) -> bool| built.events.iter().filter(|timed| wanted(&timed.event)).count();
    let begun = count(&|event| matches!(event, Event::StepBegan { .. }));
    let ended = count(&|event| matches!(event, Event::StepEnded { ending, .. } if *ending != Ending::Cached));
    assert_eq!(begun, ended);
}

#[test]
fn a_missing_source_stops_before_the_step_and_points_at_the_word() {
    if !system_tests_run("root") {
        return;
    }
    let workshop = Workshop::new();
    let dockerfile = "FROM scratch\nCOPY nothing.txt /\n";
    let built = workshop.build(dockerfile);
    let failure = built.outcome().failure.as_ref().expect("a failure");
    let Cause::Error(error) = &failure.cause else { panic!("{failure:?}") };
    assert_eq!(&dockerfile[error.span().expect("a place").range()], "nothing.txt");
    let event = built.events.iter().find_map(|timed| match &timed.event {
        Event::StepEnded { ending: Ending::Failed { why, .. }, .. } => Some(why.clone()),
        _ => None,
    });
    assert_eq!(event.expect("an end"), "this cannot be copied: `nothing.txt` does not exist");
}

#[test]
fn what_nobody_allowed_stops_the_build_before_any_step() {
    let workshop = Workshop::bare();
    let dockerfile = "FROM scratch\nWORKDIR /x\nRUN --device=vendor/dev=x true\n";
    let built = workshop.build(dockerfile);
    assert!(built.error().ends_with("asks for a device of this machine: if you trust it, --allow device"));
    let span = built.outcome.as_ref().err().and_then(rplan::exec::Error::span).expect("a place");
    assert_eq!(&dockerfile[span.range()], "vendor/dev=x");
    let of_a_step = |event: &Event| matches!(event, Event::StepEnded { .. } | Event::StepBegan { .. });
    assert!(!built.events.iter().any(|timed| of_a_step(&timed.event)));
}

#[test]
fn a_mistake_in_the_file_is_told_before_any_step() {
    let workshop = Workshop::bare();
    assert!(matches!(
        workshop.build("FROM scratch AS a\nCOPY --from=b /a /\nFROM a AS b\n").outcome,
        Err(rplan::exec::Error::Problems(problems)) if !problems.is_empty()
    ));
}

/// Calls the build off as soon as something runs.
struct CallsOff<'a>(&'a Cancel);

impl Backend for CallsOff<'_> {
    fn run(&self, _: &PreparedRun, _: &mut Io<'_>) -> StepRun {
        self.0.cancel();
        StepRun { status: Status::Cancelled, took: Default::default() }
    }
}

#[test]
fn a_build_that_was_called_off_starts_nothing_more() {
    let workshop = Workshop::bare();
    let dockerfile = "FROM scratch AS a\nRUN [\"/x\"]\nFROM scratch AS b\nRUN [\"/y\"]\nFROM a\nRUN [\"/z\"]\n";
    let cancel = Cancel::new().expect("a switch");
    let request = Request { settings: Settings { jobs: 1, ..Settings::default() }, ..workshop.request(dockerfile) };
    let built = workshop.build_with(&request, &CallsOff(&cancel));
    let endings: Vec<&Ending> = built.outcome().steps.iter().map(|step| &step.ending).collect();
    assert_eq!(endings, [&Ending::Cancelled]);
}
