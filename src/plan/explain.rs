//! Finding the reasons why a step differs from what it was in an earlier build.
//!
//! Works on records alone. Invariant: where two records have different keys, there is a reason; where they have the
//! same key, there is none.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::files::{FileList, Lists};
use crate::plan::matching::{Labelled, match_steps};
use crate::plan::reason::Reason;
use crate::plan::record::{FileRecord, StepRecord};
use crate::plan::{Planned, StepId, StepName};

/// Says of each step of a build why it differs from the same step of the build before.
///
/// Steps are told in an order in which each comes after the one below it, cached ones too, so that whatever follows can
/// name the step where a difference began.
#[derive(Debug, Clone)]
pub struct Explainer<'a> {
    old: &'a [StepRecord],
    /// Which old step each step was.
    matched: Vec<Option<usize>>,
    names: Vec<StepName>,
    /// Where the difference of each step began; the step itself as long as nothing is known of it.
    roots: Vec<StepId>,
}

impl<'a> Explainer<'a> {
    /// Matches the steps of a plan with the records of an earlier build.
    pub fn new(old: &'a [StepRecord], planned: &Planned) -> Self {
        let earlier: Vec<Labelled<'_>> =
            old.iter().map(|record| Labelled { stage: &record.stage, text: &record.text }).collect();
        let stages: Vec<String> = planned.steps.iter().map(|step| planned.stage_label(step.stage)).collect();
        let steps = planned.steps.iter().zip(&stages);
        let now: Vec<Labelled<'_>> = steps.map(|(step, stage)| Labelled { stage, text: &step.text }).collect();
        Self {
            old,
            matched: match_steps(&earlier, &now),
            names: planned.steps.iter().map(|step| step.name.clone()).collect(),
            roots: planned.steps.iter().map(|step| step.id).collect(),
        }
    }

    /// What is recorded of a step in the earlier build.
    pub fn earlier(&self, step: StepId) -> Option<&'a StepRecord> {
        self.matched[step.0].map(|number| &self.old[number])
    }

    /// Why a step differs from what it was; nothing if it does not. What is not in the records (a result that was
    /// pruned, `--no-cache`) the caller knows better. `lists` are looked into only where they differ.
    pub fn explain(&mut self, step: StepId, new: &StepRecord, lists: Lists<'_>) -> Vec<Reason> {
        let Some(old) = self.earlier(step) else { return vec![Reason::NoEarlierRun] };
        if old.key.is_some() && old.key == new.key {
            return Vec::new();
        }
        let taken = |record: &StepRecord| record.files.map_or_else(|| Some(FileList::new()), |files| lists(&files));
        let (was, is) = match old.files == new.files {
            true => Default::default(),
            // Of a list that is gone nothing can be said.
            false => taken(old).zip(taken(new)).unwrap_or_default(),
        };
        let mut reasons = differences((old, &was), (new, &is));
        if let Some(below) =
            new.below.as_ref().filter(|below| old.below.as_ref().is_none_or(|old| old.digest != below.digest))
        {
            let root = self.roots[below.step.0];
            if reasons.is_empty() {
                self.roots[step.0] = root;
            }
            reasons.push(Reason::Follows { step: self.names[root.0].clone() });
        }
        if reasons.is_empty() && old.key.is_some() && new.key.is_some() {
            reasons.push(Reason::OtherVersion);
        }
        reasons
    }
}

/// How a step differs in itself, whatever it stands on: by what is recorded of it, and by the files that it took.
pub fn differences((old, was): (&StepRecord, &FileList), (new, is): (&StepRecord, &FileList)) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if old.lines != new.lines || old.origin != new.origin {
        reasons.push(line(old, new));
    }
    if let (Some(was), Some(is)) = (&old.base, &new.base)
        && was.digest != is.digest
    {
        reasons.push(Reason::BaseMoved { reference: is.reference.clone(), old: was.digest, new: is.digest });
    }
    for name in names(&old.settings, &new.settings) {
        let (old, new) = (old.settings.get(name).cloned(), new.settings.get(name).cloned());
        if old != new {
            reasons.push(Reason::SettingChanged { name: name.to_owned(), old, new });
        }
    }
    for name in names(&old.variables, &new.variables) {
        let (old, new) = (old.variables.get(name), new.variables.get(name));
        let value = |record: Option<&crate::plan::record::VariableRecord>| record.map(|record| record.value.clone());
        if let (Some(either), true) = (new.or(old), value(old) != value(new)) {
            let (kind, name) = (either.kind, name.to_owned());
            reasons.push(Reason::VariableChanged { kind, name, old: value(old), new: value(new) });
        }
    }
    for path in names(was, is) {
        let change = file(path, was.get(path), is.get(path));
        reasons.extend(change.map(|reason| match &new.origin {
            Some(origin) => Reason::OriginChanged { origin: origin.clone(), path: path.to_owned() },
            None => reason,
        }));
    }
    reasons
}

/// How the line differs: the whole of it, or the first line of what it stands for.
fn line(old: &StepRecord, new: &StepRecord) -> Reason {
    if old.text != new.text {
        return Reason::LineChanged { old: old.text.clone(), new: new.text.clone() };
    }
    let same = old.lines.iter().zip(&new.lines).take_while(|(old, new)| old == new).count();
    let of = |record: &StepRecord| record.lines.get(same).or(record.origin.as_ref()).cloned().unwrap_or_default();
    Reason::LineChanged { old: of(old), new: of(new) }
}

fn file(path: &str, old: Option<&FileRecord>, new: Option<&FileRecord>) -> Option<Reason> {
    let path = path.to_owned();
    match (old, new) {
        (None, None) => None,
        (None, Some(_)) => Some(Reason::FileAdded { path }),
        (Some(_), None) => Some(Reason::FileGone { path }),
        (Some(old), Some(new)) if old.what != new.what => {
            Some(Reason::FileChanged { path, old: old.what.clone(), new: new.what.clone() })
        }
        (Some(old), Some(new)) => match (old.mode, new.mode) {
            (Some(old), Some(new)) if old != new => Some(Reason::ModeChanged { path, old, new }),
            _ if old.owner != new.owner => Some(Reason::OwnerChanged { path, old: old.owner, new: new.owner }),
            _ => match (old.digest, new.digest) {
                (Some(old), Some(new)) if old != new => Some(Reason::AttributesChanged { path }),
                _ => None,
            },
        },
    }
}

/// The names of both maps, sorted.
fn names<'m, T>(old: &'m BTreeMap<String, T>, new: &'m BTreeMap<String, T>) -> BTreeSet<&'m str> {
    old.keys().chain(new.keys()).map(String::as_str).collect()
}
