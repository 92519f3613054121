//! COPY or ADD of a path that the ignore file leaves out of the context: the build fails, or copies nothing. Judged only
//! for paths written out in full, in a context that is known.

use super::{Check, Cx, Out};
use crate::model::{ContextEntry, CopySource, Instruction, Operation, Remote, path};

pub(super) struct CopyOfIgnoredFile;

impl Check for CopyOfIgnoredFile {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let transfer = match &instruction.operation {
            Operation::Copy(copy) if copy.from.is_none() => &copy.transfer,
            Operation::Add(add) => &add.transfer,
            _ => return,
        };
        let Some(context) = cx.around.context.as_deref() else { return };
        for source in &transfer.sources {
            let CopySource::Path(word) = source else { continue };
            let Some(written) = cx.resolved.known(word) else { continue };
            if Remote::of(written).is_some() || written.contains(['*', '?', '[']) {
                continue;
            }
            let wanted = path::inside(written);
            // To list what there is takes longest, and is seldom needed.
            if !wanted.is_empty() && context.is_excluded(&wanted) && !holds(context.entries(), &wanted) {
                out.find(word.span(), format!("the ignore file leaves out `{written}`"))
                    .help("add an exception for it (`!` and its path) below the pattern that leaves it out");
            }
        }
    }
}

/// Whether the path is among these, or one below it: what is brought back below an excluded directory is copied.
fn holds(entries: &[ContextEntry], wanted: &str) -> bool {
    let below = format!("{wanted}/");
    let first = |path: &str| entries.partition_point(|one| one.path.as_str() < path);
    let is = |index: usize, fits: &dyn Fn(&str) -> bool| entries.get(index).is_some_and(|one| fits(&one.path));
    is(first(wanted), &|path| path == wanted) || is(first(&below), &|path| path.starts_with(&below))
}
