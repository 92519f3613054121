//! The difference in meaning between two versions of a file: what was added, removed, moved or changed, and in which
//! respect. Case, blanks, comments, and quotes that make no difference do not count.
//!
//! Does not know why a file was changed, nor what is allowed to. Invariants: a file does not differ from itself; every
//! instruction of either version is in at most one change.

mod align;
mod meaning;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;

use align::Pair;
pub use meaning::Field;
use meaning::Meaning;

use crate::model::{Instruction, InstructionId, Resolved, StageId};
use crate::syntax::Keyword;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The keyword of the instruction; FROM for a stage.
    pub keyword: Keyword,
    /// What became of it.
    pub kind: ChangeKind,
}

/// What became of an instruction or a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// The stage is new.
    StageAdded(StageId),
    /// The stage is gone.
    StageRemoved(StageId),
    /// The instruction is new; its id is that of the later version.
    Added(InstructionId),
    /// The instruction is gone; its id is that of the earlier version.
    Removed(InstructionId),
    /// The instruction means the same in another place.
    Moved {
        /// In the earlier version.
        from: InstructionId,
        /// In the later version.
        to: InstructionId,
    },
    /// The instruction means something else.
    Changed {
        /// In the earlier version.
        from: InstructionId,
        /// In the later version.
        to: InstructionId,
        /// In which respects.
        fields: Vec<Field>,
    },
}

impl Change {
    /// The names by which a rule or rewrite declares such a change: `run.moved`, `copy.chown`, `stage.added`.
    pub fn names(&self) -> Vec<String> {
        let keyword = self.keyword.as_str().to_lowercase();
        match &self.kind {
            ChangeKind::StageAdded(_) => vec!["stage.added".to_owned()],
            ChangeKind::StageRemoved(_) => vec!["stage.removed".to_owned()],
            ChangeKind::Added(_) => vec![format!("{keyword}.added")],
            ChangeKind::Removed(_) => vec![format!("{keyword}.removed")],
            ChangeKind::Moved { .. } => vec![format!("{keyword}.moved")],
            ChangeKind::Changed { fields, .. } => fields.iter().map(|field| format!("{keyword}.{field}")).collect(),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(", "))
    }
}

/// The changes from one version to another: stages first, then instructions in the order of the later version, with
/// what is gone at the end.
pub fn diff(before: &Resolved, after: &Resolved) -> Vec<Change> {
    let (before, after) = (Side::new(before), Side::new(after));
    let stages = align::stages(&before.names, &after.names);
    let mut changes = stage_changes(&stages);
    let mut matching = Matching::new(&before, &after);
    matching.unchanged(None, None);
    for pair in &stages {
        if let Pair::Both(old, new) = pair {
            matching.unchanged(Some(*old), Some(*new));
        }
    }
    matching.moved();
    matching.changed(&stages);
    changes.extend(matching.finish());
    changes
}

/// One version, prepared.
struct Side<'a> {
    instructions: Vec<(&'a Instruction, Meaning)>,
    /// By stage.
    names: Vec<Option<&'a str>>,
    /// The indexes of the instructions of a stage; those of the global ARGs under none.
    by_stage: BTreeMap<Option<usize>, Vec<usize>>,
}

impl<'a> Side<'a> {
    fn new(resolved: &'a Resolved) -> Self {
        let mut by_stage: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        let mut instructions = Vec::new();
        for instruction in resolved.model.instructions() {
            by_stage.entry(instruction.stage.map(|stage| stage.0)).or_default().push(instructions.len());
            instructions.push((instruction, Meaning::of(resolved, instruction)));
        }
        let stages = resolved.model.stages.iter();
        let names = stages.map(|stage| stage.name.as_ref().map(|name| name.value.as_str())).collect();
        Self { instructions, names, by_stage }
    }

    fn of_stage(&self, stage: Option<usize>) -> &[usize] {
        self.by_stage.get(&stage).map_or(&[], Vec::as_slice)
    }
}

fn stage_changes(stages: &[Pair]) -> Vec<Change> {
    let kinds = stages.iter().filter_map(|pair| match pair {
        Pair::Both(..) => None,
        Pair::Old(stage) => Some(ChangeKind::StageRemoved(StageId(*stage))),
        Pair::New(stage) => Some(ChangeKind::StageAdded(StageId(*stage))),
    });
    kinds.map(|kind| Change { keyword: Keyword::From, kind }).collect()
}

/// Which instruction of the earlier version became which of the later one.
struct Matching<'s, 'a> {
    before: &'s Side<'a>,
    after: &'s Side<'a>,
    /// By instruction of the earlier version: whether it is accounted for.
    old_done: Vec<bool>,
    /// By instruction of the later version: what is to be told of it, once it is accounted for.
    new: Vec<Option<Option<ChangeKind>>>,
}

impl<'s, 'a> Matching<'s, 'a> {
    fn new(before: &'s Side<'a>, after: &'s Side<'a>) -> Self {
        let (old, new) = (before.instructions.len(), after.instructions.len());
        Self { before, after, old_done: vec![false; old], new: vec![None; new] }
    }

    /// Pairs what means the same and stands in the same order in a stage.
    fn unchanged(&mut self, old: Option<usize>, new: Option<usize>) {
        let (old, new) = (self.before.of_stage(old), self.after.of_stage(new));
        let same = |a: usize, b: usize| self.before.instructions[old[a]].1 == self.after.instructions[new[b]].1;
        for (a, b) in align::longest_common(old.len(), new.len(), &same) {
            self.old_done[old[a]] = true;
            self.new[new[b]] = Some(None);
        }
    }

    /// Pairs what means the same and stands elsewhere, first come, first served.
    fn moved(&mut self) {
        let mut waiting: HashMap<&Meaning, VecDeque<usize>> = HashMap::new();
        for (index, (_, meaning)) in self.before.instructions.iter().enumerate() {
            if !self.old_done[index] {
                waiting.entry(meaning).or_default().push_back(index);
            }
        }
        for (index, (instruction, meaning)) in self.after.instructions.iter().enumerate() {
            if self.new[index].is_some() {
                continue;
            }
            if let Some(old) = waiting.get_mut(meaning).and_then(VecDeque::pop_front) {
                let from = self.before.instructions[old].0.id;
                self.old_done[old] = true;
                self.new[index] = Some(Some(ChangeKind::Moved { from, to: instruction.id }));
            }
        }
    }

    /// Pairs what is left in the same stage with the same keyword, in order.
    fn changed(&mut self, stages: &[Pair]) {
        let both = stages.iter().filter_map(|pair| match pair {
            Pair::Both(old, new) => Some((Some(*old), Some(*new))),
            _ => None,
        });
        for (old_stage, new_stage) in both.chain([(None, None)]) {
            let mut waiting: BTreeMap<Keyword, VecDeque<usize>> = BTreeMap::new();
            for &old in self.before.of_stage(old_stage).iter().filter(|old| !self.old_done[**old]) {
                waiting.entry(self.before.instructions[old].0.keyword).or_default().push_back(old);
            }
            for &new in self.after.of_stage(new_stage) {
                if self.new[new].is_some() {
                    continue;
                }
                let (instruction, meaning) = &self.after.instructions[new];
                let Some(old) = waiting.get_mut(&instruction.keyword).and_then(VecDeque::pop_front) else { continue };
                let (from, earlier) = &self.before.instructions[old];
                let fields = earlier.differs_from(meaning);
                self.old_done[old] = true;
                self.new[new] = Some(Some(ChangeKind::Changed { from: from.id, to: instruction.id, fields }));
            }
        }
    }

    fn finish(self) -> Vec<Change> {
        let mut changes = Vec::new();
        for ((instruction, _), told) in self.after.instructions.iter().zip(self.new) {
            let kind = told.unwrap_or(Some(ChangeKind::Added(instruction.id)));
            changes.extend(kind.map(|kind| Change { keyword: instruction.keyword, kind }));
        }
        for ((instruction, _), done) in self.before.instructions.iter().zip(self.old_done) {
            if !done {
                changes.push(Change { keyword: instruction.keyword, kind: ChangeKind::Removed(instruction.id) });
            }
        }
        changes
    }
}
