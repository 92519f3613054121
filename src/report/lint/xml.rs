//! Text in XML.

use std::fmt::Write;

/// The text as the value of an attribute in double quotes, or as the content of an element. What XML 1.0 cannot hold
/// at all becomes a replacement character.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // A reader would make a blank of these in an attribute.
            '\n' | '\r' | '\t' => {
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            '\u{FFFE}' | '\u{FFFF}' => escaped.push(char::REPLACEMENT_CHARACTER),
            c if c.is_ascii_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_ends_the_attribute_or_the_document() {
        assert_eq!(escaped("<a b=\"c\"> &\n\u{1b}é"), "&lt;a b=&quot;c&quot;&gt; &amp;&#10;\u{FFFD}é");
    }
}
