//! cd as the last thing that a RUN does: its shell ends with it. The fix writes the WORKDIR that was meant where the RUN
//! does nothing else.

use super::{Check, Cx, Out, RunCommand, directory_change};
use crate::text::Edit;

pub(super) struct CdWithoutEffect;

impl Check for CdWithoutEffect {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !directory_change::is_lost(&command, cx) {
            return;
        }
        out.find(command.command.span, "the next instruction does not begin in this directory")
            .label("changed as the last thing of this RUN")
            .help("use WORKDIR")
            .fix("write WORKDIR", || {
                let written = cx.written(command.instruction)?;
                let [directory] = command.command.arguments() else { return None };
                let is_alone = written.rest.span() == command.command.span && written.flags.is_empty();
                let is_plain = directory_change::is_plain(directory.literal.as_deref()?);
                let keyword = super::cased_like("WORKDIR", cx.text(command.instruction.keyword_span));
                let place = command.instruction.keyword_span.to(command.command.span);
                (is_alone && is_plain).then(|| vec![Edit::replace(place, format!("{keyword} {}", directory.raw))])
            });
    }
}
