//! The commands that a RUN in exec form starts: its program, and what a shell among its words is given to run. Only words
//! that a shell would read as they stand are taken, so that a rule may judge them like those of shell text. They are JSON:
//! no fix that writes for a shell is right in them.

use crate::model::shell::{self, Connector, Interpreter, ShellWord, SimpleCommand};
use crate::model::{Command, Instruction, Operation};
use crate::rules::{Cx, RunCommand};
use crate::syntax::JoinedText;
use crate::text::{Span, Spanned};

/// The commands that an instruction starts without a shell of its own.
pub(crate) fn started(instruction: &Instruction, cx: &Cx<'_>) -> Vec<SimpleCommand> {
    let Operation::Run(run) = &instruction.operation else { return Vec::new() };
    let Command::Exec(words) = &run.command else { return Vec::new() };
    match &words[..] {
        [shell, option, text, ..] if is_shell(&shell.value) && runs_text(&option.value) => inside(text, cx),
        _ => plain(words).into_iter().collect(),
    }
}

/// The same as rules are shown them.
pub(crate) fn shown<'a>(
    instruction: &'a Instruction,
    commands: &'a [SimpleCommand],
) -> impl Iterator<Item = RunCommand<'a>> {
    let run = match &instruction.operation {
        Operation::Run(run) => Some(run),
        _ => None,
    };
    let each = commands.iter().enumerate();
    each.filter_map(move |(index, command)| Some(RunCommand { instruction, run: run?, command, index }))
}

fn is_shell(program: &str) -> bool {
    matches!(program.rsplit('/').next(), Some("sh" | "bash" | "ash" | "dash"))
}

/// `-c`, or a cluster of options that ends in it: `-lc`, `-exc`.
fn runs_text(option: &str) -> bool {
    option.strip_prefix('-').is_some_and(|letters| letters.ends_with('c') && !letters.starts_with('-'))
}

/// The commands of a text for a shell, where its bytes stand in the file as the shell gets them.
fn inside(text: &Spanned<String>, cx: &Cx<'_>) -> Vec<SimpleCommand> {
    let place = Span::new(text.span.start + 1, text.span.end.saturating_sub(1).max(text.span.start + 1));
    if cx.text(place) != text.value {
        return Vec::new();
    }
    let text = JoinedText::contiguous(text.value.clone(), place.start);
    shell::parse(&text, &Interpreter::Posix).commands().to_vec()
}

/// The command that these words are, where each of them stands for itself.
fn plain(words: &[Spanned<String>]) -> Option<SimpleCommand> {
    let is_plain = |word: &Spanned<String>| {
        let mut bytes = word.value.bytes();
        !word.value.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_-./:=@%+,".contains(&byte))
    };
    let word = |word: &Spanned<String>| ShellWord {
        raw: word.value.clone(),
        literal: Some(word.value.clone()),
        span: word.span,
    };
    let span = words.first()?.span.to(words.last()?.span);
    words.iter().all(is_plain).then(|| SimpleCommand {
        span,
        joined_by: Connector::First,
        assignments: Vec::new(),
        words: words.iter().map(word).collect(),
        redirects: Vec::new(),
        in_pipeline: false,
        depth: 0,
        conditional: false,
    })
}
