//! The page of a rule or rewrite: for a terminal with its prose broken into lines, or in Markdown; examples as they are.

use std::fmt::Write;
use std::io;

use crate::report::style::{Style, Tone};
use crate::report::wrap::wrap;

/// The sections whose lines are code: they are never broken.
const CODE: [&str; 5] = ["Bad", "Good", "Fixed", "Before", "After"];

/// Writes a page: lines without an indent are titles, what is below them is prose or code.
pub fn write_page(page: &str, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut is_code = false;
    for line in page.lines() {
        let is_title = !line.is_empty() && !line.starts_with(' ');
        if is_title {
            is_code = CODE.contains(&line);
            writeln!(out, "{}", style.paint(Tone::Strong, wrap(line, style.width)))?;
        } else if is_code {
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "{}", wrap(line, style.width))?;
        }
    }
    Ok(())
}

/// The same in Markdown.
pub(super) fn page_in_markdown(page: &str) -> String {
    let mut lines = page.lines().peekable();
    let mut markdown = String::new();
    while let Some(line) = lines.next() {
        let is_title = !line.is_empty() && !line.starts_with(' ');
        if is_title && CODE.contains(&line) {
            let code = std::iter::from_fn(|| lines.next_if(|line| line.is_empty() || line.starts_with(' ')));
            let code: Vec<&str> = code.map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
            let _ = writeln!(markdown, "**{line}**\n\n~~~dockerfile\n{}\n~~~\n", code.join("\n").trim_end());
        } else if is_title && lines.peek().is_some_and(|next| next.starts_with(' ')) {
            let _ = writeln!(markdown, "**{line}**\n");
        } else {
            let _ = writeln!(markdown, "{}", line.trim_start());
        }
    }
    markdown
}
