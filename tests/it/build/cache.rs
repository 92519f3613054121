//! What runs and what does not.

use rplan::event::{Ending, Event};

use crate::support::builds::Workshop;
use crate::support::system::system_tests_run;

const THREE_STAGES: &str = "\
FROM busybox AS a
RUN sleep 2 && echo a > /a
FROM busybox AS b
RUN sleep 2 && echo b > /b
FROM busybox AS c
RUN sleep 2 && echo c > /c
FROM busybox
COPY --from=a /a /
COPY --from=b /b /
COPY --from=c /c /
RUN cat /a /b /c
";

#[test]
fn independent_stages_run_at_the_same_time_and_then_not_again() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let built = workshop.build(THREE_STAGES);
    built.succeeded();
    assert_eq!(built.output(), ["a", "b", "c"]);
    let place = |wanted: &dyn Fn(&Event) -> bool| built.events.iter().position(|timed| wanted(&timed.event));
    let sleeps: Vec<usize> = (0..built.outcome().planned.steps.len())
        .filter(|step| built.outcome().planned.steps[*step].text.contains("sleep"))
        .collect();
    assert_eq!(sleeps.len(), 3);
    let begun = |step: usize| place(&|e| matches!(e, Event::StepBegan { step: s } if s.0 == step)).expect("it began");
    let ended =
        |step: usize| place(&|e| matches!(e, Event::StepEnded { step: s, .. } if s.0 == step)).expect("it ended");
    let last_begun = sleeps.iter().map(|step| begun(*step)).max();
    let first_ended = sleeps.iter().map(|step| ended(*step)).min();
    assert!(last_begun < first_ended, "all three have begun before one ends");

    let again = workshop.build(THREE_STAGES);
    assert_eq!(again.ran(), Vec::<String>::new());
    assert!(again.succeeded().steps.iter().all(|step| step.ending == Ending::Cached));
    assert!(!again.events.iter().any(|timed| matches!(timed.event, Event::StepBegan { .. })));
    assert_eq!(
        again.succeeded().image.as_ref().map(|made| made.digest),
        built.succeeded().image.as_ref().map(|made| made.digest)
    );
}
