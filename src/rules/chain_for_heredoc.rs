//! A long chain of `&&` that a heredoc could hold, a command a line. The fix begins the text with `set -e`, which ends it
//! at the first command that fails as `&&` does; it is unsafe, since an old builder knows no heredocs.

use super::{Check, Cx, Out};
use crate::model::shell::{Connector, Script};
use crate::model::{Instruction, Operation, Run};
use crate::text::{Edit, Span};

pub(super) struct ChainForHeredoc;

impl Check for ChainForHeredoc {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Run(run) = &instruction.operation else { return };
        let least = usize::try_from(out.number("least")).unwrap_or_default();
        let Some(script) = run.command.body().and_then(|body| body.script()) else { return };
        let is_chain = script.commands.iter().all(|one| matches!(one.joined_by, Connector::First | Connector::And));
        let has_heredocs = cx.written(instruction).is_none_or(|written| !written.heredocs.is_empty());
        if has_heredocs || !script.is_flat || !is_chain || script.commands.len() < least {
            return;
        }
        out.find(instruction.keyword_span, format!("a chain of {} commands", script.commands.len()))
            .help("write them a line each: RUN <<EOF, and `set -e` first")
            .fix("write a heredoc", || heredoc(instruction, run, script, cx));
    }
}

fn heredoc(instruction: &Instruction, run: &Run, script: &Script, cx: &Cx<'_>) -> Option<Vec<Edit>> {
    let (first, last) = (script.commands.first()?.span, script.commands.last()?.span);
    let all = Span::new(first.start, last.end);
    let written = cx.written(instruction)?;
    let is_whole = written.rest.span() == all && cx.text(all).lines().all(|line| line.trim() != "EOF");
    let is_plain = written.interior.is_empty() && cx.tree().directives.escape == '\\' && run.command.body().is_some();
    let end = cx.line_end();
    let lines = script.commands.iter().map(|command| format!("{}{end}", cx.text(command.span)));
    let text = format!("<<EOF{end}set -e{end}{}EOF", lines.collect::<String>());
    // Nothing may follow the word that ends the text, not even a blank.
    let line = cx.source().line_span(cx.source().line_of(last.end));
    let is_last = cx.text(Span::new(last.end, line.end)).trim().is_empty();
    let place = Span::new(all.start, line.end);
    (is_whole && is_last && is_plain && cx.source().is_utf8(all)).then(|| vec![Edit::replace(place, text)])
}
