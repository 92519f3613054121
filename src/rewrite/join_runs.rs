//! Remove in the layer that made it: a RUN that removes what a RUN right above it has left is joined with that one.
//!
//! Takes RUNs that follow one another with the same flags, from the one that writes to the one that removes, and writes
//! them as one chain; what the removal may pass stays where it is. Deliberately refuses state of the shell that would reach the commands of the next RUN.

use crate::effect::instruction::{of_instruction, of_run};
use crate::effect::{PathSet, exchange};
use crate::model::{Command, Instruction, Operation, Resolved, Stage, Surroundings};
use crate::rewrite::change::Change;
use crate::rewrite::search::Found;
use crate::rewrite::units::Chain;
use crate::rewrite::{Class, Proposal, Refusal, Rewrite, ids};
use crate::syntax::{ItemKind, Tree};
use crate::text::Span;

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::JOIN_RUNS, page: include_str!("../../rules/rewrite/join-runs.yaml"), find };

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    for stage in &resolved.model.stages {
        let runs: Vec<Option<Joinable>> =
            (0..stage.instructions.len()).map(|index| Joinable::of(resolved, around, stage, index)).collect();
        let Some((first, last, path)) = pair(&resolved.model.tree, stage, &runs) else { continue };
        let tree = &resolved.model.tree;
        let effect = |index: usize| of_instruction(resolved, around, stage, index);
        // What stands between may stay where it is, where the removal may pass it.
        let passes = (first + 1..last).all(|between| exchange(&effect(between), &effect(last)).is_ok());
        let indexes: Vec<usize> = if passes { vec![first, last] } else { (first..=last).collect() };
        let joined: Vec<&Instruction> = indexes.iter().map(|index| &stage.instructions[*index]).collect();
        let stateful = indexes.iter().filter(|index| **index < last).filter_map(|index| runs[*index].as_ref());
        if let Some(run) = stateful.into_iter().find(|run| run.has_state) {
            let reason = format!("what it sets in the shell would reach the RUN that removes {path}");
            found.refuse(Refusal::new(ids::JOIN_RUNS, run.span, reason));
            continue;
        }
        let mut change = Change::of(resolved);
        change.rewrite(joined[0], text(tree, &joined));
        joined[1..].iter().for_each(|run| change.remove(run));
        match change.finish() {
            Ok(changed) => found.propose(proposal(resolved, &joined, &path), changed),
            Err(span) => found.refuse(Refusal::new(ids::JOIN_RUNS, span, "it holds bytes that are not UTF-8")),
        }
    }
}

/// A RUN that is a chain of modelled commands.
struct Joinable {
    span: Span,
    writes: PathSet,
    /// What it removes.
    removes: PathSet,
    /// Whether that is all that it does.
    only_removes: bool,
    has_state: bool,
}

impl Joinable {
    fn of(resolved: &Resolved, around: &Surroundings, stage: &Stage, index: usize) -> Option<Self> {
        let instruction = &stage.instructions[index];
        let Operation::Run(run) = &instruction.operation else { return None };
        let Command::Shell { body, .. } = &run.command else { return None };
        let commands = of_run(resolved, around, stage, index).ok()?;
        let chain = Chain::of(&resolved.model.tree, instruction, body.script()?, &commands)?;
        if !chain.is_joined_by_and() {
            return None;
        }
        let mut joinable = Self {
            span: instruction.span,
            writes: PathSet::empty(),
            removes: PathSet::empty(),
            only_removes: chain.units.iter().all(|unit| unit.is_removal),
            has_state: chain.units.iter().any(|unit| unit.is_state),
        };
        for unit in chain.units.iter().filter(|unit| !unit.is_state) {
            let effect = unit.effect();
            // What nobody knows may write anywhere, which is no reason to join.
            if effect.barrier.is_some() {
                continue;
            }
            match unit.is_removal {
                true => joinable.removes.add(effect.writes),
                false => joinable.writes.add(effect.writes),
            }
        }
        Some(joinable)
    }
}

/// The first RUN whose leavings a later one removes, that one, and what it is.
fn pair(tree: &Tree, stage: &Stage, runs: &[Option<Joinable>]) -> Option<(usize, usize, String)> {
    (1..runs.len()).find_map(|last| {
        let removing = runs[last].as_ref().filter(|run| run.only_removes)?;
        let above = (1..last).rev().take_while(|first| is_row(tree, stage, runs, *first, last));
        // The farthest of them: whatever stands between is joined too, unless the removal may pass it.
        let left = above.filter_map(|first| {
            let run = runs[first].as_ref()?;
            let path = run.writes.overlap(&removing.removes)?;
            // What it has removed itself is not left to remove.
            run.removes.overlap(&removing.removes).is_none().then_some((first, last, path))
        });
        left.last()
    })
}

/// Whether all from `first` to `last` are RUNs to be joined, with the same flags.
fn is_row(tree: &Tree, stage: &Stage, runs: &[Option<Joinable>], first: usize, last: usize) -> bool {
    let flags = |index: usize| flags(tree, &stage.instructions[index]);
    (first..=last).all(|index| runs[index].is_some() && flags(index) == flags(last))
}

fn flags<'t>(tree: &'t Tree, instruction: &Instruction) -> Vec<&'t str> {
    let ItemKind::Instruction(written) = &tree.items[instruction.item].kind else { return Vec::new() };
    written.flags.iter().map(|flag| tree.source.slice(flag.span)).collect()
}

/// The RUNs as one; the comments above the later ones stand inside it.
fn text(tree: &Tree, runs: &[&Instruction]) -> String {
    let escape = tree.directives.escape;
    let mut text = tree.source.slice(runs[0].span).to_owned();
    for pair in runs.windows(2) {
        let ItemKind::Instruction(written) = &tree.items[pair[1].item].kind else { continue };
        text.push_str(&format!(" {escape}\n"));
        comments_above(tree, pair[1]).for_each(|comment| text.push_str(&format!("{comment}\n")));
        let body = tree.source.slice(Span::new(written.rest.span().start, pair[1].span.end));
        text.push_str(&format!("    && {body}"));
    }
    text
}

/// The comments directly above an instruction.
fn comments_above<'t>(tree: &'t Tree, instruction: &Instruction) -> impl Iterator<Item = &'t str> {
    let above = tree.items[..instruction.item].iter().rev();
    let comments = above.map_while(|item| match &item.kind {
        ItemKind::Comment(comment) => Some(tree.source.slice(comment.span)),
        _ => None,
    });
    comments.collect::<Vec<_>>().into_iter().rev()
}

fn proposal(resolved: &Resolved, joined: &[&Instruction], path: &str) -> Proposal {
    let line = |one: &Instruction| resolved.model.tree.source.line_of(one.span.start) + 1;
    let (first, last) = (joined[0], joined[joined.len() - 1]);
    Proposal {
        because: vec![
            format!(
                "line {} removes {path}, which line {} writes: its layer ships it all the same",
                line(last),
                line(first)
            ),
            "they run one after the other, by the same user, in the same shell and directory".to_owned(),
        ],
        ..Proposal::new(ids::JOIN_RUNS, Class::Same, "same files, fewer bytes", first.span.to(last.span))
    }
}
