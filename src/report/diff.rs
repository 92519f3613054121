//! Two versions of a file as a patch that `patch` and `git apply` take.
//!
//! A secret that stands in the file stands in the patch too, also in the lines around a change: with a word hidden it would
//! apply to nothing. It goes to who asked for it and can read the file; what is kept or sent on (findings, logs, the
//! places in a baseline) never shows one.

use std::io;
use std::ops::Range;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

use crate::report::style::{Style, Tone};

/// Unchanged lines around a change.
const CONTEXT: usize = 3;

/// Writes the patch from `before` to `after` for the file called `name`; nothing when they are equal.
pub fn write_patch(name: &str, before: &[u8], after: &[u8], style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    write_patch_with(name, before, after, &|_| String::new(), style, out)
}

/// The same with a title for each hunk, by its lines of `before` (from 0).
pub(super) fn write_patch_with(
    name: &str,
    before: &[u8],
    after: &[u8],
    title: &dyn Fn(Range<usize>) -> String,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let (old, new) = (lines(before), lines(after));
    let hunks = hunks(&old, &new, CONTEXT);
    if hunks.is_empty() {
        return Ok(());
    }
    let name = name.trim_start_matches("./").trim_start_matches('/');
    writeln!(out, "{}", style.paint(Tone::Strong, format_args!("--- a/{name}")))?;
    writeln!(out, "{}", style.paint(Tone::Strong, format_args!("+++ b/{name}")))?;
    hunks.iter().try_for_each(|hunk| write_hunk(hunk, &old, &new, title, style, out))
}

/// What differs between two lists of lines, in groups with `context` unchanged lines around each.
pub(super) fn hunks(old: &[&[u8]], new: &[&[u8]], context: usize) -> Vec<Vec<DiffOp>> {
    let mut hunks = group_diff_ops(capture_diff_slices(Algorithm::Myers, old, new), context);
    hunks.retain(|hunk| hunk.iter().any(|op| op.tag() != DiffTag::Equal));
    hunks
}

fn write_hunk(
    hunk: &[DiffOp],
    old: &[&[u8]],
    new: &[&[u8]],
    title: &dyn Fn(Range<usize>) -> String,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return Ok(()) };
    let lines = first.old_range().start..last.old_range().end;
    let removed = range(lines.start, lines.end);
    let added = range(first.new_range().start, last.new_range().end);
    write!(out, "{}", style.paint(Tone::Info, format_args!("@@ -{removed} +{added} @@")))?;
    // What is inserted behind the last line belongs to the hunk that ends there.
    match title(lines.start..lines.end + usize::from(lines.end == old.len())) {
        title if title.is_empty() => writeln!(out)?,
        title => writeln!(out, " {}", style.paint(Tone::Strong, title))?,
    }
    for op in hunk {
        if op.tag() == DiffTag::Equal {
            old[op.old_range()].iter().try_for_each(|line| write_line(' ', line, None, style, out))?;
            continue;
        }
        old[op.old_range()].iter().try_for_each(|line| write_line('-', line, Some(Tone::Error), style, out))?;
        new[op.new_range()].iter().try_for_each(|line| write_line('+', line, Some(Tone::Good), style, out))?;
    }
    Ok(())
}

/// `start,count` as patches count: lines from 1, and the line before for an empty range.
fn range(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        count => format!("{},{count}", start + 1),
    }
}

fn write_line(sign: char, line: &[u8], tone: Option<Tone>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    match tone {
        // Painted text is for eyes: bytes that are no text are replaced there, and kept in a patch.
        Some(tone) if style.colour => {
            write!(out, "{}", style.paint(tone, format_args!("{sign}{}", String::from_utf8_lossy(text))))?;
        }
        _ => {
            write!(out, "{sign}")?;
            out.write_all(text)?;
        }
    }
    writeln!(out)?;
    if text.len() == line.len() {
        writeln!(out, "\\ No newline at end of file")?;
    }
    Ok(())
}

/// The lines with their line ends.
pub(super) fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(before: &[u8], after: &[u8]) -> String {
        let mut out = Vec::new();
        write_patch("./a/Dockerfile", before, after, Style::PLAIN, &mut out).expect("memory");
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn equal_files_have_no_patch() {
        assert_eq!(patch(b"a\nb\n", b"a\nb\n"), "");
        assert_eq!(patch(b"", b""), "");
    }

    #[test]
    fn a_change_has_three_lines_around_it() {
        let before = b"1\n2\n3\n4\n5\n6\n7\n8\n";
        let after = b"1\n2\n3\n4\nfive\n6\n7\n8\n";
        let expected = "--- a/a/Dockerfile\n+++ b/a/Dockerfile\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n";
        assert_eq!(patch(before, after), expected);
    }

    #[test]
    fn a_missing_last_newline_is_marked() {
        let expected = "--- a/a/Dockerfile\n+++ b/a/Dockerfile\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n";
        assert_eq!(patch(b"a", b"a\n"), expected);
    }

    #[test]
    fn files_may_begin_or_end_empty() {
        assert!(patch(b"", b"a\n").contains("@@ -0,0 +1 @@\n+a\n"));
        assert!(patch(b"a\n", b"").contains("@@ -1 +0,0 @@\n-a\n"));
    }
}
