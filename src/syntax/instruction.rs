//! Instructions: keyword, flags and arguments of one logical line, by the form that the keyword asks for.

use std::ops::Range;

use crate::syntax::json::{self, List};
use crate::syntax::line::Logical;
use crate::syntax::{
    Arguments, Flag, Heredoc, Instruction, ItemKind, JoinedText, Keyword, Pair, Pass, Probe, SyntaxError, Unknown,
    Word, checks, flags, word,
};
use crate::text::{SourceFile, Span, Spanned, excerpt, nearest};

/// ONBUILD may not store ONBUILD; chains longer than this are not even followed, since every link is one more call.
const LONGEST_CHAIN: usize = 16;

/// What the reading of a line depends on, besides the line.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) source: &'a SourceFile,
    pub(super) escape: char,
    /// How many ONBUILDs stand before what is read.
    chain: usize,
}

impl<'a> Context<'a> {
    pub(super) fn new(source: &'a SourceFile, escape: char) -> Self {
        Self { source, escape, chain: 0 }
    }
}

/// The three parts that every instruction has, whatever its keyword.
pub(super) struct Parts {
    pub(super) word: Word,
    pub(super) flags: Vec<Flag>,
    pub(super) rest: JoinedText,
}

/// Splits a text into its keyword, its flags and what follows them.
pub(super) fn split(text: &JoinedText, context: Context<'_>) -> Parts {
    let (word, tail) = word::split_first(text, word::is_separator);
    let (flags, start) = flags::split(&tail, context);
    let rest = word::trim(&tail.slice(start, tail.len()));
    Parts { word, flags, rest }
}

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
    /// Whether it cannot be an instruction, whatever else is right about it; an error elsewhere tells why.
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
pub(super) fn read(logical: &Logical, context: Context<'_>) -> Read {
    let mut read = read_text(&word::trim(&logical.text), context);
    read.interior.clone_from(&logical.interior);
    read.end = logical.end;
    read
}

fn read_text(text: &JoinedText, context: Context<'_>) -> Read {
    let Parts { word, flags, rest } = split(text, context);
    let keyword = Keyword::from_word(word.as_str());
    let mut read = Read {
        word: Spanned::new(word.as_str().to_owned(), word.span()),
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
        Some(keyword) => read.arguments = arguments(keyword, &mut read, context),
        None => read.errors.push(unknown_word(&read.word)),
    }
    read
}

fn unknown_word(word: &Spanned<String>) -> SyntaxError {
    let nearest = nearest(&word.value, Keyword::ALL.iter().map(|keyword| keyword.as_str()));
    let message = match word.value.as_str() {
        "" => "the line goes on, but never begins".to_owned(),
        word => format!("`{}` is no instruction", excerpt(word)),
    };
    let help = match (word.value.as_str(), nearest) {
        ("", _) => "remove the escape character".to_owned(),
        (_, Some(keyword)) => format!("did you mean `{keyword}`?"),
        (_, None) => {
            "begin with an instruction, or end the line above with the escape character to continue it".to_owned()
        }
    };
    let meant = nearest.map(|keyword| Spanned::new(keyword.to_owned(), word.span));
    SyntaxError { span: word.span, message, help: Some(help), meant, pass: Pass::Instructions }
}

/// The arguments in the form that the keyword asks for.
fn arguments(keyword: Keyword, read: &mut Read, context: Context<'_>) -> Arguments {
    if read.rest.is_empty() {
        return Arguments::None;
    }
    let rest = read.rest.clone();
    let errors = &mut read.errors;
    match keyword {
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Shell => command(&rest, context, errors),
        Keyword::Copy | Keyword::Add | Keyword::Volume => match json::parse(&rest, context.source) {
            List::Strings(strings) => Arguments::Json(strings),
            List::NotStrings(faults) => not_strings(&rest, &faults, errors),
            List::NotJson => Arguments::Words(word::split_plain(&rest)),
        },
        Keyword::From | Keyword::Expose => Arguments::Words(word::split_plain(&rest)),
        Keyword::Arg => match word::split_quoted(&rest, context.escape) {
            words if words.is_empty() => Arguments::None,
            words => Arguments::Words(words),
        },
        Keyword::Env | Keyword::Label => pairs(keyword, &rest, context.escape, errors),
        Keyword::User | Keyword::Workdir | Keyword::Stopsignal | Keyword::Maintainer => Arguments::Text(rest),
        Keyword::Healthcheck => healthcheck(&rest, context, errors),
        Keyword::Onbuild => trigger(&rest, context, read),
    }
}

/// A command: a JSON array, or text for the shell.
fn command(rest: &JoinedText, context: Context<'_>, errors: &mut Vec<SyntaxError>) -> Arguments {
    match json::parse(rest, context.source) {
        List::Strings(strings) => Arguments::Json(strings),
        List::NotStrings(faults) => not_strings(rest, &faults, errors),
        List::NotJson => Arguments::Text(rest.clone()),
    }
}

fn not_strings(rest: &JoinedText, faults: &[Range<usize>], errors: &mut Vec<SyntaxError>) -> Arguments {
    errors.extend(faults.iter().map(|fault| SyntaxError {
        span: rest.span_of(fault.start, fault.end),
        message: "a list holds strings only".to_owned(),
        help: Some("put every element in double quotes".to_owned()),
        meant: None,
        pass: Pass::Lines,
    }));
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
                message: format!("`{}` has no `=`", excerpt(word.as_str())),
                help: Some("write KEY=VALUE, and quote a value that has blanks".to_owned()),
                meant: None,
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
            help: Some(format!("write {keyword} {}=VALUE", excerpt(whole))),
            meant: None,
            pass: Pass::Lines,
        });
        return Arguments::Words(vec![rest.clone()]);
    };
    let start = whole.len() - whole[length..].trim_start_matches(word::is_separator).len();
    let pair = Pair { key: rest.slice(0, length), value: rest.slice(start, whole.len()) };
    Arguments::Pairs { pairs: vec![pair], legacy: true }
}

fn healthcheck(rest: &JoinedText, context: Context<'_>, errors: &mut Vec<SyntaxError>) -> Arguments {
    let (kind, tail) = word::split_first(rest, word::is_blank);
    if kind.as_str().eq_ignore_ascii_case("NONE") && tail.is_empty() {
        return Arguments::Probe(Probe::None(kind.span()));
    }
    let command = if tail.is_empty() { Arguments::None } else { command(&tail, context, errors) };
    Arguments::Probe(Probe::Command { keyword_span: kind.span(), command: Box::new(command) })
}

/// The instruction that ONBUILD stores; its errors are those of the whole line.
fn trigger(rest: &JoinedText, mut context: Context<'_>, read: &mut Read) -> Arguments {
    context.chain += 1;
    if context.chain > LONGEST_CHAIN {
        read.broken = true;
        read.errors.push(SyntaxError {
            span: rest.span(),
            message: "ONBUILD cannot store ONBUILD".to_owned(),
            help: Some("store another instruction".to_owned()),
            meant: None,
            pass: Pass::Instructions,
        });
        return Arguments::Text(rest.clone());
    }
    let mut inner = read_text(rest, context);
    read.errors.append(&mut inner.errors);
    read.broken |= inner.broken;
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
    let Some(keyword) = read.keyword else {
        errors.append(&mut found);
        return ItemKind::Unknown(Unknown { word, keyword: None, flags: read.flags, instruction: None });
    };
    let mut instruction = build(read, keyword);
    if let Arguments::Trigger(trigger) = &mut instruction.arguments {
        trigger.heredocs.clone_from(&instruction.heredocs);
        trigger.span.end = instruction.span.end;
    }
    // Arguments that could not be read would only be blamed once more.
    let arguments_are_whole = found.is_empty() && !broken;
    found.extend(checks::flags(&instruction));
    if arguments_are_whole {
        found.extend(checks::arguments(&instruction));
    }
    if found.is_empty() && !broken {
        return ItemKind::Instruction(Box::new(instruction));
    }
    errors.append(&mut found);
    let flags = instruction.flags.clone();
    ItemKind::Unknown(Unknown { word, keyword: Some(keyword), flags, instruction: Some(Box::new(instruction)) })
}
