//! A short form of what somebody wrote, fit for a message.

/// The longest excerpt, in characters.
const LONGEST: usize = 60;

/// `text` as a message may show it: on one line, not too long, control characters replaced.
pub fn excerpt(text: &str) -> String {
    let plain = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    let mut chars = text.chars().map(plain);
    let mut shown: String = chars.by_ref().take(LONGEST).collect();
    if chars.next().is_some() {
        shown.pop();
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn long_and_strange_texts_become_fit_to_show() {
        assert_eq!(excerpt("COPY"), "COPY");
        assert_eq!(excerpt("a\nb\u{1A}"), "a\u{FFFD}b\u{FFFD}");
        assert_eq!(excerpt(&"x".repeat(60)).chars().count(), 60);
        assert!(excerpt(&"é".repeat(61)).ends_with("é…"));
    }
}
