//! What has changed since the last build, by its records.

use rplan::digest::Digest;
use rplan::model::{BuildContext, EntryKind};
use rplan::plan::Planned;
use rplan::plan::files::{FileList, encode};
use rplan::plan::reason::Reason;
use rplan::plan::record::{FileKind, FileRecord, StepRecord};
use rplan::plan::since::{Difference, since};

use super::{Case, planned};
use crate::support::memory::MemoryContext;

const NAIVE: &str =
    "FROM python:3.9\nCOPY . /app\nWORKDIR /app\nRUN pip install -r requirements.txt\nCMD [\"python\", \"app.py\"]\n";

/// What a build leaves.
#[derive(Default)]
struct Left {
    records: Vec<StepRecord>,
    /// The files that `COPY .` took.
    files: FileList,
}

impl Left {
    /// By a build over this context.
    fn by(planned: &Planned, context: &dyn BuildContext) -> Self {
        let mut left = Self {
            records: planned.steps.iter().map(|step| StepRecord::of(planned, step)).collect(),
            ..Self::default()
        };
        for entry in context.entries() {
            let what = match entry.kind {
                EntryKind::Directory => FileKind::Directory,
                _ => FileKind::File { size: entry.size, content: context.digest(&entry.path).unwrap() },
            };
            let file =
                FileRecord { what, mode: Some(entry.mode), owner: (0, 0), digest: Some(Digest::of(&entry.path)) };
            left.files.insert(entry.path.clone(), file);
        }
        let list = Digest::of(encode(&left.files));
        left.records
            .iter_mut()
            .filter(|record| record.text.starts_with("COPY . "))
            .for_each(|record| record.files = Some(list));
        left
    }

    /// How a plan differs from it.
    fn and(&self, planned: &Planned, context: &dyn BuildContext) -> Difference {
        let lists = |list: &Digest| (*list == Digest::of(encode(&self.files))).then(|| self.files.clone());
        since(planned, &self.records, &lists, Some(context))
    }

    /// The reasons of each step that differs.
    fn told(&self, planned: &Planned, context: &dyn BuildContext) -> Vec<String> {
        let sentences = |reasons: &Vec<Reason>| reasons.iter().map(Reason::to_string).collect::<Vec<_>>().join("; ");
        let reasons = self.and(planned, context).reasons;
        reasons.iter().map(|(step, reasons)| format!("{} {}", planned.step(*step).name, sentences(reasons))).collect()
    }
}

#[test]
fn nothing_has_changed_since_the_same_build() {
    let context = MemoryContext::new([("app.py", "1"), ("lib/x", "2")]);
    let planned = planned(NAIVE);
    assert_eq!(Left::by(&planned, &context).told(&planned, &context), [""; 0]);
    assert_eq!(Left::default().told(&planned, &context).len(), 4);
}

#[test]
fn files_lines_and_arguments_that_changed_are_found() {
    let planned = Case::of(NAIVE).planned();
    let old = Left::by(&planned, &MemoryContext::new([("app.py", "1"), ("gone", ""), ("lib/x", "2")]));
    let context = MemoryContext::new([("app.py", "two"), ("lib/x", "2"), ("lib/y", "3")]);
    let short = |content: &str| Digest::of(content).short();
    assert_eq!(
        old.told(&planned, &context),
        [format!(
            "[2/4] app.py changed: sha256 {}… → {}…, 1 → 3 bytes; gone is gone; lib/y is new",
            short("1"),
            short("two")
        )]
    );
    let difference = old.and(&planned, &context);
    assert_eq!(difference.changes.paths().iter().collect::<Vec<_>>(), ["app.py", "gone", "lib/y"]);
    let edited = Case::of(&NAIVE.replace("WORKDIR", "ARG R=1\nWORKDIR")).planned();
    let context = MemoryContext::new([("app.py", "1"), ("gone", ""), ("lib/x", "2")]);
    assert_eq!(old.told(&edited, &context), ["[4/4] ARG R is new: 1"]);
}

#[test]
fn an_image_that_is_not_at_hand_is_not_said_to_have_moved() {
    let context = MemoryContext::new([("app.py", "1")]);
    let built = Case::of(NAIVE).image("python:3.9", Default::default()).planned();
    let told = Left::by(&built, &context).told(&Case::of(NAIVE).planned(), &context);
    assert_eq!(told, ["[4/4] ENV PATH is gone"], "what it sets is not known, and that is said");
}
