//! A RUN that does nothing but write a text to a file, for which a container is started. COPY writes it without one; the
//! fix is offered where no word of the text changes on its way.

use super::{Check, Cx, Out, RunCommand, removal};
use crate::text::Edit;

pub(super) struct FileWrittenByRun;

impl Check for FileWrittenByRun {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let [redirect] = &command.command.redirects[..] else { return };
        let writes = redirect.operator == ">" && matches!(command.command.name(), Some("echo" | "printf" | "cat"));
        let is_alone = cx.commands(command.instruction).count() == 1 && command.command.depth == 0;
        let is_device = redirect.target.raw.starts_with("/dev/") || redirect.target.raw.starts_with("/proc/");
        if !writes || is_device || !is_alone || !command.is_on_line() || reads_files(&command) {
            return;
        }
        out.find(command.command.span, "a container is started to write a text to a file")
            .help("COPY writes it without one: `COPY <<EOF FILE`")
            .fix("use COPY", || {
                // A heredoc would keep the carriage returns.
                let has_plain_ends = cx.line_end() == "\n";
                let path = redirect.target.literal.as_deref().filter(|path| has_plain_ends && is_plain_path(path))?;
                let text = text(&command)?;
                removal::command(&command, cx)?;
                Some(vec![Edit::replace(command.instruction.span, format!("COPY <<\"EOF\" {path}\n{text}\nEOF"))])
            });
    }
}

/// Whether it is a cat of files.
fn reads_files(command: &RunCommand<'_>) -> bool {
    command.command.name() == Some("cat") && !command.command.arguments().is_empty()
}

fn is_plain_path(path: &str) -> bool {
    path.starts_with('/') && !path.ends_with('/') && !path.contains([' ', '"', '\'', '$', '\\', '*', '?', '[', '#'])
}

/// What echo writes, where every shell writes the same.
fn text(command: &RunCommand<'_>) -> Option<String> {
    let words: Option<Vec<&str>> = command.command.arguments().iter().map(|word| word.literal.as_deref()).collect();
    let words = words.filter(|words| !words.is_empty() && command.command.name() == Some("echo"))?;
    // Unquoted patterns may stand for files, and tildes for homes.
    let is_pattern = |raw: &str| !raw.starts_with(['"', '\'']) && raw.contains(['*', '?', '[', '~']);
    let changes = command.command.arguments().iter().any(|word| is_pattern(&word.raw));
    let text = words.join(" ");
    let is_plain = !words[0].starts_with('-') && !text.contains(['\\', '\r']) && text.lines().all(|line| line != "EOF");
    (is_plain && !changes && !text.ends_with('\n')).then_some(text)
}
