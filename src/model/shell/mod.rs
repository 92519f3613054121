//! Shell text inside a Dockerfile: its simple commands with exact places, or an honest "opaque".

mod brush;
mod checked;
mod extension;
mod guard;
mod interpreter;
mod literal;
mod parse;
mod walk;

pub use brush::is_parsing;
pub use checked::{Dialect, Remark, RemarkLevel, Replacement, ShellText};
pub use extension::Extension;
pub use interpreter::{Interpreter, shebang};
pub use parse::{parse, parse_heredoc, parse_with_heredocs};

use crate::syntax::JoinedText;
use crate::text::{Span, Spanned};

/// What the shell would make of a text.
#[derive(Debug, Clone)]
pub enum ShellBody {
    /// It could be parsed.
    Script(Script),
    /// It could not, or is not for a POSIX shell: nothing may be concluded from it.
    Opaque {
        /// Why.
        reason: String,
        /// Where the trouble is, or the whole text.
        span: Span,
    },
}

impl ShellBody {
    /// The script, when it could be parsed.
    pub fn script(&self) -> Option<&Script> {
        match self {
            ShellBody::Script(script) => Some(script),
            ShellBody::Opaque { .. } => None,
        }
    }

    /// The simple commands in the order of the text; none when opaque.
    pub fn commands(&self) -> &[SimpleCommand] {
        self.script().map_or(&[], |script| &script.commands)
    }
}

/// The words of each simple command of a text that stands in no file; those that the shell would expand as they are
/// written. None where it cannot be parsed.
pub fn words_of(text: &str) -> Option<Vec<Vec<String>>> {
    let body = parse(&JoinedText::contiguous(text, 0), &Interpreter::Posix);
    let word = |word: &ShellWord| word.literal.clone().unwrap_or_else(|| word.raw.clone());
    Some(body.script()?.commands.iter().map(|command| command.words.iter().map(word).collect()).collect())
}

/// A parsed text.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// Every simple command, those inside compounds and substitutions included, in the order of the text.
    pub commands: Vec<SimpleCommand>,
    /// Whether it is nothing but simple commands joined by `&&`, `||`, `;` or newlines at the top level.
    pub is_flat: bool,
    /// The same, but there may be pipelines too.
    pub is_plain: bool,
    /// Each pipeline of two or more commands.
    pub pipelines: Vec<Pipeline>,
    /// Redirections of compounds, groups, subshells and functions as a whole.
    pub compound_redirects: Vec<Redirect>,
    /// Constructs that not every shell has; what is inside a word shows in the word.
    pub extensions: Vec<Spanned<Extension>>,
}

/// Commands joined by `|`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pipeline {
    /// From the first command to the last, redirections included.
    pub span: Span,
    /// Whether the text fails with it: it is no condition, stands before no `||`, and is not substituted into the words
    /// of a command.
    pub decides: bool,
}

/// A command with its words.
#[derive(Debug, Clone)]
pub struct SimpleCommand {
    /// The whole command with assignments and redirections.
    pub span: Span,
    /// How it follows the command before it.
    pub joined_by: Connector,
    /// `NAME=value` before the command.
    pub assignments: Vec<(Spanned<String>, ShellWord)>,
    /// Command name and arguments; may be empty when there are only assignments.
    pub words: Vec<ShellWord>,
    /// Redirections, in order.
    pub redirects: Vec<Redirect>,
    /// Whether it is one of several commands of a pipeline.
    pub in_pipeline: bool,
    /// How deep inside compounds, groups, subshells and substitutions it stands; 0 at the top level.
    pub depth: usize,
    /// Whether it stands in a function, loop, branch, or after `||`: it may run any number of times or never.
    pub conditional: bool,
}

impl SimpleCommand {
    /// The name of the command, when it is written out.
    pub fn name(&self) -> Option<&str> {
        self.words.first().and_then(|word| word.literal.as_deref())
    }

    /// The arguments after the name.
    pub fn arguments(&self) -> &[ShellWord] {
        self.words.get(1..).unwrap_or(&[])
    }
}

/// How a command follows the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connector {
    /// It is the first of its list.
    First,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;` or a newline.
    Sequence,
    /// `|`
    Pipe,
    /// `&`
    Background,
}

/// One word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellWord {
    /// As written.
    pub raw: String,
    /// With quotes removed, when no variable, substitution, tilde or brace in it is expanded by the shell. Patterns stay.
    pub literal: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// One redirection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The operator, such as `>`, `>>`, `<`, `2>`, `&>`.
    pub operator: String,
    /// The target: file name or descriptor.
    pub target: ShellWord,
    /// The whole redirection.
    pub span: Span,
}
