//! Arrays that were nearly written: what was meant where quotes and commas are all that is wrong.

/// The JSON array that a text in brackets was meant to be: strings in whichever quotes, with commas or without.
pub fn mended_array(text: &str) -> Option<String> {
    let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let mut strings = Vec::new();
    let mut rest = inner.trim_start_matches(is_joint);
    while let Some(quote) = rest.chars().next() {
        let (string, after) = quoted(rest, quote)?;
        // What touches a string may be more of it.
        if !after.is_empty() && !after.starts_with(is_joint) {
            return None;
        }
        strings.push(string);
        rest = after.trim_start_matches(is_joint);
    }
    array(&strings)
}

/// The JSON array of the words of a text, when each stands for itself.
pub(super) fn array_of_words(text: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "/\\.:_-+=".contains(c);
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    array(&words).filter(|_| text.chars().all(is_plain))
}

fn is_joint(c: char) -> bool {
    c == ',' || c.is_whitespace()
}

/// The string that a text begins with, and what follows it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let body = &text[quote.len_utf8()..];
    match quote {
        '\'' => body.split_once('\'').map(|(string, after)| (string.to_owned(), after)),
        '“' | '”' => body.split_once('”').map(|(string, after)| (string.to_owned(), after)),
        '"' => {
            let mut is_escaped = false;
            let end = body.find(|c| {
                let ends = c == '"' && !is_escaped;
                is_escaped = c == '\\' && !is_escaped;
                ends
            })?;
            let string = serde_json::from_str(&text[..end + 2]).ok()?;
            Some((string, &body[end + 1..]))
        }
        _ => None,
    }
}

fn array(strings: &[String]) -> Option<String> {
    let strings: Vec<String> =
        strings.iter().map(|string| serde_json::Value::from(string.as_str()).to_string()).collect();
    (!strings.is_empty()).then(|| format!("[{}]", strings.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{array_of_words, mended_array};

    #[test]
    fn quotes_and_commas_are_mended() {
        for (text, array) in [
            ("['a', 'b c']", r#"["a", "b c"]"#),
            (r#"["a" "b",]"#, r#"["a", "b"]"#),
            (r#"[ "say \"a\"", 'b\d' ]"#, r#"["say \"a\"", "b\\d"]"#),
            ("[“a”, “b”]", r#"["a", "b"]"#),
        ] {
            assert_eq!(mended_array(text).as_deref(), Some(array), "{text}");
        }
    }

    #[test]
    fn what_may_be_something_else_is_left_alone() {
        for text in ["[ -f a ]", "[\"$x\" = y]", "[]", "[,]", "['a'b]", "['a]", "[\"a]", "a", "['a', b]"] {
            assert_eq!(mended_array(text), None, "{text}");
        }
        assert_eq!(array_of_words("/bin/bash -c").as_deref(), Some(r#"["/bin/bash", "-c"]"#));
        assert_eq!(array_of_words("/bin/bash '-c'"), None);
    }
}
