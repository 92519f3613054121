//! An instruction on one line, for people and for telling which line of an earlier file it is.

use crate::syntax;

/// The keyword in capitals, then all that follows with each run of blanks as one; of a heredoc its first line.
pub(super) fn shown(written: &syntax::Instruction) -> String {
    let mut text = written.keyword.as_str().to_owned();
    for flag in &written.flags {
        text.push_str(" --");
        text.push_str(&flag.name.value);
        if let Some(value) = &flag.value {
            text.push('=');
            text.push_str(value.as_str());
        }
    }
    for word in written.rest.as_str().split_whitespace() {
        text.push(' ');
        text.push_str(word);
    }
    for heredoc in &written.heredocs {
        let mut lines = heredoc.content.lines().map(str::trim).filter(|line| !line.is_empty());
        if let Some(first) = lines.next() {
            let more = if lines.next().is_some() { "..." } else { "" };
            text.push_str(&format!(" ({first}{more})"));
        }
    }
    text
}
