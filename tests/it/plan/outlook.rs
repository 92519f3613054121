//! What `rplan plan` has to say, as data, and what it compares with the last build.

use std::time::Duration;

use rplan::digest::Digest;
use rplan::model::{BuildContext, EntryKind};
use rplan::plan::critical::Cost;
use rplan::plan::outlook::{Outlook, outlook};
use rplan::plan::reason::Reason;
use rplan::plan::record::{FileKind, FileRecord, StepRecord};
use rplan::plan::since::{Difference, since};
use rplan::plan::stale::{Builder, Changes, invalidated};
use rplan::plan::{Planned, StepId};

use super::{Case, planned};
use crate::support::memory::MemoryContext;

const NAIVE: &str =
    "FROM python:3.9\nCOPY . /app\nWORKDIR /app\nRUN pip install -r requirements.txt\nCMD [\"python\", \"app.py\"]\n";

fn seconds(planned: &Planned, step: StepId) -> Cost {
    match planned.step(step).text.split(' ').next() {
        Some("RUN") => Cost::Measured(Duration::from_millis(30_100)),
        Some("COPY") => Cost::Measured(Duration::from_millis(500)),
        _ => Cost::Measured(Duration::ZERO),
    }
}

fn after(planned: &Planned, context: &dyn BuildContext, changed: &[&str], builder: Builder) -> Outlook {
    let changes = Changes::of_paths(changed.iter().copied(), Some(context));
    let fates = invalidated(planned, &changes, Some(context), builder);
    outlook(planned, &fates, &Difference::default(), &|step| seconds(planned, step))
}

#[test]
fn an_edit_of_the_naive_file_reinstalls_everything() {
    let context = MemoryContext::new([("app.py", "1"), ("requirements.txt", "flask")]);
    let planned = planned(NAIVE);
    let outlook = after(&planned, &context, &["app.py"], Builder::Buildkit);
    let shown = |line: &rplan::plan::outlook::LineOutlook| match &line.step {
        None => format!("{} no layer", line.text),
        Some(step) => format!("{} {} {:?} {}", step.name, line.text, step.fate.runs(), step.because.join("; ")),
    };
    assert_eq!(
        outlook.stages[0].lines.iter().map(shown).collect::<Vec<_>>(),
        [
            "[1/4] FROM python:3.9 false ",
            "[2/4] COPY . /app true copies app.py",
            "[3/4] WORKDIR /app true follows [2/4]",
            "[4/4] RUN pip install -r requirements.txt true follows [2/4]",
            "CMD [\"python\", \"app.py\"] no layer",
        ]
    );
    assert_eq!((outlook.steps, outlook.runs, outlook.may_run, outlook.waves.len()), (4, 3, 0, 3));
    assert_eq!(outlook.work, Cost::Measured(Duration::from_millis(30_600)));
    assert_eq!(outlook.critical.steps.len(), 3);
    assert_eq!(outlook.assumed, ["python:3.9"]);
    let json = serde_json::to_string(&outlook).unwrap();
    assert_eq!(serde_json::from_str::<Outlook>(&json).unwrap(), outlook);
}

#[test]
fn what_runs_together_is_told_in_waves() {
    let planned = planned(
        "FROM scratch AS a\nCOPY a /\nRUN a\nFROM scratch AS b\nCOPY b /\nRUN b\nFROM scratch AS c\nCOPY c /\n\
         FROM scratch\nCOPY --from=a /out /\nCOPY --from=b /out /\nCOPY --from=c /c /\n",
    );
    let context = MemoryContext::new([("a", "1"), ("b", "2"), ("c", "3")]);
    let outlook = after(&planned, &context, &["a", "b"], Builder::Buildkit);
    let waves: Vec<String> =
        outlook.waves.iter().map(|wave| wave.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(waves, ["[a 1/2] [b 1/2]", "[a 2/2] [b 2/2]", "[1/3]", "[2/3]", "[3/3]"]);
    assert_eq!((outlook.steps, outlook.runs, outlook.may_run), (8, 4, 3));
    assert_eq!(outlook.stages[3].needs.len(), 3);
    assert_eq!(outlook.work, Cost::Measured(Duration::from_millis(61_200)));
    assert_eq!(outlook.critical.time, Duration::from_millis(30_600));
    let because = |stage: usize, line: usize| outlook.stages[stage].lines[line].step.as_ref().unwrap().because.clone();
    assert_eq!(because(3, 1), ["if stage a gives something else, after [a 1/2]"]);
    assert_eq!(because(3, 2), ["follows [1/3]", "if stage b gives something else, after [b 1/2]"]);
}

/// The records that a build over this context would leave.
fn records(planned: &Planned, context: &dyn BuildContext) -> Vec<StepRecord> {
    let mut records: Vec<StepRecord> = planned.steps.iter().map(|step| StepRecord::of(planned, step)).collect();
    for record in records.iter_mut().filter(|record| record.text.starts_with("COPY . ")) {
        for entry in context.entries() {
            let what = match entry.kind {
                EntryKind::Directory => FileKind::Directory,
                _ => FileKind::File { size: entry.size, content: context.digest(&entry.path).unwrap() },
            };
            let record_of =
                FileRecord { what, mode: Some(entry.mode), owner: (0, 0), digest: Some(Digest::of(&entry.path)) };
            record.files.insert(entry.path.clone(), record_of);
        }
    }
    records
}

/// The reasons of each step that differs since the build that left `old`.
fn told(planned: &Planned, old: &[StepRecord], context: &dyn BuildContext) -> Vec<String> {
    let difference = since(planned, old, Some(context));
    let sentences = |reasons: &Vec<Reason>| reasons.iter().map(Reason::to_string).collect::<Vec<_>>().join("; ");
    let reasons = difference.reasons.iter();
    reasons.map(|(step, reasons)| format!("{} {}", planned.step(*step).name, sentences(reasons))).collect()
}

#[test]
fn nothing_has_changed_since_the_same_build() {
    let context = MemoryContext::new([("app.py", "1"), ("lib/x", "2")]);
    let planned = planned(NAIVE);
    assert_eq!(told(&planned, &records(&planned, &context), &context), [""; 0]);
    assert_eq!(told(&planned, &[], &context).len(), 4);
}

#[test]
fn files_lines_and_arguments_that_changed_are_found() {
    let planned = Case::of(NAIVE).planned();
    let old = records(&planned, &MemoryContext::new([("app.py", "1"), ("gone", ""), ("lib/x", "2")]));
    let context = MemoryContext::new([("app.py", "two"), ("lib/x", "2"), ("lib/y", "3")]);
    let short = |content: &str| Digest::of(content).short();
    assert_eq!(
        told(&planned, &old, &context),
        [format!(
            "[2/4] app.py changed: sha256 {}… → {}…, 1 → 3 bytes; gone is gone; lib/y is new",
            short("1"),
            short("two")
        )]
    );
    let difference = since(&planned, &old, Some(&context));
    assert_eq!(difference.changes.paths().iter().collect::<Vec<_>>(), ["app.py", "gone", "lib/y"]);
    let edited = Case::of(&NAIVE.replace("WORKDIR", "ARG R=1\nWORKDIR")).planned();
    let context = MemoryContext::new([("app.py", "1"), ("gone", ""), ("lib/x", "2")]);
    assert_eq!(told(&edited, &old, &context), ["[4/4] ARG R is new: 1"]);
}

#[test]
fn an_image_that_is_not_at_hand_is_not_said_to_have_moved() {
    let context = MemoryContext::new([("app.py", "1")]);
    let built = Case::of(NAIVE).image("python:3.9", Default::default()).planned();
    let old = records(&built, &context);
    let told = told(&Case::of(NAIVE).planned(), &old, &context);
    assert_eq!(told, ["[4/4] ENV PATH is gone"], "what it sets is not known, and that is said");
}
