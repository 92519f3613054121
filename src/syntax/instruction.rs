//! Instructions: keyword, flags and arguments of one logical line, by the form that the keyword asks for.

use crate::syntax::json::{self, List};
use crate::syntax::line::Logical;
use crate::syntax::{
    Arguments, Flag, Heredoc, Instruction, ItemKind, JoinedText, Keyword, Pair, Pass, Probe, SyntaxError, Unknown,
    checks, flags, word,
};
use crate::text::{Span, Spanned, nearest};

/// A logical line taken apart; heredocs may follow.
pub(super) struct Read {
    word: Spanned<String>,
    keyword: Option<Keyword>,
    flags: Vec<Flag>,
    arguments: Arguments,
    rest: JoinedText,
    interior: Vec<Span>,
    errors: Vec<SyntaxError>,
    /// The heredocs, filled in once their bodies are read.
    pub(super) heredocs: Vec<Heredoc>,
    /// Where the instruction ends.
    pub(super) end: usize,
    /// Whether it cannot be an instruction, whatever else is right about it.
    pub(super) broken: bool,
}

impl Read {
    /// Whether `<<` on this line opens a heredoc.
    pub(super) fn may_hold_heredocs(&self) -> bool {
        let allows = |keyword, arguments: &Arguments| {
            matches!(keyword, Keyword::Run | Keyword::Copy | Keyword::Add) && !matches!(arguments, Arguments::Json(_))
        };
        match (&self.keyword, &self.arguments) {
            (Some(Keyword::Onbuild), Arguments::Trigger(trigger)) => allows(trigger.keyword, &trigger.arguments),
            (Some(keyword), arguments) => allows(*keyword, arguments),
            (None, _) => false,
        }
    }
}

/// Takes a logical line apart.
pub(super) fn read(logical: &Logical, escape: char) -> Read {
    let mut read = read_text(&word::trim(&logical.text), escape);
    read.interior.clone_from(&logical.interior);
    read.end = logical.end;
    read
}

fn read_text(text: &JoinedText, escape: char) -> Read {
    let whole = text.as_str();
    let length = whole.find(word::is_separator).unwrap_or(whole.len());
    let written = text.slice(0, length);
    let after = length + (whole[length..].len() - whole[length..].trim_start_matches(word::is_separator).len());
    let tail = text.slice(after, whole.len());
    let keyword = Keyword::from_word(written.as_str());
    let (flags, start) = flags::split(&tail, escape);
    let rest = word::trim(&tail.slice(start, tail.len()));
    let mut read = Read {
        word: Spanned::new(written.as_str().to_owned(), written.span()),
        keyword,
        flags,
        arguments: Arguments::None,
        rest,
        interior: Vec::new(),
        errors: Vec::new(),
        heredocs: Vec::new(),
        end: text.span().end,
        broken: false,
    };
    match keyword {
        Some(keyword) => read.arguments = arguments(keyword, &mut read, escape),
        None => read.errors.push(unknown_word(&read.word)),
    }
    read
}

fn unknown_word(word: &Spanned<String>) -> SyntaxError {
    let help = match nearest(&word.value, Keyword::ALL.iter().map(|keyword| keyword.as_str())) {
        Some(keyword) => format!("did you mean `{keyword}`?"),
        None => {
            "a line begins with an instruction; to continue the line before, end that one with the escape character"
                .to_owned()
        }
    };
    let message = format!("`{}` is no instruction", word.value);
    SyntaxError { span: word.span, message, help: Some(help), pass: Pass::Instructions }
}

/// The arguments in the form that the keyword asks for.
fn arguments(keyword: Keyword, read: &mut Read, escape: char) -> Arguments {
    if read.rest.is_empty() {
        return Arguments::None;
    }
    let rest = read.rest.clone();
    match keyword {
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Shell => command(&rest, &mut read.errors),
        Keyword::Copy | Keyword::Add | Keyword::Volume => match json::parse(&rest) {
            List::Strings(strings) => Arguments::Json(strings),
            List::NotStrings => not_strings(&rest, &mut read.errors),
            List::NotJson => Arguments::Words(word::split_plain(&rest)),
        },
        Keyword::From | Keyword::Expose => Arguments::Words(word::split_plain(&rest)),
        Keyword::Arg => Arguments::Words(word::split_quoted(&rest, escape)),
        Keyword::Env | Keyword::Label => pairs(keyword, &rest, escape, &mut read.errors),
        Keyword::User | Keyword::Workdir | Keyword::Stopsignal | Keyword::Maintainer => Arguments::Text(rest),
        Keyword::Healthcheck => healthcheck(&rest, &mut read.errors),
        Keyword::Onbuild => trigger(&rest, escape, read),
    }
}

/// A command: a JSON array, or text for the shell.
fn command(rest: &JoinedText, errors: &mut Vec<SyntaxError>) -> Arguments {
    match json::parse(rest) {
        List::Strings(strings) => Arguments::Json(strings),
        List::NotStrings => not_strings(rest, errors),
        List::NotJson => Arguments::Text(rest.clone()),
    }
}

fn not_strings(rest: &JoinedText, errors: &mut Vec<SyntaxError>) -> Arguments {
    errors.push(SyntaxError {
        span: rest.span(),
        message: "the list holds something that is no string".to_owned(),
        help: Some("put every element in double quotes".to_owned()),
        pass: Pass::Lines,
    });
    Arguments::Text(rest.clone())
}

/// `key=value` pairs; without a `=` in the first word, the legacy form of one key and all that follows.
fn pairs(keyword: Keyword, rest: &JoinedText, escape: char, errors: &mut Vec<SyntaxError>) -> Arguments {
    let words = word::split_quoted(rest, escape);
    let Some(first) = words.first() else { return Arguments::None };
    if !first.as_str().contains('=') {
        return legacy_pair(keyword, rest, errors);
    }
    let mut pairs = Vec::new();
    for word in &words {
        match word::split_pair(word) {
            Some((key, value)) => pairs.push(Pair { key, value }),
            None => errors.push(SyntaxError {
                span: word.span(),
                message: format!("`{}` has no `=`", word.as_str()),
                help: Some("write KEY=VALUE, and quote a value that has blanks".to_owned()),
                pass: Pass::Lines,
            }),
        }
    }
    Arguments::Pairs { pairs, legacy: false }
}

fn legacy_pair(keyword: Keyword, rest: &JoinedText, errors: &mut Vec<SyntaxError>) -> Arguments {
    let whole = rest.as_str();
    let Some(length) = whole.find(word::is_separator) else {
        errors.push(SyntaxError {
            span: rest.span(),
            message: format!("{keyword} needs a value"),
            help: Some(format!("write {keyword} {whole}=VALUE")),
            pass: Pass::Lines,
        });
        return Arguments::Words(vec![rest.clone()]);
    };
    let start = whole.len() - whole[length..].trim_start_matches(word::is_separator).len();
    let pair = Pair { key: rest.slice(0, length), value: rest.slice(start, whole.len()) };
    Arguments::Pairs { pairs: vec![pair], legacy: true }
}

fn healthcheck(rest: &JoinedText, errors: &mut Vec<SyntaxError>) -> Arguments {
    let whole = rest.as_str();
    let length = whole.find(char::is_whitespace).unwrap_or(whole.len());
    let start = whole.len() - whole[length..].trim_start().len();
    let kind = rest.slice(0, length);
    let tail = rest.slice(start, whole.len());
    if kind.as_str().eq_ignore_ascii_case("NONE") && tail.is_empty() {
        return Arguments::Probe(Probe::None(kind.span()));
    }
    let command = if tail.is_empty() { Arguments::None } else { command(&tail, errors) };
    Arguments::Probe(Probe::Command { keyword_span: kind.span(), command: Box::new(command) })
}

/// The instruction that ONBUILD stores; its errors are those of the whole line.
fn trigger(rest: &JoinedText, escape: char, read: &mut Read) -> Arguments {
    let mut inner = read_text(rest, escape);
    read.errors.append(&mut inner.errors);
    match inner.keyword {
        Some(keyword) => Arguments::Trigger(Box::new(build(inner, keyword))),
        None => {
            read.broken = true;
            Arguments::Text(rest.clone())
        }
    }
}

fn build(read: Read, keyword: Keyword) -> Instruction {
    Instruction {
        span: Span::new(read.word.span.start, read.end.max(read.word.span.end)),
        keyword,
        keyword_span: read.word.span,
        flags: read.flags,
        arguments: read.arguments,
        rest: read.rest,
        heredocs: read.heredocs,
        interior: read.interior,
    }
}

/// The item that the line becomes: an instruction when nothing is wrong with it, otherwise kept as unknown.
pub(super) fn finish(mut read: Read, errors: &mut Vec<SyntaxError>) -> ItemKind {
    let mut found = std::mem::take(&mut read.errors);
    let broken = read.broken;
    let word = read.word.clone();
    let keyword = read.keyword;
    let Some(known) = keyword else {
        errors.append(&mut found);
        return ItemKind::Unknown(Unknown { word, keyword, flags: read.flags, instruction: None });
    };
    let mut instruction = build(read, known);
    if let Arguments::Trigger(trigger) = &mut instruction.arguments {
        trigger.heredocs.clone_from(&instruction.heredocs);
    }
    if found.is_empty() && !broken {
        found = checks::check(&instruction);
    }
    if found.is_empty() && !broken {
        return ItemKind::Instruction(Box::new(instruction));
    }
    errors.append(&mut found);
    let flags = instruction.flags.clone();
    ItemKind::Unknown(Unknown { word, keyword, flags, instruction: Some(Box::new(instruction)) })
}
