//! What runs and what does not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use rplan::event::{Ending, Event};
use rplan::exec::{Fresh, Request, Settings};
use rplan::model::BuildContext;
use rplan::model::Surroundings;
use rplan::plan::stale::{Builder, Changes, Fate, invalidated};

use rplan::tree::Walk;
use rplan::workspace::{Context, StatCache};
use rustix::fs::inotify;

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

const COPIES: &str = "\
FROM busybox AS deps
COPY deps.txt /deps
RUN wc -c < /deps > /installed
FROM busybox AS app
COPY --from=deps /installed /installed
COPY src /src
RUN cat /src/* > /app
FROM busybox
COPY --from=app /app /app
COPY notes.md /
";

#[test]
fn after_a_change_what_runs_is_what_the_plan_said() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    for (path, content) in
        [("src/b.txt", "new"), ("deps.txt", "six by"), ("deps.txt", "longer than before"), ("notes.md", "x")]
    {
        let workshop = Workshop::new();
        for (path, content) in [("deps.txt", "six by"), ("src/a.txt", "a"), ("src/b.txt", "b"), ("notes.md", "n")] {
            workshop.write(path, content);
        }
        workshop.write("deps.txt", "123456");
        let first = workshop.build(COPIES);
        let planned = &first.succeeded().planned;
        workshop.write(path, content);
        let context = workshop.request(COPIES).context.expect("a context");
        let context: &dyn BuildContext = &*context;
        let fates = invalidated(planned, &Changes::of_paths([path], Some(context)), Some(context), Builder::Rplan);
        let names = |wanted: &dyn Fn(&Fate) -> bool| -> BTreeSet<String> {
            let steps = planned.steps.iter().zip(&fates).filter(|(_, fate)| wanted(fate));
            steps.map(|(step, _)| step.name.to_string()).collect()
        };
        let ran: BTreeSet<String> = workshop.build(COPIES).ran().into_iter().collect();
        assert!(names(&Fate::runs).is_subset(&ran), "{path}: {ran:?}");
        assert!(ran.is_subset(&names(&Fate::is_stale)), "{path}: {ran:?}");
    }
}

#[test]
fn a_step_that_gives_the_same_layer_again_stops_the_chain() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    workshop.write("input", "123");
    let first = "FROM busybox AS s\nCOPY input /input\nRUN wc -c < /input > /size\nFROM busybox\nCOPY --from=s /size /\nRUN cat /size\n";
    workshop.build(first).succeeded();
    workshop.write("input", "456");
    assert_eq!(workshop.build(first).ran(), ["[s 2/3]", "[s 3/3]"]);

    let forced =
        Request { settings: Settings { fresh: Fresh::Everything, ..Settings::default() }, ..workshop.request(first) };
    let built = workshop.build_request(&forced);
    let same = built.succeeded().steps.iter().filter(|step| step.ending == Ending::Ran { same_layer: true });
    assert_eq!((built.ran().len(), same.count()), (4, 4));
    assert!(built.outcome().steps.iter().all(|step| step.ending == Ending::Cached || step.because == ["--no-cache"]));
}

#[test]
fn a_step_that_runs_again_says_why() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let dockerfile =
        |greeting: &str| format!("FROM busybox\nCOPY app.txt /\nARG GREETING={greeting}\nRUN echo $GREETING\n");
    workshop.write("app.txt", "one");
    let first = workshop.build(&dockerfile("hello"));
    assert_eq!(first.succeeded().steps[1].because, ["no earlier run known"]);
    workshop.write("app.txt", "two!");
    let second = workshop.build(&dockerfile("hello"));
    let [_, copy, run] = &second.succeeded().steps[..] else { panic!("three steps") };
    assert!(copy.because[0].starts_with("app.txt changed: "), "{copy:?}");
    assert!(copy.because[0].ends_with("3 → 4 bytes"), "{copy:?}");
    assert_eq!(run.because, ["follows [2/3]"]);
    let third = workshop.build(&dockerfile("bye"));
    assert_eq!(third.succeeded().steps[2].because, ["ARG GREETING: hello → bye"]);
}

#[test]
fn a_mode_counts_and_a_time_does_not() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let dockerfile = "FROM scratch\nCOPY run.sh /\n";
    workshop.write("run.sh", "#!/bin/sh\n");
    workshop.build(dockerfile).succeeded();
    let place = workshop.path("context/run.sh");
    File::options().write(true).open(&place).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(workshop.build(dockerfile).ran(), Vec::<String>::new());
    fs::set_permissions(&place, fs::Permissions::from_mode(0o755)).unwrap();
    let built = workshop.build(dockerfile);
    assert_eq!(built.succeeded().steps[0].because, ["run.sh: mode 0644 → 0755, same content (a umask?)"]);
}

#[test]
fn two_builds_at_once_do_the_same_work_once() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let dockerfile = "FROM busybox\nRUN sleep 0.3; cat /proc/uptime > /when\n";
    let ran: usize = thread::scope(|scope| {
        let builds: Vec<_> = (0..3).map(|_| scope.spawn(|| workshop.build(dockerfile).ran())).collect();
        builds
            .into_iter()
            .map(|build| build.join().expect("no panic").iter().filter(|name| *name == "[2/2]").count())
            .sum()
    });
    assert_eq!(ran, 1);
}

#[test]
fn a_linked_copy_does_not_depend_on_what_is_below() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    workshop.write("below", "1");
    workshop.write("file", "content");
    let dockerfile = "FROM busybox\nCOPY below /\nCOPY --link file /opt/\nRUN cat /below /opt/file\n";
    assert_eq!(workshop.build(dockerfile).output(), ["1content"]);
    workshop.write("below", "2");
    let built = workshop.build(dockerfile);
    assert_eq!((built.ran(), built.output()), (vec!["[2/4]".to_owned(), "[4/4]".to_owned()], vec!["2content"]));
}

/// Sees which files of a directory are opened.
struct Watch(OwnedFd);

impl Watch {
    fn on(directory: &Path) -> Self {
        let watch = inotify::init(inotify::CreateFlags::NONBLOCK).expect("inotify");
        inotify::add_watch(&watch, directory, inotify::WatchFlags::OPEN).expect("a watch");
        Self(watch)
    }

    /// The names of the files that were opened since the last call.
    fn opened(&self) -> BTreeSet<String> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.0, &mut buffer);
        let mut opened = BTreeSet::new();
        while let Ok(event) = reader.next() {
            if !event.events().contains(inotify::ReadFlags::ISDIR) {
                opened.extend(event.file_name().map(|name| name.to_string_lossy().into_owned()));
            }
        }
        opened
    }
}

/// Builds over a context whose digests are remembered between builds.
fn build_remembering(workshop: &Workshop, dockerfile: &str) {
    let place = workshop.path("context");
    let cache = StatCache::in_directory(&workshop.path("stat"), &place);
    let context = Arc::new(Context::open(&place, None, cache).expect("a context"));
    let surroundings = Surroundings { context: Some(context.clone()), ..Surroundings::default() };
    workshop
        .build_request(&Request { context: Some(context), surroundings, ..workshop.request(dockerfile) })
        .succeeded();
}

/// When each file of the store was written, but for what is remembered of the build as a whole.
fn written(workshop: &Workshop) -> BTreeMap<PathBuf, rplan::tree::Time> {
    let entries = Walk::new(workshop.path("store")).map(|entry| entry.expect("an entry"));
    let files = entries.filter(|entry| !entry.is_directory() && !entry.path.starts_with("records/build"));
    files.map(|entry| (entry.path, entry.attributes.mtime)).collect()
}

#[test]
fn an_unchanged_context_is_neither_read_nor_written_down_again() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    const COPY: &str = "FROM busybox\nCOPY . /in/\n";
    let workshop = Workshop::new();
    ["a", "b", "c"].iter().for_each(|name| workshop.write(name, name));
    // What has just been written could be written again in the same tick of the clock, and is never trusted.
    thread::sleep(Duration::from_secs(5));
    let watch = Watch::on(&workshop.path("context"));
    build_remembering(&workshop, COPY);
    assert_eq!(watch.opened(), ["a", "b", "c"].map(str::to_owned).into());
    let before = written(&workshop);
    assert!(before.keys().any(|path| path.starts_with("notes")), "the files that were copied are noted");
    build_remembering(&workshop, COPY);
    assert_eq!(watch.opened(), BTreeSet::new());
    assert_eq!(written(&workshop), before);
    workshop.write("b", "another");
    watch.opened();
    build_remembering(&workshop, &COPY.replace("COPY", "ENV x=1\nCOPY"));
    assert!(watch.opened().contains("b"), "what has changed is read");
}
