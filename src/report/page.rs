//! The page of a rule or rewrite: prose broken into lines, examples as they are.

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
