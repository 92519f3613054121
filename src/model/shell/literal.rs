//! Words of shell text: what they are without quotes, and the commands substituted in them.

/// The word without quotes and escapes, unless the shell puts something else in its place.
pub(super) fn literal(raw: &str) -> Option<String> {
    if raw.starts_with('~') {
        return None;
    }
    let mut text = String::new();
    let mut quote = None;
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (Some('\''), _) => text.push(c),
            (_, '$') if chars.peek().is_some_and(|next| !next.is_whitespace() && *next != '"') => return None,
            (_, '`') => return None,
            (None, '{') if raw.contains(',') || raw.contains("..") => return None,
            (Some('"'), '\\') => match chars.peek() {
                Some('"' | '\\' | '$' | '`') => text.extend(chars.next()),
                Some('\n') => {
                    chars.next();
                }
                _ => text.push('\\'),
            },
            (None, '\\') => text.extend(chars.next().filter(|next| *next != '\n')),
            _ => text.push(c),
        }
    }
    Some(text)
}

/// The byte ranges of the commands in `$(…)` and in plain backticks, without what encloses them.
pub(super) fn substitutions(raw: &str) -> Vec<(usize, usize)> {
    let bytes = raw.as_bytes();
    let mut found = Vec::new();
    let mut in_single = false;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if !in_single => at += 1,
            b'\'' => in_single = !in_single,
            b'$' if !in_single && raw[at..].starts_with("$(") && !raw[at..].starts_with("$((") => {
                let Some(end) = closing(bytes, at + 2) else { return found };
                found.push((at + 2, end));
                at = end;
            }
            b'`' if !in_single => {
                let Some(length) = raw[at + 1..].find('`') else { return found };
                let inside = (at + 1, at + 1 + length);
                if !raw[inside.0..inside.1].contains('\\') {
                    found.push(inside);
                }
                at = inside.1;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Where the parenthesis that was opened before `at` closes.
fn closing(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 1;
    let mut quote = None;
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (None | Some(b'"'), b'\\') => at += 1,
            (None, open @ (b'\'' | b'"')) => quote = Some(open),
            (Some(open), byte) if open == byte => quote = None,
            (None, b'(') => depth += 1,
            (None, b')') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_go_and_what_is_expanded_is_not_literal() {
        assert_eq!(literal(r#"a'b c'"d\"e"\ f"#).as_deref(), Some(r#"ab cd"e f"#));
        assert_eq!(literal("'$x'").as_deref(), Some("$x"));
        for expanded in ["$x", "a${b}", "`c`", "~/x", "{a,b}", "\"$x\""] {
            assert_eq!(literal(expanded), None, "{expanded}");
        }
        assert_eq!(literal("/lists/*").as_deref(), Some("/lists/*"));
    }

    #[test]
    fn substitutions_are_found_with_their_places() {
        let raw = r#"a$(b "$(c)")'$(d)'`e`$((1+2))"#;
        let inside: Vec<&str> = substitutions(raw).into_iter().map(|(start, end)| &raw[start..end]).collect();
        assert_eq!(inside, [r#"b "$(c)""#, "e"]);
    }
}
