//! The order of a stage: whether a step may stand above another one, and which of the steps between then follow it.
//!
//! A move is a chain of exchanges of neighbours: what may not pass one that goes down goes down with it. Does not know
//! which moves are worth anything.

use crate::effect::instruction::of_instruction;
use crate::effect::{Conflict, EffectSet, exchange};
use crate::model::{Instruction, Resolved, Stage, Surroundings};
use crate::rewrite::change::{Change, Changed};
use crate::text::Span;

/// The steps of one stage with their effects.
pub(super) struct Steps<'a> {
    resolved: &'a Resolved,
    stage: &'a Stage,
    effects: Vec<EffectSet>,
}

/// A move that is legal: `step` comes to stand above the steps that follow it.
pub(super) struct Lift {
    step: usize,
    /// The index of every step that then stands below, in order; the first is the one to be passed.
    pub(super) followers: Vec<usize>,
    /// Whether the step passes everything in between, so that it alone may be moved.
    alone: bool,
}

/// Why a move is not legal.
pub(super) struct Obstacle {
    /// The step that may not be passed.
    pub(super) index: usize,
    pub(super) conflict: Conflict,
}

impl<'a> Steps<'a> {
    pub(super) fn of(resolved: &'a Resolved, around: &Surroundings, stage: &'a Stage) -> Self {
        let indexes = 0..stage.instructions.len();
        Self { resolved, stage, effects: indexes.map(|at| of_instruction(resolved, around, stage, at)).collect() }
    }

    /// The effect of the step at `index`.
    pub(super) fn effect(&self, index: usize) -> &EffectSet {
        &self.effects[index]
    }

    /// Whether the step at `step` may stand above the one at `above`, which stands above it now.
    pub(super) fn lift(&self, step: usize, above: usize) -> Result<Lift, Obstacle> {
        let disturbs = |one: &usize, other: usize| exchange(&self.effects[*one], &self.effects[other]).err();
        let mut followers = vec![above];
        for between in above + 1..step {
            if followers.iter().any(|follower| disturbs(follower, between).is_some()) {
                followers.push(between);
            }
        }
        for follower in followers.iter().rev() {
            if let Some(conflict) = disturbs(follower, step) {
                return Err(Obstacle { index: *follower, conflict });
            }
        }
        let alone = (above..step).all(|between| disturbs(&between, step).is_none());
        Ok(Lift { step, followers, alone })
    }

    /// The edits of a move: of the two ways to write it, the one that moves fewer instructions.
    pub(super) fn moved(&self, lift: &Lift) -> Result<Changed, Span> {
        let at = |index: &usize| -> &Instruction { &self.stage.instructions[*index] };
        let mut change = Change::of(self.resolved);
        match lift.alone && lift.followers.len() > 1 {
            true => change.move_before(at(&lift.step), at(&lift.followers[0])),
            false => lift.followers.iter().for_each(|follower| change.move_after(at(follower), at(&lift.step))),
        }
        change.finish()
    }
}
