//! Quoting as Go's `strconv.Quote` does it, which shows in notations and in the history of images.

use std::fmt::Write;

/// `text` in double quotes, with everything escaped that Go would not print.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    text.chars().for_each(|c| escape(&mut quoted, c));
    quoted.push('"');
    quoted
}

fn escape(text: &mut String, c: char) {
    let short = match c {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\u{b}' => "\\v",
        _ => "",
    };
    let written = match u32::from(c) {
        _ if !short.is_empty() => text.write_str(short),
        0x20..0x7F => text.write_char(c),
        code if code < 0x20 || code == 0x7F => write!(text, "\\x{code:02x}"),
        _ if is_printable(c) => text.write_char(c),
        code if code < 0x10000 => write!(text, "\\u{code:04x}"),
        code => write!(text, "\\U{code:08x}"),
    };
    written.expect("writing to a String succeeds");
}

/// Whether Go would print a character beyond ASCII as it is: letters, marks, numbers, punctuation, symbols. Rust's debug
/// form draws the same line, but escapes a mark that begins a text.
fn is_printable(c: char) -> bool {
    let mut buffer = [b'a', 0, 0, 0, 0];
    let length = 1 + c.encode_utf8(&mut buffer[1..]).len();
    let text = std::str::from_utf8(&buffer[..length]).expect("two characters were encoded");
    text.escape_debug().count() == 2
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn what_go_prints_stays() {
        assert_eq!(quote("a'b é 日本 😀 e\u{301}\u{FFFD}"), "\"a'b é 日本 😀 e\u{301}\u{FFFD}\"");
        assert_eq!(quote("\u{301}"), "\"\u{301}\"");
    }

    #[test]
    fn everything_else_is_escaped() {
        assert_eq!(quote("\"\\\n\0\u{1b}\u{7f}"), r#""\"\\\n\x00\x1b\x7f""#);
        assert_eq!(quote("\u{a0}\u{ad}\u{feff}\u{e0001}"), r#""\u00a0\u00ad\ufeff\U000e0001""#);
    }
}
