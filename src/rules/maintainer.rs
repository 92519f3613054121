//! MAINTAINER, which a label replaces. The fix is left out where the stage has that label already.

use super::{Check, Cx, Out};
use crate::model::{Operation, Stage};
use crate::text::Edit;

pub(super) struct Maintainer;

const AUTHORS: &str = "org.opencontainers.image.authors";

impl Check for Maintainer {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let labelled = stage.instructions.iter().any(|instruction| match &instruction.operation {
            Operation::Label(label) => {
                label.pairs.iter().any(|pair| cx.resolved.known(&pair.key).is_none_or(|key| key == AUTHORS))
            }
            _ => false,
        });
        let count = stage.instructions.iter().filter(|one| matches!(one.operation, Operation::Maintainer(_))).count();
        for instruction in &stage.instructions {
            let Operation::Maintainer(name) = &instruction.operation else { continue };
            out.find(instruction.keyword_span, "MAINTAINER is deprecated")
                .help(format!("write LABEL {AUTHORS}=\"…\""))
                .fix("write a label", || {
                    let label = format!("{AUTHORS}=\"{}\"", plain(name.as_str())?);
                    let keyword = super::cased_like("LABEL", cx.text(instruction.keyword_span));
                    let is_free = !labelled && count == 1;
                    is_free.then(|| vec![Edit::replace(instruction.span, format!("{keyword} {label}"))])
                });
        }
    }
}

/// The name without quotes around it, when nothing in it would be read in another way in a label.
fn plain(name: &str) -> Option<&str> {
    let inner = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name);
    (!inner.contains(['"', '$', '\\', '`', '\n'])).then_some(inner)
}
