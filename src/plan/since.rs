//! What has changed since an earlier build, by its records: in the lines, in the settings, in the files of the context.
//!
//! Reads the context through its trait and nothing else. What only a build can know (what a stage gives, which image a
//! reference stands for today) is taken to be as it was; staleness decides what follows from the rest.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{BuildContext, ContextEntry, EntryKind};
use crate::plan::explain::{Explainer, differences};
use crate::plan::files::{FileList, Lists};
use crate::plan::reason::Reason;
use crate::plan::record::{FileKind, FileRecord, StepRecord};
use crate::plan::selection::Selection;
use crate::plan::stale::Changes;
use crate::plan::{Operation, Planned, Step, StepId};

/// How a plan differs from an earlier build.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// For each step that differs in itself, why.
    pub reasons: BTreeMap<StepId, Vec<Reason>>,
    /// The same as what [`invalidated`](crate::plan::stale::invalidated) takes.
    pub changes: Changes,
}

/// How a plan differs from the build that left these records, whose files are in `lists`.
pub fn since(
    planned: &Planned,
    records: &[StepRecord],
    lists: Lists<'_>,
    context: Option<&dyn BuildContext>,
) -> Difference {
    let explainer = Explainer::new(records, planned);
    let mut difference = Difference::default();
    let mut paths = BTreeSet::new();
    let mut steps = BTreeSet::new();
    for step in &planned.steps {
        let reasons = match explainer.earlier(step.id) {
            None => vec![Reason::NoEarlierRun],
            Some(old) => {
                let was = old.files.and_then(|files| lists(&files)).unwrap_or_default();
                let (new, is) = record_of(planned, step, Some((old, &was)), context);
                differences((old, &was), (&new, &is))
            }
        };
        for reason in &reasons {
            match content_of(reason) {
                Some(path) => drop(paths.insert(path.to_owned())),
                None => drop(steps.insert(step.id)),
            }
        }
        if !reasons.is_empty() {
            difference.reasons.insert(step.id, reasons);
        }
    }
    // The paths come from the context, so none of them is ignored.
    difference.changes = Changes::of_paths(paths.iter().map(String::as_str), None).and(Changes::of_steps(steps));
    difference
}

/// The path whose content a reason is about.
fn content_of(reason: &Reason) -> Option<&str> {
    match reason {
        Reason::FileChanged { path, .. } | Reason::FileAdded { path } | Reason::FileGone { path } => Some(path),
        _ => None,
    }
}

/// The record that a step would leave today, and the files that it would take, as far as can be told without building;
/// what cannot is as it was in an earlier build.
pub fn record_of(
    planned: &Planned,
    step: &Step,
    earlier: Option<(&StepRecord, &FileList)>,
    context: Option<&dyn BuildContext>,
) -> (StepRecord, FileList) {
    let (old, was) = earlier.unzip();
    let mut new = StepRecord::of(planned, step);
    if let (Some(new), Some(old)) = (&mut new.base, old.and_then(|old| old.base.as_ref()))
        && new.digest.is_none()
    {
        new.digest = old.digest;
    }
    let keeps_mode = match &step.operation {
        Operation::Copy(copy) => copy.transfer.mode.is_none(),
        Operation::Add(add) => add.transfer.mode.is_none(),
        _ => true,
    };
    let files = match (Selection::of(step, context), context) {
        (Some(selection), Some(context)) => {
            let files = selection.arriving(context).into_iter();
            files
                .filter_map(|entry| {
                    let known = was.and_then(|was| was.get(&entry.path));
                    Some((entry.path.clone(), file(entry, known, keeps_mode, context)?))
                })
                .collect()
        }
        _ => was.cloned().unwrap_or_default(),
    };
    (new, files)
}

/// The record of a file of the context. What cannot be read is taken to be as it was: a build will tell.
fn file(
    entry: &ContextEntry,
    old: Option<&FileRecord>,
    keeps_mode: bool,
    context: &dyn BuildContext,
) -> Option<FileRecord> {
    let what = match &entry.kind {
        EntryKind::File => match context.digest(&entry.path) {
            Ok(content) => FileKind::File { size: entry.size, content },
            Err(_) => return old.cloned(),
        },
        EntryKind::Directory => FileKind::Directory,
        EntryKind::Symlink(target) => FileKind::Symlink { target: target.clone() },
        EntryKind::Other => return old.cloned(),
    };
    // The mode of a link means nothing.
    let has_mode = keeps_mode && !matches!(what, FileKind::Symlink { .. });
    let owner = old.map_or((0, 0), |old| old.owner);
    Some(FileRecord { what, mode: has_mode.then_some(entry.mode), owner, digest: None })
}
