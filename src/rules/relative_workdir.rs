//! A relative WORKDIR before any absolute one: where it leads depends on the base image. The fix writes the path out where
//! it is certain in which directory the image begins.

use super::{Check, Cx, Out, userland};
use crate::effect::instruction::workdir_before;
use crate::effect::paths;
use crate::model::{Base, Operation, Stage};
use crate::text::Edit;

pub(super) struct RelativeWorkdir;

impl Check for RelativeWorkdir {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !matches!(cx.resolved.bases[stage.id.0], Base::Image(_) | Base::Unknown) {
            return;
        }
        let mut is_first = true;
        for (index, instruction) in stage.instructions.iter().enumerate() {
            let Operation::Workdir(workdir) = &instruction.operation else { continue };
            let word = &workdir.path;
            let Some(path) = cx.resolved.known(word).filter(|path| !is_absolute(path)) else { return };
            let known = || workdir_before(cx.resolved, cx.around, stage.id, index);
            // The images of plain distributions set no directory.
            let start = || known().or_else(|| userland::is_plain(stage.id, cx).then(|| "/".to_owned()));
            out.find(word.span(), format!("where `{path}` leads depends on the base image"))
                .help("write an absolute path")
                .fix("write an absolute path", || {
                    // Where the next one leads depends on this one.
                    let is_plain = is_first && cx.text(word.span()) == path && !path.contains(['$', '\\', '`']);
                    let absolute = paths::join(&start()?, path);
                    is_plain.then(|| vec![Edit::replace(word.span(), absolute)])
                });
            is_first = false;
        }
    }
}

/// Whether the path begins at the root, or on a drive of Windows.
fn is_absolute(path: &str) -> bool {
    let on_drive = matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    on_drive || path.starts_with(['/', '\\'])
}
