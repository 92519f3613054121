//! The search for the order in which the blocks of a stage cost least, over the commits of a history.
//!
//! Pure: blocks are numbers. Behind a block that runs everything of the stage runs, so what an order costs is, block by
//! block, its time in every commit that triggers it or one before it. Few blocks are searched exactly: the cost of a
//! block depends on the set of those before it alone, not on their order, so the best order of every set is found from
//! the best orders of the sets with one less. Of equally cheap orders the one that moves least is taken.

use std::collections::BTreeSet;

/// As many blocks are searched exactly.
const MOST_EXACT: usize = 18;
/// Improvements of a long stage, at most: each makes it cheaper, so this is a guard and no limit.
const MOST_ROUNDS: usize = 256;
/// Costs that differ by less are the same.
const SAME: f64 = 1e-9;

/// Something that is moved as a whole.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::rewrite) struct Block {
    /// Seconds that it takes.
    pub(in crate::rewrite) seconds: f64,
    /// In which commits it is triggered by itself.
    pub(in crate::rewrite) triggers: Vec<bool>,
}

/// Blocks with what must come before what.
#[derive(Debug, Clone, Default)]
pub(in crate::rewrite) struct Problem {
    pub(in crate::rewrite) blocks: Vec<Block>,
    /// How much each commit counts.
    pub(in crate::rewrite) weights: Vec<f64>,
    /// Pairs of blocks that keep their order: the first before the second.
    pub(in crate::rewrite) conflicts: Vec<(usize, usize)>,
}

impl Problem {
    /// The cheapest order that keeps every conflicting pair as it is.
    pub(in crate::rewrite) fn best(&self) -> Vec<usize> {
        if self.blocks.len() <= MOST_EXACT { self.exact() } else { self.improved() }
    }

    /// What an order costs: the mean seconds after a commit, times the weight of all.
    pub(in crate::rewrite) fn cost(&self, order: &[usize]) -> f64 {
        let mut is_stale = vec![false; self.weights.len()];
        let mut cost = 0.0;
        for block in order {
            let block = &self.blocks[*block];
            is_stale.iter_mut().zip(&block.triggers).for_each(|(stale, triggered)| *stale |= triggered);
            cost += block.seconds * weight(&self.weights, &is_stale);
        }
        cost
    }

    /// Whether the neighbours `a`, `b` are better off as they are than the other way round, where the commits in `before`
    /// have made everything stale already: early belongs what is expensive and seldom triggered on its own.
    pub(in crate::rewrite) fn keeps(&self, a: usize, b: usize, before: &[bool]) -> bool {
        let (a, b) = (&self.blocks[a], &self.blocks[b]);
        let alone = |one: &Block, other: &Block| {
            let triggers = one.triggers.iter().zip(&other.triggers).zip(before);
            let alone: Vec<bool> = triggers.map(|((one, other), before)| *one && !other && !before).collect();
            weight(&self.weights, &alone)
        };
        a.seconds * alone(b, a) + SAME >= b.seconds * alone(a, b)
    }

    /// For each block the set of those that must come before it.
    fn predecessors(&self) -> Vec<u32> {
        let mut predecessors = vec![0; self.blocks.len()];
        for (first, second) in &self.conflicts {
            predecessors[*second] |= 1 << first;
        }
        predecessors
    }

    /// Dynamic programming over the sets of blocks that can stand first.
    fn exact(&self) -> Vec<usize> {
        let count = self.blocks.len();
        let predecessors = self.predecessors();
        let stale = self.stale_weights();
        let full = (1_usize << count) - 1;
        // For each set the cheapest way to put it first: what it costs, how many pairs it turns round, which is last.
        let mut best: Vec<Option<(f64, u32, usize)>> = vec![None; full + 1];
        best[0] = Some((0.0, 0, 0));
        for set in 0..=full {
            let Some((cost, turned, _)) = best[set] else { continue };
            for block in (0..count).filter(|block| set & (1 << block) == 0) {
                if predecessors[block] as usize & !set != 0 {
                    continue;
                }
                let with = set | (1 << block);
                let cost = cost + self.blocks[block].seconds * stale[with];
                let turned = turned + (set >> block).count_ones();
                let is_better = best[with].is_none_or(|(known, known_turned, _)| {
                    cost < known - SAME || (cost < known + SAME && turned < known_turned)
                });
                if is_better {
                    best[with] = Some((cost, turned, block));
                }
            }
        }
        let mut order = Vec::with_capacity(count);
        let mut set = full;
        while set != 0 {
            let (_, _, last) = best[set].expect("the order of the file keeps every pair as it is");
            order.push(last);
            set &= !(1 << last);
        }
        order.reverse();
        order
    }

    /// For each set of blocks how much the commits weigh that trigger one of them: all, less those whose triggers all
    /// lie outside.
    fn stale_weights(&self) -> Vec<f64> {
        let count = self.blocks.len();
        let full = (1_usize << count) - 1;
        let mut untouched = vec![0.0; full + 1];
        for (commit, weight) in self.weights.iter().enumerate() {
            let triggered = (0..count).filter(|block| self.blocks[*block].triggers[commit]);
            untouched[triggered.fold(0, |set, block| set | (1 << block))] += weight;
        }
        // Now only of commits with exactly these triggers; then of those with no others.
        for block in 0..count {
            for set in 0..=full {
                if set & (1 << block) != 0 {
                    untouched[set] += untouched[set & !(1 << block)];
                }
            }
        }
        let total = untouched[full];
        (0..=full).map(|set| total - untouched[full & !set]).collect()
    }

    /// Improves the order of the file: neighbours by the pairwise rule, then single blocks to wherever they cost least.
    fn improved(&self) -> Vec<usize> {
        let conflicts: BTreeSet<(usize, usize)> = self.conflicts.iter().copied().collect();
        let may_pass = |a: usize, b: usize| !conflicts.contains(&(a, b)) && !conflicts.contains(&(b, a));
        let mut order: Vec<usize> = (0..self.blocks.len()).collect();
        self.exchange_neighbours(&mut order, &may_pass);
        for _ in 0..MOST_ROUNDS {
            let cost = self.cost(&order);
            let mut best: Option<(f64, Vec<usize>)> = None;
            for from in 0..order.len() {
                for further in self.insertions(&order, from, &may_pass) {
                    let cost = self.cost(&further);
                    if best.as_ref().is_none_or(|(known, _)| cost < known - SAME) {
                        best = Some((cost, further));
                    }
                }
            }
            match best {
                Some((cheaper, further)) if cheaper < cost - SAME => order = further,
                _ => break,
            }
            self.exchange_neighbours(&mut order, &may_pass);
        }
        order
    }

    /// Exchanges neighbours that are better off the other way round until there are none.
    fn exchange_neighbours(&self, order: &mut [usize], may_pass: &dyn Fn(usize, usize) -> bool) {
        for _ in 0..order.len() {
            let mut before = vec![false; self.weights.len()];
            let mut is_settled = true;
            for at in 1..order.len() {
                let (a, b) = (order[at - 1], order[at]);
                if may_pass(a, b) && !self.keeps(a, b, &before) {
                    order.swap(at - 1, at);
                    is_settled = false;
                }
                let placed = &self.blocks[order[at - 1]];
                before.iter_mut().zip(&placed.triggers).for_each(|(before, triggered)| *before |= triggered);
            }
            if is_settled {
                return;
            }
        }
    }

    /// The orders in which the block at `from` stands somewhere else, as far as it may be moved.
    fn insertions(&self, order: &[usize], from: usize, may_pass: &dyn Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
        let block = order[from];
        let up = (0..from).rev().take_while(|at| may_pass(order[*at], block));
        let down = (from + 1..order.len()).take_while(|at| may_pass(order[*at], block));
        let moved = |to: usize| {
            let mut order = order.to_vec();
            let block = order.remove(from);
            order.insert(to, block);
            order
        };
        up.chain(down).map(moved).collect()
    }
}

fn weight(weights: &[f64], of: &[bool]) -> f64 {
    weights.iter().zip(of).filter(|(_, counts)| **counts).map(|(weight, _)| weight).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// Blocks of so many seconds, each triggered where its text has an `x`.
    fn problem(blocks: &[(f64, &str)], conflicts: &[(usize, usize)]) -> Problem {
        let block = |(seconds, triggers): &(f64, &str)| Block {
            seconds: *seconds,
            triggers: triggers.chars().map(|c| c == 'x').collect(),
        };
        Problem {
            weights: vec![1.0; blocks[0].1.len()],
            blocks: blocks.iter().map(block).collect(),
            conflicts: conflicts.to_vec(),
        }
    }

    #[test]
    fn what_is_expensive_and_seldom_triggered_comes_first() {
        let blocks = [(0.2, "xxxx"), (30.0, "...."), (20.0, "x...")];
        assert_eq!(problem(&blocks, &[]).best(), [1, 2, 0]);
        assert_eq!(problem(&blocks, &[(0, 2)]).best(), [1, 0, 2]);
        assert_eq!(problem(&blocks, &[(0, 1), (0, 2)]).best(), [0, 1, 2], "nothing may pass");
    }

    #[test]
    fn what_gains_nothing_stays() {
        assert_eq!(problem(&[(5.0, ".."), (0.0, ".."), (3.0, "xx")], &[]).best(), [0, 1, 2]);
        assert_eq!(problem(&[(1.0, "x."), (1.0, "x.")], &[]).best(), [0, 1]);
    }

    /// Any blocks, any triggers, any order that is to be kept.
    fn any_problem(most: usize) -> impl Strategy<Value = Problem> {
        (2..most, 1..9_usize).prop_flat_map(|(count, commits)| {
            let block = (0..60_u32, prop::collection::vec(prop::bool::weighted(0.3), commits));
            let pairs = prop::collection::vec((0..count, 0..count), 0..count);
            (prop::collection::vec(block, count), pairs, prop::collection::vec(1..5_u32, commits)).prop_map(
                |(blocks, pairs, weights)| Problem {
                    blocks: blocks
                        .into_iter()
                        .map(|(seconds, triggers)| Block { seconds: f64::from(seconds), triggers })
                        .collect(),
                    weights: weights.into_iter().map(f64::from).collect(),
                    conflicts: pairs.into_iter().filter(|(a, b)| a < b).collect(),
                },
            )
        })
    }

    /// An order drawn by `choices` among those that keep every conflicting pair.
    fn legal_order(problem: &Problem, choices: &[usize]) -> Vec<usize> {
        let count = problem.blocks.len();
        let mut order = Vec::new();
        for choice in choices.iter().cycle().take(count) {
            let is_free = |block: &usize| {
                !order.contains(block) && problem.conflicts.iter().all(|(a, b)| b != block || order.contains(a))
            };
            let free: Vec<usize> = (0..count).filter(is_free).collect();
            order.push(free[choice % free.len()]);
        }
        order
    }

    fn is_legal(problem: &Problem, order: &[usize]) -> bool {
        let place = |block: usize| order.iter().position(|one| *one == block);
        problem.conflicts.iter().all(|(a, b)| place(*a) < place(*b))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_legal_order_is_cheaper_than_the_best(problem in any_problem(10), draws in prop::collection::vec(prop::collection::vec(0..100_usize, 12), 20)) {
            let best = problem.best();
            prop_assert!(is_legal(&problem, &best));
            for choices in draws {
                let other = legal_order(&problem, &choices);
                prop_assert!(problem.cost(&best) <= problem.cost(&other) + 1e-6, "{best:?} is worse than {other:?}");
            }
        }

        #[test]
        fn a_long_stage_gets_no_worse_and_keeps_what_conflicts(problem in any_problem(10)) {
            let improved = problem.improved();
            let written: Vec<usize> = (0..problem.blocks.len()).collect();
            prop_assert!(is_legal(&problem, &improved));
            prop_assert!(problem.cost(&improved) <= problem.cost(&written) + 1e-6);
            // The exact search is never beaten by it.
            prop_assert!(problem.cost(&problem.exact()) <= problem.cost(&improved) + 1e-6);
        }
    }
}
