//! Making text fit: broken into lines at blanks only, so that names and paths stay whole, or cut.

use unicode_width::UnicodeWidthStr;

use crate::report::style::Style;

/// `text` in lines of at most `width` columns, a word longer than that on a line of its own. Line ends in `text` stay,
/// and so do the blanks a line starts with.
pub(super) fn wrap(text: &str, width: usize) -> String {
    text.lines().map(|line| wrap_line(line, width)).collect::<Vec<_>>().join("\n")
}

fn wrap_line(line: &str, width: usize) -> String {
    let indent = &line[..line.len() - line.trim_start().len()];
    let mut result = indent.to_owned();
    let mut column = indent.width();
    for word in line.split_whitespace() {
        let at_start = column == indent.width();
        if !at_start && column + 1 + word.width() > width {
            result.push('\n');
            result.push_str(indent);
            column = indent.width();
        } else if !at_start {
            result.push(' ');
            column += 1;
        }
        result.push_str(word);
        column += word.width();
    }
    result
}

/// The text, or as much of it as fits, with a mark that something is missing.
pub(super) fn cut(text: &str, width: usize, style: Style) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mark = style.pick("…", "...");
    let mut kept = String::new();
    for character in text.chars() {
        kept.push(character);
        if kept.width() + mark.width() > width {
            kept.pop();
            break;
        }
    }
    kept + mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_only() {
        assert_eq!(wrap("one two-three four", 9), "one\ntwo-three\nfour");
        assert_eq!(wrap("  a b\nc", 3), "  a\n  b\nc");
        assert_eq!(wrap("한국어 글", 6), "한국어\n글");
    }

    #[test]
    fn what_is_cut_is_marked() {
        assert_eq!(cut("four", 4, Style::PLAIN), "four");
        assert_eq!(cut("fives", 4, Style::PLAIN), "f...");
        assert_eq!(cut("한국어", 5, Style { unicode: true, ..Style::PLAIN }), "한국…");
    }
}
