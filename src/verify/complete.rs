//! What proposals have to know before they are tried: what an image that holds less turns out to need, and which images
//! cannot be had. Each build shows what is missing from it; the file that is proposed next brings that.

use std::collections::BTreeSet;

use super::bench::{Attempt, Bench};
use super::error::{Error, Result};
use super::standard::Standard;
use super::trial::{Propose, build, declared};
use crate::exec::{self, Fresh};
use crate::model::{Resolved, RuntimeNeeds};

/// What one package or file brings may need another one; a chain is never as long as this.
const MOST_ROUNDS: usize = 8;

/// Builds what is proposed, as often as there is more to learn. A version that does not build teaches nothing here: the
/// trial says whose fault it is.
pub(super) fn complete(
    bench: &mut Bench<'_>,
    standard: &Standard,
    resolved: &Resolved,
    propose: Propose<'_>,
) -> Result<RuntimeNeeds> {
    let mut needs = RuntimeNeeds::default();
    for _ in 0..MOST_ROUNDS {
        let moves = propose(&needs, &|_| true).moves;
        let declared = declared(&moves);
        if !declared.may_remove("/") {
            break;
        }
        if let Some(image) = declared.image.as_ref().filter(|image| !needs.out_of_reach.contains(*image)) {
            match bench.footing(&declared) {
                Ok(_) => {}
                Err(Error::Build(exec::Error::Cancelled)) => return Err(exec::Error::Cancelled.into()),
                Err(Error::Build(_)) => {
                    needs.out_of_reach.insert(image.clone());
                    continue;
                }
                Err(error) => return Err(error),
            }
        }
        let Attempt::Built(built) = build(bench, resolved, &moves, Fresh::Nothing)? else { break };
        let (survey, footing) = (bench.survey(&built, None)?, bench.footing(&declared)?);
        let lacks = bench.lacks(&built, &survey, &standard.survey, footing.as_deref())?;
        let places: BTreeSet<_> = lacks.into_iter().filter_map(|lack| lack.had).collect();
        let more = bench.supply(&standard.built, &standard.survey, &survey, &places)?;
        let known = (needs.packages.len(), needs.paths.len());
        needs.packages.extend(more.packages);
        needs.paths.extend(more.paths);
        if known == (needs.packages.len(), needs.paths.len()) {
            break;
        }
    }
    Ok(needs)
}
