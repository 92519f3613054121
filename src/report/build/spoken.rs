//! Making what a step says fit for a screen.

/// What a step says, without what would move the cursor: the text behind its last carriage return, tabs as blanks,
/// escape sequences dropped.
pub(super) fn printable(line: &str) -> String {
    let line = line.rsplit('\r').find(|part| !part.is_empty()).unwrap_or_default();
    let mut text = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\t' => text.push_str("    "),
            '\u{1b}' => skip_sequence(&mut characters),
            character if character.is_control() => {}
            character => text.push(character),
        }
    }
    text
}

/// Goes behind an escape sequence of which the escape character is read: `[ … letter`, `] … BEL`, or one character.
fn skip_sequence(characters: &mut std::str::Chars) {
    match characters.next() {
        Some('[') => _ = characters.find(|character| ('@'..='~').contains(character)),
        Some(']') => _ = characters.find(|character| *character == '\u{7}'),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn what_a_step_says_cannot_move_the_cursor() {
        assert_eq!(printable("10%\r20%\r"), "20%");
        assert_eq!(printable("\u{1b}[31mred\u{1b}[0m\tx\u{8}\u{1b}]0;title\u{7}."), "red    x.");
    }
}
