//! What the terminal can show: colour, characters beyond ASCII, width.

use std::env;
use std::io::IsTerminal;

use crate::cli::args::ColorChoice;
use crate::report::Style;

/// Widths beyond this are hard to read, whatever the window.
const WIDEST: usize = 120;

/// How `stream` may look.
pub(super) fn style_of(stream: &impl IsTerminal, choice: ColorChoice) -> Style {
    let is_terminal = stream.is_terminal();
    let is_able = is_terminal && env::var("TERM").as_deref() != Ok("dumb");
    let colour = match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => is_able && !is_set("NO_COLOR"),
    };
    Style {
        colour,
        // A pipe may want colours, and never the sequences of links.
        links: is_able && colour,
        unicode: locale_is_utf8(|name| env::var(name).ok()),
        width: if is_terminal { width() } else { Style::PLAIN.width },
    }
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

fn width() -> usize {
    match terminal_size::terminal_size() {
        Some((terminal_size::Width(columns), _)) => usize::from(columns).clamp(Style::PLAIN.width / 2, WIDEST),
        None => Style::PLAIN.width,
    }
}

/// How many columns and rows a terminal has.
#[cfg(unix)]
pub(super) fn size_of(stream: &impl std::os::fd::AsFd) -> Option<(usize, usize)> {
    let (terminal_size::Width(columns), terminal_size::Height(rows)) = terminal_size::terminal_size_of(stream)?;
    Some((usize::from(columns), usize::from(rows)))
}

/// Whether the locale is UTF-8: the first of the three variables that is set decides, as for every program. Windows has
/// none of them, and its consoles show Unicode.
fn locale_is_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
    match set {
        Some(locale) => {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        }
        None => cfg!(windows),
    }
}

#[cfg(test)]
mod tests {
    use super::locale_is_utf8;

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let locale = |variables: &'static [(&str, &str)]| {
            locale_is_utf8(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string()))
        };
        assert!(locale(&[("LANG", "de_DE.UTF-8")]));
        assert!(locale(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8")]));
        assert!(!locale(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]));
    }
}
