//! Writing HTML: what came from outside is text and nothing else.

use std::time::Duration;

use crate::report::count::time;

/// Text as text, in an element or in a quoted attribute.
pub(super) fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A time in words.
pub(super) fn time_of(milliseconds: u64) -> String {
    time(Duration::from_millis(milliseconds))
}

/// A part of a whole as CSS counts it.
pub(super) fn percent(part: u64, whole: u64) -> String {
    format!("{:.3}%", part as f64 * 100.0 / whole.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_can_end_what_it_stands_in() {
        assert_eq!(text("<b a=\"1\" c='2'>&"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;");
        assert_eq!(percent(1, 3), "33.333%");
        assert_eq!(percent(1, 0), "100.000%");
    }
}
