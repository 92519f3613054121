//! Breaking text into lines of a width, at blanks only: names and paths stay whole.

use unicode_width::UnicodeWidthStr;

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

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn lines_break_at_blanks_only() {
        assert_eq!(wrap("one two-three four", 9), "one\ntwo-three\nfour");
        assert_eq!(wrap("  a b\nc", 3), "  a\n  b\nc");
        assert_eq!(wrap("한국어 글", 6), "한국어\n글");
    }
}
