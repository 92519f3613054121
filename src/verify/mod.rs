//! Building a file and what is proposed for it, and comparing what both leave: no rewrite above the syntax is believed.
//!
//! Owns what counts as a difference, which differences no rewrite is to blame for, and the replay of past commits. Does
//! not know how proposals are found, nor how any of it is told. Exists where `exec` does.
//!
//! - [`mod@bench`]: builds of versions of one file; [`survey`]: the tree that a build left, path by path
//! - [`compare`] and [`config`]: where two trees and two configs differ, pure; [`noise`]: what differs by itself
//! - [`standard`]: the original, built twice, and what is undeclared beside it; [`footing`]: what comes along with another
//!   base image; [`closure`]: whether what is left of an image can still run, and what would bring what it lacks
//! - `complete`: what proposals have to know of an image before they are tried; [`trial`]: all of them at once, and who is
//!   to blame where that fails; [`edit`]: what an edit costs
//! - [`mod@replay`]: commit by commit, with `forecast` beside it
//!
//! Invariant: what is said to have passed was built as a whole, in just the form that is handed back to be written.

pub mod bench;
pub mod closure;
pub mod compare;
mod complete;
pub mod config;
pub mod edit;
mod error;
#[cfg(test)]
mod fixtures;
pub mod footing;
mod forecast;
pub mod noise;
pub mod replay;
pub mod standard;
pub mod survey;
pub mod trial;

pub use bench::{Bench, News};
pub use error::{Error, Result};
pub use standard::Standard;
pub use trial::Propose;

use crate::model::{Resolved, RuntimeNeeds};
use crate::rewrite::{Cold, Proposals, Sides, Verdict, resolved_after};
use edit::{Sound, try_edit};
use replay::replay;
use standard::Allowed;
use trial::{Trial, declared, rules_after, try_all};

/// What is to be shown besides that the trees are the same.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish {
    /// How many past commits are replayed.
    pub replay: Option<usize>,
}

/// What came of verifying.
pub struct Verified {
    /// What passed: that alone may be written.
    pub passed: Proposals,
    /// What was found.
    pub verdict: Verdict,
    /// What images that hold less were seen to need; what passed knows it.
    pub needs: RuntimeNeeds,
}

/// Tries what is proposed for the file that is read as `resolved`.
pub fn verify(
    bench: &mut Bench<'_>,
    mut standard: Standard,
    resolved: &Resolved,
    propose: Propose<'_>,
    wish: Wish,
) -> Result<Verified> {
    let Trial { mut passed, built, declared: count, failed, needs } = try_all(bench, &mut standard, resolved, propose)?;
    let declared = declared(&passed.moves);
    let next = resolved_after(resolved, &bench.original.surroundings, &passed.moves);
    let rules = bench.original.context.as_ref().and_then(|context| rules_after(context, &passed.moves));
    let footing = bench.footing(&declared)?;
    let allowed = Allowed { declared: &declared, footing: footing.as_deref() };
    let sound = built.as_deref().map(|built| Sound { resolved: &next, built, allowed, rules });
    let cold = |built: &bench::Built| Cold { seconds: built.took.as_secs_f64(), size: built.size() };
    let mut verdict = Verdict {
        originals: standard.builds,
        paths: standard.survey.len(),
        noise: standard.noise.paths(),
        cold: Sides { original: cold(&standard.built), rewritten: built.as_deref().map(cold) },
        declared: count,
        failed,
        edit: None,
        replay: None,
    };
    if let Some(sound) = &sound {
        if let Some(outlook) = passed.outlook.clone().filter(|_| wish.replay.is_none()) {
            verdict.edit = try_edit(bench, &standard, sound, &outlook)?;
        }
        if let Some(count) = wish.replay {
            verdict.replay = Some(replay(bench, sound, &mut standard.noise, count)?);
        }
    }
    if !verdict.holds() {
        passed.moves.clear();
    }
    Ok(Verified { passed, verdict, needs })
}
