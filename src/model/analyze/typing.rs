//! Typing one instruction.

use super::description;
use super::shown::shown;
use crate::model::shell::Interpreter;
use crate::model::{
    Arg, Env, EnvPair, Expose, From, Instruction, InstructionId, Label, Onbuild, Operation, Problem, Shell, StageId,
    Stopsignal, User, Volume, Word, WordId, Workdir,
};
use crate::syntax::{self, Arguments, Heredoc, JoinedText, JsonString, Keyword};
use crate::text::{SourceFile, Span, Spanned};

/// Types instructions, and numbers their words on the way.
pub(in crate::model) struct Typist<'a> {
    pub(super) source: &'a SourceFile,
    escape: char,
    words: usize,
    problems: Vec<Problem>,
    /// Where everything is said to stand, for instructions that the file does not hold.
    pinned: Option<Span>,
}

impl<'a> Typist<'a> {
    pub(in crate::model) fn new(source: &'a SourceFile, escape: char) -> Self {
        Self { source, escape, words: 0, problems: Vec::new(), pinned: None }
    }

    /// Goes on numbering words from `words`.
    pub(in crate::model) fn numbering_from(mut self, words: usize) -> Self {
        self.words = words;
        self
    }

    /// Says of everything that it stands at `span`.
    pub(in crate::model) fn elsewhere(mut self, span: Span) -> Self {
        self.pinned = Some(span);
        self
    }

    /// How many words have been numbered.
    pub(in crate::model) fn word_count(&self) -> usize {
        self.words
    }

    /// What was wrong so far.
    pub(in crate::model) fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }

    /// The instruction with its type, or none when its arguments do not fit it.
    pub(in crate::model) fn instruction(
        &mut self,
        written: &syntax::Instruction,
        id: InstructionId,
        stage: Option<StageId>,
        item: usize,
        shell: &Interpreter,
        comments: &[&str],
    ) -> Option<Instruction> {
        let operation = match written.keyword {
            Keyword::Arg => self.arg(written, comments),
            Keyword::Onbuild => self.onbuild(written, id, stage, item, shell),
            _ => self.operation(written, shell),
        }?;
        Some(Instruction {
            id,
            stage,
            keyword: written.keyword,
            keyword_span: self.at(written.keyword_span),
            span: self.at(written.span),
            item,
            text: shown(written),
            operation,
        })
    }

    fn operation(&mut self, written: &syntax::Instruction, shell: &Interpreter) -> Option<Operation> {
        let arguments = &written.arguments;
        Some(match written.keyword {
            Keyword::Add => Operation::Add(self.add(written)?),
            Keyword::Cmd => Operation::Cmd(self.command(arguments, &[], written, shell)?),
            Keyword::Copy => Operation::Copy(self.copy(written)?),
            Keyword::Entrypoint => Operation::Entrypoint(self.command(arguments, &[], written, shell)?),
            Keyword::Env => {
                let (pairs, legacy) = self.pairs(arguments)?;
                Operation::Env(Env { pairs, legacy })
            }
            Keyword::Expose => Operation::Expose(Expose { ports: self.list(arguments)? }),
            Keyword::From => Operation::From(self.from(written)?),
            Keyword::Healthcheck => match arguments {
                Arguments::Probe(probe) => Operation::Healthcheck(self.healthcheck(written, probe, shell)?),
                _ => return None,
            },
            Keyword::Label => {
                let (pairs, legacy) = self.pairs(arguments)?;
                Operation::Label(Label { pairs, legacy })
            }
            Keyword::Maintainer => Operation::Maintainer(self.placed(text(arguments)?)),
            Keyword::Run => Operation::Run(self.run(written, shell)?),
            Keyword::Shell => match arguments {
                Arguments::Json(strings) => {
                    Operation::Shell(Shell { words: strings.iter().map(|string| self.json(string)).collect() })
                }
                _ => return None,
            },
            Keyword::Stopsignal => Operation::Stopsignal(Stopsignal { signal: self.word(text(arguments)?) }),
            Keyword::User => Operation::User(User { user: self.word(text(arguments)?) }),
            Keyword::Volume => Operation::Volume(Volume { paths: self.list(arguments)? }),
            Keyword::Workdir => Operation::Workdir(Workdir { path: self.word(text(arguments)?) }),
            Keyword::Arg | Keyword::Onbuild => return None,
        })
    }

    fn from(&mut self, written: &syntax::Instruction) -> Option<From> {
        let Arguments::Words(words) = &written.arguments else { return None };
        let platform = written.flags.iter().find(|flag| flag.name.value == "platform");
        let platform = platform.and_then(|flag| flag.value.as_ref()).map(|value| self.word(value));
        let alias = match &words[..] {
            [_] => None,
            [_, keyword, name] => Some((self.at(keyword.span()), self.spanned(name))),
            _ => return None,
        };
        Some(From { platform, image: self.word(&words[0]), alias })
    }

    fn arg(&mut self, written: &syntax::Instruction, comments: &[&str]) -> Option<Operation> {
        let Arguments::Words(words) = &written.arguments else { return None };
        let arg = |word: &JoinedText| {
            let written = word.as_str();
            let equals = written.find('=');
            let name = word.slice(0, equals.unwrap_or(written.len()));
            Arg {
                default: equals.map(|equals| self.word(&word.slice(equals + 1, written.len()))),
                description: description(comments, name.as_str()),
                name: self.spanned(&name),
            }
        };
        Some(Operation::Arg(words.iter().map(arg).collect()))
    }

    fn onbuild(
        &mut self,
        written: &syntax::Instruction,
        id: InstructionId,
        stage: Option<StageId>,
        item: usize,
        shell: &Interpreter,
    ) -> Option<Operation> {
        let Arguments::Trigger(trigger) = &written.arguments else { return None };
        let mut text = written.rest.as_str().trim().to_owned();
        // An instruction with heredocs is stored with their bodies, raw.
        for heredoc in &written.heredocs {
            text.push('\n');
            text.push_str(self.source.slice(heredoc.body));
            text.push_str(&heredoc.name);
        }
        let trigger = Box::new(self.instruction(trigger, id, stage, item, shell, &[])?);
        Some(Operation::Onbuild(Onbuild { text, trigger }))
    }

    fn pairs(&mut self, arguments: &Arguments) -> Option<(Vec<EnvPair>, bool)> {
        let Arguments::Pairs { pairs, legacy } = arguments else { return None };
        let pair = |pair: &syntax::Pair| EnvPair { key: self.word(&pair.key), value: self.word(&pair.value) };
        Some((pairs.iter().map(pair).collect(), *legacy))
    }

    fn list(&mut self, arguments: &Arguments) -> Option<Vec<Word>> {
        Some(match arguments {
            Arguments::Words(words) => words.iter().map(|word| self.word(word)).collect(),
            Arguments::Json(strings) => strings.iter().map(|string| self.word(&json_word(string))).collect(),
            _ => return None,
        })
    }

    /// Where something is said to stand.
    pub(super) fn at(&self, span: Span) -> Span {
        self.pinned.unwrap_or(span)
    }

    /// A text, with the places it is said to have.
    pub(super) fn placed(&self, text: &JoinedText) -> JoinedText {
        match self.pinned {
            Some(span) => text.clone().pinned(span),
            None => text.clone(),
        }
    }

    /// A value with the place it is said to have.
    pub(super) fn spanned(&self, text: &JoinedText) -> Spanned<String> {
        Spanned::new(text.as_str().to_owned(), self.at(text.span()))
    }

    /// A JSON string with the place it is said to have.
    pub(super) fn json(&self, string: &JsonString) -> Spanned<String> {
        Spanned::new(string.value.clone(), self.at(string.span))
    }

    /// A heredoc with the places it is said to have.
    pub(super) fn heredoc(&self, heredoc: &Heredoc) -> Heredoc {
        let at = |span| self.at(span);
        Heredoc {
            span: at(heredoc.span),
            body: at(heredoc.body),
            terminator: at(heredoc.terminator),
            ..heredoc.clone()
        }
    }

    /// Numbers a word.
    pub(super) fn word(&mut self, raw: &JoinedText) -> Word {
        let raw = self.placed(raw);
        let id = WordId(self.words);
        self.words += 1;
        Word { id, raw }
    }

    pub(super) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(super) fn escape(&self) -> char {
        self.escape
    }
}

fn text(arguments: &Arguments) -> Option<&JoinedText> {
    match arguments {
        Arguments::Text(text) => Some(text),
        _ => None,
    }
}

/// A JSON string as a word. Where it has escapes, places inside are approximate; its ends are exact.
pub(super) fn json_word(string: &JsonString) -> JoinedText {
    let inside = string.span.len().saturating_sub(2);
    let start = string.span.start + 1;
    match string.value.char_indices().last() {
        Some((last, char)) if string.value.len() != inside => {
            let mut text = JoinedText::contiguous(&string.value[..last], start);
            text.push(&string.value[last..], string.span.end.saturating_sub(1 + char.len_utf8()));
            text
        }
        _ => JoinedText::contiguous(&string.value, start),
    }
}
