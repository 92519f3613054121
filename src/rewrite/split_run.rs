//! Split a RUN whose parts have different reasons to run again, so that the part that reads less can stand higher.
//!
//! Takes apart a chain of commands: the packages of the system first, or else the install of dependencies, and what is
//! left below it. Proposes a split only where one of the hoists then moves the first part, and not the RUN as a whole.
//! Deliberately refuses shell state other than `cd`, `set` and literal variables, which are repeated; compounds; mixed
//! `&&` and `;`; heredocs; and a first part that a later command cleans up after.

use std::time::Duration;

use crate::effect::instruction::of_run;
use crate::effect::{Action, CommandEffect, exchange};
use crate::model::{Command, Instruction, Operation, Resolved, Stage, Surroundings};
use crate::plan::usual::usual_of_shell;
use crate::rewrite::change::{Change, Changed};
use crate::rewrite::hoist_os_install::is_of_system;
use crate::rewrite::search::{Found, after};
use crate::rewrite::units::{Chain, Unit};
use crate::rewrite::{Class, Proposal, Refusal, Rewrite, hoist_independent, hoist_manifests, hoist_os_install, ids};

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::SPLIT_RUN, page: include_str!("../../rules/rewrite/split-run.yaml"), find };

/// A first part that takes less is not worth a layer of its own.
const WORTH: Duration = Duration::from_millis(500);
/// As many ways to cut a RUN are weighed.
const MOST_CUTS: usize = 3;
/// What a split may open, and whether the RUN as a whole must not be moved by it already.
const HOISTS: &[(&Rewrite, bool)] =
    &[(&hoist_manifests::REWRITE, false), (&hoist_os_install::REWRITE, true), (&hoist_independent::REWRITE, true)];

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    for stage in &resolved.model.stages {
        for (index, run) in stage.instructions.iter().enumerate() {
            let Some(site) = Site::of(resolved, around, stage, index) else { continue };
            let is_split = [of_the_system as fn(&Unit) -> bool, installs_dependencies].into_iter().any(|is_early| {
                let answer = site.split(run, is_early);
                let is_split = matches!(answer, Ok(Some(_)));
                found.take(answer);
                is_split
            });
            let is_behind_files = || stage.instructions[..index].iter().any(brings_files);
            if !is_split && around.history.is_some() && is_behind_files() {
                site.cuts(run).into_iter().for_each(|(proposal, changed)| found.consider(proposal, changed));
            }
        }
    }
}

fn brings_files(instruction: &Instruction) -> bool {
    matches!(instruction.operation, Operation::Copy(_) | Operation::Add(_))
}

fn of_the_system(unit: &Unit) -> bool {
    unit.commands.iter().all(|command| command.manager.is_some_and(is_of_system)) && unit.is_modelled()
}

fn installs_dependencies(unit: &Unit) -> bool {
    unit.is_modelled() && unit.commands.iter().any(is_install) && !of_the_system(unit)
}

fn is_install(command: &CommandEffect) -> bool {
    command.action == Action::Install
}

/// A RUN that is a chain of commands.
struct Site<'a> {
    resolved: &'a Resolved,
    around: &'a Surroundings,
    chain: Chain<'a>,
}

impl<'a> Site<'a> {
    fn of(resolved: &'a Resolved, around: &'a Surroundings, stage: &'a Stage, index: usize) -> Option<Self> {
        let instruction = &stage.instructions[index];
        let Operation::Run(run) = &instruction.operation else { return None };
        let Command::Shell { body, .. } = &run.command else { return None };
        let commands = of_run(resolved, around, stage, index).ok()?;
        let chain = Chain::of(&resolved.model.tree, instruction, body.script()?, &commands)?;
        Some(Self { resolved, around, chain })
    }

    /// The proposal to put the units that are early into a RUN of their own; none where nothing is won.
    fn split(&self, run: &Instruction, is_early: fn(&Unit) -> bool) -> Result<Option<(Proposal, Changed)>, Refusal> {
        let early: Vec<bool> = self.chain.units.iter().map(is_early).collect();
        let Some(last) = early.iter().rposition(|early| *early) else { return Ok(None) };
        let installs = |unit: &Unit| unit.commands.iter().any(is_install);
        if !self.chain.units.iter().zip(&early).any(|(unit, early)| *early && installs(unit)) {
            return Ok(None);
        }
        let early = self.with_cleaning(early, last);
        if self.chain.units.iter().zip(&early).all(|(unit, early)| *early || unit.is_state) {
            return Ok(None);
        }
        let (first, second) = (self.chain.part(|index| early[index]), self.chain.part(|index| !early[index]));
        let (Some((lost, first)), Some((comments, second))) = (first, second) else { return Ok(None) };
        if !lost.is_empty() {
            return Ok(None);
        }
        let mut change = Change::of(self.resolved);
        change.rewrite(run, first);
        change.insert_after(run, comments, second);
        let changed =
            change.finish().map_err(|span| Refusal::new(ids::SPLIT_RUN, span, "it holds bytes that are not UTF-8"))?;
        let Some(opened) = self.opens(run, &changed) else { return Ok(None) };
        self.legal(&early)?;
        let argument = format!("it has fewer reasons to run again: `{}` moves it next", opened.id);
        Ok(Some((self.proposal(run, &early, argument), changed)))
    }

    /// The ways to cut the RUN in two behind commands that are all known: worth something where the first part can stand
    /// higher, which only the commits of a history can tell.
    fn cuts(&self, run: &Instruction) -> Vec<(Proposal, Changed)> {
        let units = &self.chain.units;
        let known = units.iter().take_while(|unit| unit.is_state || unit.is_modelled()).count();
        let ends = (1..units.len()).filter(|end| *end <= known && !units[end - 1].is_state);
        ends.rev().take(MOST_CUTS).filter_map(|end| self.cut(run, end)).collect()
    }

    /// The RUN cut in two before the unit at `end`; none where the parts cannot be written, or one cleans up after the
    /// other.
    fn cut(&self, run: &Instruction, end: usize) -> Option<(Proposal, Changed)> {
        let early: Vec<bool> = (0..self.chain.units.len()).map(|index| index < end).collect();
        let (_, first) = self.chain.part(|index| early[index])?;
        if usual_of_shell(first.get("RUN ".len()..)?) < WORTH {
            return None;
        }
        let (comments, second) = self.chain.part(|index| !early[index])?;
        self.legal(&early).ok()?;
        let mut change = Change::of(self.resolved);
        change.rewrite(run, first);
        change.insert_after(run, comments, second);
        let name = &self.chain.units[..end].iter().rfind(|unit| !unit.is_state)?.name;
        let argument = format!("`{name}` can stand higher than what comes behind it, and runs less often there");
        Some((self.proposal(run, &early, argument), change.finish().ok()?))
    }

    /// The early units, and with them what cleans up after them.
    fn with_cleaning(&self, mut early: Vec<bool>, last: usize) -> Vec<bool> {
        for index in 0..early.len() {
            let unit = &self.chain.units[index];
            let cleans_early = |at: usize, early: &[bool]| {
                early[at] && unit.effect().writes.overlap(&self.chain.units[at].effect().writes).is_some()
            };
            if !early[index] && index > 0 && unit.is_cleaning && (0..index).any(|at| cleans_early(at, &early)) {
                early[index] = self.passes(index, &early) || index < last;
            }
        }
        early
    }

    /// Whether the unit may run before every one above it that is not early.
    fn passes(&self, index: usize, early: &[bool]) -> bool {
        let unit = self.chain.units[index].effect();
        (0..index).filter(|at| !early[*at]).all(|at| exchange(&self.chain.units[at].effect(), &unit).is_ok())
    }

    /// The early units run before those above them, and what they leave is not removed by those below.
    fn legal(&self, early: &[bool]) -> Result<(), Refusal> {
        for (index, unit) in self.chain.units.iter().enumerate() {
            let effect = unit.effect();
            let before = || self.chain.units[..index].iter().zip(early);
            if early[index] {
                for (above, _) in before().filter(|(above, early)| !**early && !above.is_state) {
                    exchange(&above.effect(), &effect).map_err(|conflict| {
                        Refusal::new(
                            ids::SPLIT_RUN,
                            unit.span,
                            format!("it has to run after what stands before it: {conflict}"),
                        )
                    })?;
                }
            } else if unit.is_cleaning {
                for (above, _) in before().filter(|(_, early)| **early) {
                    if let Some(path) = above.effect().writes.overlap(&effect.writes) {
                        let reason =
                            format!("it removes {path}, which the part to be split off would leave in its layer");
                        return Err(Refusal::new(ids::SPLIT_RUN, unit.span, reason));
                    }
                }
            }
        }
        Ok(())
    }

    /// The hoist that moves the first part; none where there is none, or where the RUN moves as a whole.
    fn opens(&self, run: &Instruction, changed: &Changed) -> Option<&'static Rewrite> {
        let next = after(self.resolved, &changed.edits, self.around);
        let early = next.model.instructions().find(|instruction| instruction.id == run.id)?;
        HOISTS.iter().find_map(|(hoist, moves_whole)| {
            let moves = |resolved: &Resolved, run: &Instruction| {
                let mut found = Found::default();
                (hoist.find)(resolved, self.around, &mut found);
                found.spans().any(|span| span.end == run.span.end)
            };
            (moves(&next, early) && !(*moves_whole && moves(self.resolved, run))).then_some(*hoist)
        })
    }

    fn proposal(&self, run: &Instruction, early: &[bool], what_for: String) -> Proposal {
        let named = |is_early: bool| {
            let units = self.chain.units.iter().zip(early);
            let first = units.into_iter().find(|(unit, early)| **early == is_early && !unit.is_state);
            first.map(|(unit, _)| format!("`{}`", unit.name)).unwrap_or_default()
        };
        let because = vec![
            format!("{} and {} share no variable, no directory and no option of the shell", named(true), named(false)),
            format!("nothing that {} leaves is removed further on", named(true)),
            what_for,
        ];
        Proposal {
            because,
            notes: vec!["the image has one layer more".to_owned()],
            ..Proposal::new(ids::SPLIT_RUN, Class::Same, "same files, same config", run.span)
        }
    }
}
