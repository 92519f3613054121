//! Planning and its questions on large files: everything is to grow in proportion to the number of stages.

use std::collections::BTreeSet;
use std::time::Duration;

use divan::Bencher;
use rplan::model::{self, ResolveOptions, Resolved, Surroundings};
use rplan::plan::critical::{self, Cost};
use rplan::plan::queue::Queue;
use rplan::plan::stale::{Builder, Changes, Watch};
use rplan::plan::{Images, Outcome, Planned};
use rplan::syntax;
use rplan::text::SourceFile;

fn main() {
    divan::main();
}

const SIZES: [usize; 3] = [100, 1_000, 10_000];

/// A file of this many stages, each with a few lines and files from the two before it.
fn resolved(stages: usize) -> Resolved {
    let mut file = String::new();
    for stage in 0..stages {
        file.push_str(&format!("FROM alpine AS s{stage}\nARG V=1\nCOPY src/{stage} /src/\nRUN make {stage}\n"));
        for before in stage.saturating_sub(2)..stage {
            file.push_str(&format!("COPY --from=s{before} /out /in/{before}\n"));
        }
    }
    let parsed = syntax::parse(&SourceFile::new("Dockerfile", file));
    let options = ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() };
    model::resolve(model::analyze(parsed.tree), &options, &Surroundings::default())
}

fn planned(resolved: &Resolved) -> Planned {
    match rplan::plan::plan(resolved, &Surroundings::default(), Images::MayBeAssumed) {
        Ok(Outcome::Planned(planned)) => planned,
        other => panic!("the file can be planned: {other:?}"),
    }
}

#[divan::bench(args = SIZES)]
fn plan(bencher: Bencher<'_, '_>, stages: usize) {
    let resolved = resolved(stages);
    bencher.bench(|| planned(&resolved));
}

#[divan::bench(args = SIZES)]
fn invalidate(bencher: Bencher<'_, '_>, stages: usize) {
    let planned = planned(&resolved(stages));
    let watch = Watch::new(&planned, None);
    let changes = Changes::of_paths(["src/0/main.c"], None);
    bencher.bench(|| watch.invalidated(&changes, Builder::Rplan));
}

#[divan::bench(args = SIZES)]
fn drain_the_queue(bencher: Bencher<'_, '_>, stages: usize) {
    let planned = planned(&resolved(stages));
    bencher.bench(|| {
        let mut queue = Queue::new(&planned, &|_| Duration::from_secs(1));
        let mut done = BTreeSet::new();
        while let Some(step) = queue.next() {
            queue.finish(step);
            done.insert(step);
        }
        done.len()
    });
}

#[divan::bench(args = SIZES)]
fn critical_path(bencher: Bencher<'_, '_>, stages: usize) {
    let planned = planned(&resolved(stages));
    bencher.bench(|| critical::path(&planned, &|_| Cost::Measured(Duration::from_secs(1)), &|_| true));
}
