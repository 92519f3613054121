//! A relative WORKDIR before any absolute one: where it leads depends on the base image.

use super::{Check, Cx, Out};
use crate::model::{Base, Operation, Stage};

pub(super) struct RelativeWorkdir;

impl Check for RelativeWorkdir {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !matches!(cx.resolved.bases[stage.id.0], Base::Image(_) | Base::Unknown) {
            return;
        }
        for instruction in &stage.instructions {
            let Operation::Workdir(workdir) = &instruction.operation else { continue };
            match cx.resolved.known(&workdir.path) {
                Some(path) if !is_absolute(path) => {
                    out.find(workdir.path.span(), format!("where `{path}` leads depends on the base image"))
                        .help("write an absolute path");
                }
                _ => return,
            }
        }
    }
}

/// Whether the path begins at the root, or on a drive of Windows.
fn is_absolute(path: &str) -> bool {
    let on_drive = matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    on_drive || path.starts_with(['/', '\\'])
}
