//! The answer of an rplan that cannot build.

use std::convert::Infallible;

use super::Propose;
use crate::cli::absent;
use crate::cli::args::OptimizeArgs;
use crate::cli::console::Console;
use crate::cli::exit::Answer;
use crate::cli::subject::Subject;
use crate::rewrite::{Costs, Proposals, Verdict};

/// Nothing is begun.
pub(in crate::cli) fn begin(_: &mut Console) -> Answer<Infallible> {
    absent::refuse("optimize --verify").map(|_| unreachable!("it is refused"))
}

/// Never reached: what is not begun is not done.
pub(in crate::cli) fn verify(
    begun: Infallible,
    _: &OptimizeArgs,
    _: &mut Subject,
    _: Propose<'_>,
    _: &mut Console,
) -> Answer<(Proposals, Verdict, Costs)> {
    match begun {}
}
