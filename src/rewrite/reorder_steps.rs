//! Put early what is expensive and seldom triggered, late what is cheap and triggered often: an edit then leaves more of
//! a stage cached.
//!
//! Weighs the orders of a stage's instructions over the commits of its history, and takes the cheapest that turns round
//! no pair which could disturb each other. Deliberately silent without a history: which step is triggered how often is
//! then not known.

use std::collections::BTreeSet;

use crate::effect::instruction::of_instruction;
use crate::effect::{EffectSet, exchange};
use crate::model::{Base, Instruction, Operation, Resolved, Stage, Surroundings};
use crate::rewrite::change::{Change, Changed};
use crate::rewrite::cost::{Block, Problem, Triggers};
use crate::rewrite::search::Found;
use crate::rewrite::{Class, Proposal, Refusal, Rewrite, ids};

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::REORDER_STEPS, page: include_str!("../../rules/rewrite/reorder-steps.yaml"), find };

/// Seconds that the mean commit must save: less is not worth a change that somebody has to read.
const WORTH: f64 = 0.5;
/// A stage of more instructions is searched in blocks of them.
const MOST_BLOCKS: usize = 18;

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    if around.context.is_none() || !resolved.model.stages.iter().any(has_something_to_move) {
        return;
    }
    let Some(triggers) = Triggers::of(resolved, around, &found.costs) else { return };
    for stage in resolved.model.stages.iter().filter(|stage| has_something_to_move(stage)) {
        let site = Site::of(resolved, around, stage, &triggers);
        let order = site.problem.best();
        let saved = site.problem.cost(&site.written()) - site.problem.cost(&order);
        if saved < WORTH {
            continue;
        }
        match site.change(&order) {
            Ok(changed) => found.propose(site.proposal(&order), changed),
            Err(refusal) => found.refuse(refusal),
        }
    }
}

/// Whether a command stands behind something that commits may trigger.
fn has_something_to_move(stage: &Stage) -> bool {
    let is_run = |instruction: &Instruction| matches!(instruction.operation, Operation::Run(_));
    let may_be_triggered = |instruction: &Instruction| {
        matches!(instruction.operation, Operation::Copy(_) | Operation::Add(_) | Operation::Run(_))
    };
    let first = stage.instructions.iter().position(may_be_triggered);
    first.is_some_and(|first| stage.instructions[first + 1..].iter().any(is_run))
}

/// A stage whose order is looked at.
struct Site<'a> {
    resolved: &'a Resolved,
    around: &'a Surroundings,
    stage: &'a Stage,
    /// Its instructions behind FROM, in runs of those that stay together.
    blocks: Vec<Vec<&'a Instruction>>,
    problem: Problem,
}

impl<'a> Site<'a> {
    fn of(resolved: &'a Resolved, around: &'a Surroundings, stage: &'a Stage, triggers: &Triggers) -> Self {
        let instructions = &stage.instructions[1..];
        let effects: Vec<EffectSet> =
            (1..=instructions.len()).map(|index| of_instruction(resolved, around, stage, index)).collect();
        let conflicts = conflicts(&effects);
        let weighed: Vec<(f64, Vec<bool>)> = instructions.iter().map(|one| triggers.of_instruction(one.id)).collect();
        let blocks = blocks(&weighed, &conflicts);
        let block_of = |instruction: usize| blocks.iter().position(|block| block.contains(&instruction)).unwrap_or(0);
        let between = conflicts.iter().map(|(a, b)| (block_of(*a), block_of(*b))).filter(|(a, b)| a != b);
        let problem = Problem {
            blocks: blocks.iter().map(|block| together(block, &weighed)).collect(),
            weights: triggers.weights.clone(),
            conflicts: between.collect::<BTreeSet<_>>().into_iter().collect(),
        };
        let blocks = blocks.iter().map(|block| block.iter().map(|index| &instructions[*index]).collect()).collect();
        Self { resolved, around, stage, blocks, problem }
    }

    fn written(&self) -> Vec<usize> {
        (0..self.blocks.len()).collect()
    }

    /// Moves every block that does not stand where it stood, seen from those that stay.
    fn change(&self, order: &[usize]) -> Result<Changed, Refusal> {
        let stays = longest_rising(order);
        let mut change = Change::of(self.resolved);
        let mut anchor = &self.stage.instructions[0];
        for block in order {
            match stays.contains(block) {
                true => anchor = self.blocks[*block].last().copied().unwrap_or(anchor),
                false => self.blocks[*block].iter().for_each(|instruction| change.move_after(instruction, anchor)),
            }
        }
        change.finish().map_err(|span| Refusal {
            span,
            id: ids::REORDER_STEPS,
            reason: "it holds bytes that are not UTF-8".to_owned(),
            help: None,
        })
    }

    fn proposal(&self, order: &[usize]) -> Proposal {
        let moved = moved(order);
        let spans = moved.iter().flat_map(|block| &self.blocks[*block]).map(|instruction| instruction.span);
        let span = spans.reduce(|all, one| all.to(one)).unwrap_or(self.stage.span);
        Proposal {
            because: moved.iter().map(|block| self.argument(order, *block)).collect(),
            assumed: self.assumed(),
            ..Proposal::new(ids::REORDER_STEPS, Class::Same, "same files, same config", span)
        }
    }

    /// Why a block may stand where it stands now.
    fn argument(&self, order: &[usize], block: usize) -> String {
        let place = |block: usize| order.iter().position(|one| *one == block);
        let passes = |other: &usize| (*other < block) != (place(*other) < place(block));
        let passed: Vec<String> =
            self.written().iter().filter(|other| passes(other)).map(|other| self.line(*other)).collect();
        let noun = if passed.len() == 1 { "line" } else { "lines" };
        let lines = match passed.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => passed.concat(),
        };
        format!("line {} and {noun} {lines} neither read nor write what the other writes", self.line(block))
    }

    fn line(&self, block: usize) -> String {
        let source = &self.resolved.model.tree.source;
        let first = self.blocks[block].first().map_or(self.stage.span, |instruction| instruction.span);
        (source.line_of(first.start) + 1).to_string()
    }

    fn assumed(&self) -> Vec<String> {
        match &self.resolved.bases[self.stage.id.0] {
            Base::Image(reference) if !self.around.images.contains_key(reference) => {
                vec![format!(
                    "{reference} runs as root, and no link in it leads from one of these paths to another (image not at hand)"
                )]
            }
            _ => Vec::new(),
        }
    }
}

/// The pairs that must keep their order.
fn conflicts(effects: &[EffectSet]) -> BTreeSet<(usize, usize)> {
    let pairs = (0..effects.len()).flat_map(|second| (0..second).map(move |first| (first, second)));
    pairs.filter(|(first, second)| exchange(&effects[*first], &effects[*second]).is_err()).collect()
}

/// The instructions by blocks: each by itself, or where they are many, what takes no time with the one that it belongs to.
fn blocks(weighed: &[(f64, Vec<bool>)], conflicts: &BTreeSet<(usize, usize)>) -> Vec<Vec<usize>> {
    let mut blocks: Vec<Vec<usize>> = (0..weighed.len()).map(|index| vec![index]).collect();
    while blocks.len() > MOST_BLOCKS {
        let is_idle = |block: &[usize]| block.iter().all(|index| weighed[*index].0 == 0.0);
        let meets = |a: &[usize], b: &[usize]| a.iter().any(|a| b.iter().any(|b| conflicts.contains(&(*a, *b))));
        // What sets something up belongs to what comes next and uses it, everything else to what came before.
        let forward = (1..blocks.len()).find(|at| is_idle(&blocks[at - 1]) && meets(&blocks[at - 1], &blocks[*at]));
        let backward = || (1..blocks.len()).find(|at| is_idle(&blocks[*at]));
        let Some(at) = forward.or_else(backward) else { break };
        let joined = blocks.remove(at);
        blocks[at - 1].extend(joined);
    }
    blocks
}

fn together(block: &[usize], weighed: &[(f64, Vec<bool>)]) -> Block {
    block.iter().fold(Block::default(), |all, index| {
        let (seconds, triggers) = &weighed[*index];
        let either = triggers.iter().enumerate().map(|(commit, own)| *own || all.triggers.get(commit) == Some(&true));
        Block { seconds: all.seconds + seconds, triggers: either.collect() }
    })
}

/// The blocks that are moved.
fn moved(order: &[usize]) -> Vec<usize> {
    let stays = longest_rising(order);
    order.iter().filter(|block| !stays.contains(block)).copied().collect()
}

/// As many blocks as can stay where they are: a longest part of the order that rises.
fn longest_rising(order: &[usize]) -> BTreeSet<usize> {
    // For each place the longest rising part that ends there: its length, and the place before.
    let mut longest: Vec<(usize, Option<usize>)> = Vec::with_capacity(order.len());
    for (at, block) in order.iter().enumerate() {
        let before =
            (0..at).filter(|before| order[*before] < *block).max_by_key(|before| (longest[*before].0, *before));
        longest.push((before.map_or(1, |before| longest[before].0 + 1), before));
    }
    let end = (0..order.len()).max_by_key(|at| longest[*at].0);
    std::iter::successors(end, |at| longest[*at].1).map(|at| order[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_little_as_possible_is_moved() {
        assert_eq!(moved(&[0, 2, 3, 1, 4]), [1]);
        assert_eq!(moved(&[3, 0, 1, 2]), [3]);
        assert!(moved(&[0, 1, 2]).is_empty());
    }
}
