//! The shape of a Dockerfile: directives, continuations, heredocs, words, comments, pragmas, recovery.
//!
//! Does not know what an instruction *means*, nor rules or severities.
//! Invariants: `print(parse(s)) == s` for every input; parsing never fails and never panics; every span lies in the file.

mod checks;
mod directive;
mod duration;
mod flags;
mod heredoc;
mod instruction;
mod joined;
mod json;
mod keyword;
mod line;
mod mend;
mod notation;
mod parse;
pub mod pragma;
mod shell_word;
mod tree;
mod word;

pub use duration::duration;
pub use joined::JoinedText;
pub use keyword::Keyword;
pub use mend::mended_array;
pub use notation::notation;
pub use parse::{parse, print};
pub use tree::{
    Arguments, Comment, Directive, DirectiveName, Directives, Flag, Heredoc, Instruction, Item, ItemKind, JsonString,
    Pair, Parsed, Pass, Probe, SyntaxError, Tree, Unknown, Word,
};
