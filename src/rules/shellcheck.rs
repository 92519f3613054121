//! What ShellCheck says of the shell text of RUN, each under its own number. Silent where there is none to ask, about
//! text for other shells, and about what makes no sense of a text that is part of a Dockerfile.

use super::shell_text::{Written, shell_texts};
use super::{Check, Cx, Out};
use crate::diagnostic::Severity;
use crate::model::shell::{Dialect, Remark, RemarkLevel, ShellText};
use crate::text::Edit;

pub(super) struct ShellCheck;

/// What is no mistake in a Dockerfile.
const LEFT_OUT: &[u32] = &[
    // The line ends are those of the file, and a builder reads them.
    1017, //
    // A continued line is one line: an `if` that begins the line after `else` is one of its own.
    1075, //
    // What a text reads in is in the image, not here.
    1090, 1091, //
    // The first line of a heredoc is not the first that ShellCheck sees.
    1128, //
    // Every shell that is `sh` in an image knows `local`.
    3043,
];

/// What the shell of BusyBox knows, and dash does not: $'…', [[ ]], ==, &>, options of echo, let, pipefail, source,
/// and parts and replacements of a variable's value.
const IN_BUSYBOX: &[u32] = &[3003, 3010, 3014, 3020, 3037, 3039, 3040, 3046, 3051, 3057, 3060];

impl Check for ShellCheck {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(checker) = &cx.around.shell_checker else { return };
        let (texts, stored): (Vec<ShellText>, Vec<bool>) =
            shell_texts(cx).into_iter().map(|Written { text, is_stored }| (text, is_stored)).unzip();
        if texts.is_empty() {
            return;
        }
        for remark in checker.check(&texts) {
            let Some(text) = texts.get(remark.text).filter(|text| makes_sense(&remark, text)) else { continue };
            match stored[remark.text] {
                true => tell(&remark, text, &mut out.without_fixes()),
                false => tell(&remark, text, out),
            }
        }
    }
}

fn makes_sense(remark: &Remark, text: &ShellText) -> bool {
    let is_known = text.dialect == Dialect::Busybox && IN_BUSYBOX.contains(&remark.code);
    !LEFT_OUT.contains(&remark.code) && !is_known
}

fn tell(remark: &Remark, text: &ShellText, out: &mut Out<'_>) {
    let code = format!("SC{}", remark.code);
    let message = remark.message.split_whitespace().collect::<Vec<_>>().join(" ");
    let edits = || -> Option<Vec<Edit>> {
        let edits: Option<Vec<Edit>> = remark.replacements.iter().map(|one| text.edit(one)).collect();
        edits.filter(|edits| !edits.is_empty() && are_apart(edits))
    };
    out.find(text.text.span_of(remark.range.start, remark.range.end), message.trim_end_matches('.'))
        .help(format!("https://www.shellcheck.net/wiki/{code}"))
        .fix("do as ShellCheck says", edits)
        .named(code, severity(remark.level));
}

/// Whether no two edits touch.
fn are_apart(edits: &[Edit]) -> bool {
    let mut spans: Vec<_> = edits.iter().map(|edit| edit.span).collect();
    spans.sort();
    spans.windows(2).all(|pair| pair[0].end < pair[1].start)
}

fn severity(level: RemarkLevel) -> Severity {
    match level {
        RemarkLevel::Style => Severity::Style,
        RemarkLevel::Info => Severity::Info,
        RemarkLevel::Warning => Severity::Warning,
        RemarkLevel::Error => Severity::Error,
    }
}
