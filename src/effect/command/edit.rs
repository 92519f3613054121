//! Scripts of `sed`: a few of their commands read and write files of their own, or run programs.

/// Whether the script does nothing but replace text in lines, and delete or print lines.
pub(super) fn only_edits(script: &str) -> bool {
    let script = script.trim();
    match replacement_flags(script) {
        Some(flags) => flags.chars().all(|flag| flag.is_ascii_digit() || "gIip".contains(flag)),
        None => is_address_with(script, &['d', 'p']),
    }
}

/// The flags of `s/…/…/flags`, whatever stands for the slash.
fn replacement_flags(script: &str) -> Option<&str> {
    let rest = script.strip_prefix('s')?;
    let delimiter = rest.chars().next().filter(|char| !char.is_alphanumeric() && *char != '\\')?;
    let rest = after(&rest[delimiter.len_utf8()..], delimiter)?;
    after(rest, delimiter)
}

/// What follows the next `delimiter` that no backslash protects.
fn after(text: &str, delimiter: char) -> Option<&str> {
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        if char == '\\' {
            chars.next();
        } else if char == delimiter {
            return Some(&text[at + char.len_utf8()..]);
        }
    }
    None
}

/// `/pattern/d`, `3d`, `$d`, `1,5p`.
fn is_address_with(script: &str, commands: &[char]) -> bool {
    let Some(address) = script.strip_suffix(commands) else { return false };
    match address.strip_prefix('/') {
        Some(pattern) => after(pattern, '/') == Some(""),
        None => address.chars().all(|char| char.is_ascii_digit() || char == '$' || char == ','),
    }
}

#[cfg(test)]
mod tests {
    use super::only_edits;

    #[test]
    fn a_script_that_writes_or_runs_something_else_is_told_apart() {
        for script in ["s/a/b/", "s|/usr/x|y|g", r"s/a\/w x/b/gI", "/^#/d", "$d", "1,5p"] {
            assert!(only_edits(script), "{script}");
        }
        for script in ["s/a/b/w out", "s/a/b/e", "1r x", "w out", "/a/d;w x", "s/a/b/;e date", "/a/w/d", "sxaxbx"] {
            assert!(!only_edits(script), "{script}");
        }
    }
}
