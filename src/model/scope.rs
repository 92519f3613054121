//! Variable scopes: what each instruction sees, kept as a log of bindings so that long files stay linear.

use std::collections::BTreeMap;

use crate::model::{Instruction, InstructionId, StageId, Variable};

/// The bindings of the whole file.
#[derive(Debug, Clone, Default)]
pub struct Scopes {
    /// The global scope, then one scope per stage.
    pub(in crate::model) global: Scope,
    /// By stage.
    pub(in crate::model) stages: Vec<Scope>,
}

/// One scope: for each name its bindings in order.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// The stage whose final scope this one starts from.
    pub(in crate::model) parent: Option<StageId>,
    /// By name; each with the instruction that made it. A binding is seen by later instructions only.
    pub(in crate::model) bindings: BTreeMap<String, Vec<(InstructionId, Variable)>>,
}

impl Scopes {
    /// What `name` stands for just before `instruction`.
    pub fn lookup(&self, name: &str, instruction: &Instruction) -> Option<&Variable> {
        match instruction.stage {
            None => self.global.before(name, instruction.id),
            Some(stage) => self.in_stage(name, stage, instruction.id),
        }
    }

    /// Every variable visible just before `instruction`, sorted by name.
    pub fn visible(&self, instruction: &Instruction) -> BTreeMap<&str, &Variable> {
        let Some(mut stage) = instruction.stage else {
            return self
                .global
                .names()
                .filter_map(|name| Some((name, self.global.before(name, instruction.id)?)))
                .collect();
        };
        let mut visible = BTreeMap::new();
        loop {
            let scope = &self.stages[stage.0];
            for name in scope.names() {
                if let Some(variable) = scope.before(name, instruction.id) {
                    visible.entry(name).or_insert(variable);
                }
            }
            match scope.parent {
                Some(parent) => stage = parent,
                None => return visible,
            }
        }
    }

    fn in_stage(&self, name: &str, mut stage: StageId, before: InstructionId) -> Option<&Variable> {
        loop {
            let scope = &self.stages[stage.0];
            if let Some(variable) = scope.before(name, before) {
                return Some(variable);
            }
            stage = scope.parent?;
        }
    }
}

impl Scope {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.bindings.keys().map(String::as_str)
    }

    fn before(&self, name: &str, instruction: InstructionId) -> Option<&Variable> {
        let log = self.bindings.get(name)?;
        let count = log.partition_point(|(id, _)| *id < instruction);
        count.checked_sub(1).map(|last| &log[last].1)
    }
}
