//! How output may look: colour, drawing characters, width.

use std::borrow::Cow;
use std::fmt::Display;

/// What the receiver of the output can show. Decided once, by the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether colours are wanted.
    pub colour: bool,
    /// Whether characters beyond ASCII arrive whole.
    pub unicode: bool,
    /// Whether links may be hidden behind text.
    pub links: bool,
    /// How many columns a line has.
    pub width: usize,
}

impl Style {
    /// No colour, no links, ASCII, 80 columns.
    pub const PLAIN: Style = Style { colour: false, unicode: false, links: false, width: 80 };

    /// `text` in the colour of `tone`, where colours are wanted.
    pub fn paint(&self, tone: Tone, text: impl Display) -> String {
        match self.colour {
            true => format!("\u{1b}[{}m{text}\u{1b}[0m", tone.code()),
            false => text.to_string(),
        }
    }

    /// `text` as a link, where such are wanted and there is an address (OSC 8).
    pub fn link(&self, text: impl Display, address: Option<&str>) -> String {
        match address.filter(|_| self.links) {
            Some(address) => format!("\u{1b}]8;;{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\"),
            None => text.to_string(),
        }
    }

    /// A sentence that was made elsewhere, without the few signs in it that ASCII lacks where only ASCII arrives whole.
    pub fn plain<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.unicode {
            true => Cow::Borrowed(text),
            false => Cow::Owned(text.replace('→', "->").replace('…', "...")),
        }
    }

    /// What somebody else wrote, with a question mark for each character that would not arrive whole.
    pub fn ascii<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.unicode || text.is_ascii() {
            true => Cow::Borrowed(text),
            false => Cow::Owned(text.chars().map(|char| if char.is_ascii() { char } else { '?' }).collect()),
        }
    }

    /// The first text, or the second where only ASCII arrives whole.
    pub fn pick<'a>(&self, unicode: &'a str, ascii: &'a str) -> &'a str {
        if self.unicode { unicode } else { ascii }
    }
}

/// What a colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something is wrong.
    Error,
    /// Something is probably wrong, or costs.
    Warning,
    /// Worth knowing.
    Info,
    /// It went well.
    Good,
    /// Look here.
    Strong,
    /// Less important than its surroundings.
    Faint,
}

impl Tone {
    /// The parameter of the ANSI sequence that starts it.
    fn code(self) -> &'static str {
        match self {
            Tone::Error => "1;31",
            Tone::Warning => "1;33",
            Tone::Info => "36",
            Tone::Good => "32",
            Tone::Strong => "1",
            Tone::Faint => "2",
        }
    }
}
