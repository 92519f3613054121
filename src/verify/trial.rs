//! Putting proposals to the test: all at once, and where that fails one after the other until those to blame are found.

use std::sync::Arc;

use super::bench::{Attempt, Bench, Built, Job};
use super::complete::complete;
use super::error::Result;
use super::standard::{Judgement, Standard};
use crate::event::Ending;
use crate::exec::{Fresh, Outcome};
use crate::model::{Resolved, RuntimeNeeds};
use crate::rewrite::{Declared, Difference, Fault, Proposal, Proposals, ignore_file_after, resolved_after};
use crate::text::SourceFile;
use crate::workspace::Context;

/// What can be proposed where images are known to need this, of that alone which is accepted: each on the text that those
/// before it leave.
pub type Propose<'a> = &'a dyn Fn(&RuntimeNeeds, &dyn Fn(&Proposal) -> bool) -> Proposals;

/// The series of builds of rewritten files.
pub(super) const SERIES: &str = "rewritten";

/// What came of a trial.
pub struct Trial {
    /// The proposals that passed, ready to be written.
    pub passed: Proposals,
    /// What building the file with all of them left; none where none passed.
    pub built: Option<Box<Built>>,
    /// How many differences are as declared.
    pub declared: usize,
    /// Those that did not pass.
    pub failed: Vec<Fault>,
    /// What images that hold less were seen to need.
    pub needs: RuntimeNeeds,
}

/// What came of one version.
enum Version {
    Passed(Box<Built>, usize),
    Failed(Judgement),
}

/// Tries everything that is proposed for the file that is read as `resolved`.
pub fn try_all(
    bench: &mut Bench<'_>,
    standard: &mut Standard,
    resolved: &Resolved,
    propose: Propose<'_>,
) -> Result<Trial> {
    let needs = complete(bench, standard, resolved, propose)?;
    let mut failed: Vec<Fault> = Vec::new();
    // Those before it have passed, all of them together.
    let mut sound = 0;
    loop {
        let is_open = |proposal: &Proposal| !failed.iter().any(|fault| fault.proposal.does_the_same_as(proposal));
        let passed = propose(&needs, &is_open);
        let moves = &passed.moves;
        if moves.is_empty() {
            return Ok(Trial { passed, built: None, declared: 0, failed, needs });
        }
        let wrong = match attempt(bench, standard, resolved, moves, Fresh::Everything)? {
            Version::Passed(built, declared) => {
                return Ok(Trial { passed, built: Some(built), declared, failed, needs });
            }
            Version::Failed(wrong) => wrong,
        };
        failed.push(first_to_blame(bench, standard, resolved, moves, &mut sound, wrong)?);
    }
}

/// The first proposal with which the file does not pass, those before it being `sound`; `whole` is what is wrong with all
/// of them together.
fn first_to_blame(
    bench: &mut Bench<'_>,
    standard: &mut Standard,
    resolved: &Resolved,
    moves: &[Proposal],
    sound: &mut usize,
    whole: Judgement,
) -> Result<Fault> {
    while *sound + 1 < moves.len() {
        if let Version::Failed(wrong) = attempt(bench, standard, resolved, &moves[..=*sound], Fresh::Nothing)? {
            return Ok(fault(&moves[*sound], wrong));
        }
        *sound += 1;
    }
    Ok(fault(&moves[*sound], whole))
}

fn attempt(
    bench: &mut Bench<'_>,
    standard: &mut Standard,
    resolved: &Resolved,
    moves: &[Proposal],
    fresh: Fresh,
) -> Result<Version> {
    let built = match build(bench, resolved, moves, fresh)? {
        Attempt::Built(built) => built,
        Attempt::Failed(outcome) => return Ok(Version::Failed(broken(&outcome))),
    };
    let judgement = standard.judge(bench, &built, &declared(moves))?;
    Ok(match judgement.count {
        0 => Version::Passed(built, judgement.declared),
        _ => Version::Failed(judgement),
    })
}

pub(super) fn build(bench: &mut Bench<'_>, resolved: &Resolved, moves: &[Proposal], fresh: Fresh) -> Result<Attempt> {
    let next = resolved_after(resolved, &bench.original.surroundings, moves);
    let title = format!("the file rewritten by {}", names(moves));
    let context = context_under(bench.original.context.as_ref(), moves)?;
    bench.build(&Job { title: &title, model: &next.model, context, fresh, series: Some(SERIES), store: None })
}

/// What proposals together may change.
pub(super) fn declared(moves: &[Proposal]) -> Declared {
    moves.iter().fold(Declared::default(), |all, proposal| all.and(&proposal.declared))
}

/// The build context under the ignore rules that these proposals leave.
pub(super) fn context_under(context: Option<&Arc<Context>>, moves: &[Proposal]) -> Result<Option<Arc<Context>>> {
    let Some(context) = context else { return Ok(None) };
    Ok(Some(match rules_after(context, moves) {
        Some(rules) => Arc::new(context.taken_alike(context.root(), Some(rules))?),
        None => Arc::clone(context),
    }))
}

/// The ignore rules of a build context after these proposals, where they are others.
pub(super) fn rules_after(context: &Context, moves: &[Proposal]) -> Option<SourceFile> {
    let before = context.ignore_file();
    let after = ignore_file_after(before.map(|file| file.text()).unwrap_or_default(), moves)?;
    Some(SourceFile::new(before.map_or(".dockerignore", |file| file.name()), after))
}

fn names(moves: &[Proposal]) -> String {
    moves.iter().map(|proposal| proposal.id.as_str()).collect::<Vec<_>>().join(", ")
}

/// A file that does not build any more differs in that.
fn broken(outcome: &Outcome) -> Judgement {
    let failed = outcome.steps.iter().filter_map(|result| match &result.ending {
        Ending::Failed { why, .. } => {
            let step = outcome.planned.step(result.step);
            Some(Difference { place: format!("{} {}", step.name, step.text), what: format!("failed: {why}") })
        }
        _ => None,
    });
    let differences: Vec<Difference> = failed.collect();
    Judgement { count: differences.len().max(1), differences, declared: 0 }
}

fn fault(proposal: &Proposal, wrong: Judgement) -> Fault {
    Fault { proposal: proposal.clone(), differences: wrong.differences, count: wrong.count }
}
