//! What has changed since the last build, by its records.

use rplan::digest::Digest;
use rplan::model::{BuildContext, EntryKind};
use rplan::plan::Planned;
use rplan::plan::reason::Reason;
use rplan::plan::record::{FileKind, FileRecord, StepRecord};
use rplan::plan::since::since;

use super::{Case, planned};
use crate::support::memory::MemoryContext;

const NAIVE: &str =
    "FROM python:3.9\nCOPY . /app\nWORKDIR /app\nRUN pip install -r requirements.txt\nCMD [\"python\", \"app.py\"]\n";

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
