//! `--report FILE.html`: the page about a build, with what `rplan optimize` would propose.

use std::path::Path;

use crate::cli::earlier::recall;
use crate::cli::exit::{Answer, Failure};
use crate::cli::optimize::costs;
use crate::cli::subject::Subject;
use crate::cli::write;
use crate::report::BuildPage;
use crate::rewrite::propose;

/// How many commits of the history gains are counted over, as `rplan optimize` does by itself.
const COMMITS: usize = 200;

/// Writes what `page` gathered of a build of `subject`, whatever came of that.
pub(super) fn put(page: &BuildPage, path: &Path, mut subject: Subject, target: Option<&str>) -> Answer<()> {
    subject.look_back(COMMITS);
    let last_build = recall(&mut subject, target, None)?;
    let costs = costs(&subject, last_build.as_ref(), None)?;
    let proposals = propose(&subject.resolved, &subject.around, &costs);
    let mut bytes = Vec::new();
    page.write(&proposals, &mut bytes).map_err(Failure::environment)?;
    write::put(path, &bytes)
}
