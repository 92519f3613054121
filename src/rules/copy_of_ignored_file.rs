//! COPY or ADD of a path that the ignore file leaves out of the context: the build fails, or copies nothing. Judged only
//! for paths written out in full, in a context that is known.

use super::{Check, Cx, Out};
use crate::model::{CopySource, Instruction, Operation, Remote, path};

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
            // What is brought back below an excluded directory is copied.
            let below = format!("{wanted}/");
            let is_there = context.entries().iter().any(|one| one.path == wanted || one.path.starts_with(&below));
            if !wanted.is_empty() && !is_there && context.is_excluded(&wanted) {
                out.find(word.span(), format!("the ignore file leaves out `{written}`"))
                    .help("add an exception for it (`!` and its path) below the pattern that leaves it out");
            }
        }
    }
}
