//! A COPY of the whole context that no ignore file trims. Silent where the context is unknown, or holds nothing but what
//! the Dockerfile names.

use super::{Check, Cx, Out};
use crate::model::{CopySource, Operation, path};

pub(super) struct MissingIgnoreFile;

impl Check for MissingIgnoreFile {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(context) = cx.around.context.as_deref() else { return };
        if context.has_ignore_file() {
            return;
        }
        let whole = cx.resolved.model.instructions().find_map(|instruction| {
            let Operation::Copy(copy) = &instruction.operation else { return None };
            let is_whole =
                |word: &&crate::model::Word| cx.resolved.known(word).is_some_and(|text| path::inside(text).is_empty());
            let words = copy.transfer.sources.iter().filter_map(|source| match source {
                CopySource::Path(word) => Some(word),
                CopySource::Heredoc { .. } => None,
            });
            copy.from.is_none().then(|| words.into_iter().find(is_whole)).flatten()
        });
        if let Some(word) = whole {
            out.find(word.span(), "everything in the context is copied: there is no ignore file")
                .help("write a .dockerignore that leaves out .git, what builds make, and secrets");
        }
    }
}
