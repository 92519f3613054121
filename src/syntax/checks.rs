//! What each instruction demands of its arguments: how many, in which form, and which words.
//!
//! The order of the lines (what may stand before FROM, whether there is a stage at all) is not judged here: that is the
//! model's. What ONBUILD stores is judged as if it stood alone, though a builder notices only when the trigger fires.

use crate::syntax::mend::array_of_words;
use crate::syntax::{
    Arguments, Instruction, JoinedText, Keyword, Pass, Probe, SyntaxError, Word, flags, heredoc, mended_array, word,
};
use crate::text::{Span, Spanned, excerpt};

/// What is wrong with the flags of an instruction.
pub(super) fn flags(instruction: &Instruction) -> Vec<SyntaxError> {
    let mut errors = match &instruction.arguments {
        // HEALTHCHECK NONE drops its flags unread.
        Arguments::Probe(Probe::None(_)) => Vec::new(),
        _ => flags::check(instruction.keyword, &instruction.flags),
    };
    if let Arguments::Trigger(trigger) = &instruction.arguments {
        errors.extend(flags(trigger));
    }
    errors
}

/// What is wrong with the arguments of an instruction.
pub(super) fn arguments(instruction: &Instruction) -> Vec<SyntaxError> {
    let rest = instruction.rest.span();
    let keyword = instruction.keyword;
    match (keyword, &instruction.arguments) {
        // A bare RUN, CMD or ENTRYPOINT is an empty shell command.
        (Keyword::Run | Keyword::Cmd | Keyword::Entrypoint, _) => Vec::new(),
        (_, Arguments::None) => {
            vec![error(instruction.keyword_span, format!("{keyword} needs an argument"), usage(keyword))]
        }
        (Keyword::From, Arguments::Words(words)) => from(words, rest),
        (Keyword::Copy | Keyword::Add, arguments) => transfer(instruction, arguments),
        (Keyword::Arg, Arguments::Words(words)) => {
            let nameless = words.iter().filter(|word| word.as_str().starts_with('='));
            nameless.map(|word| error(word.span(), "the name of an ARG is missing", usage(keyword))).collect()
        }
        (Keyword::Env | Keyword::Label, Arguments::Pairs { pairs, .. }) => {
            let nameless = pairs.iter().filter(|pair| pair.key.is_empty());
            let places = nameless.map(|pair| pair.key.span().to(pair.value.span()));
            places.map(|place| error(place, format!("{keyword} needs a name before `=`"), usage(keyword))).collect()
        }
        (Keyword::Volume, arguments) => volume(arguments, rest),
        (Keyword::Shell, Arguments::Json(strings)) if strings.is_empty() => {
            vec![error(rest, "SHELL needs at least one word", usage(keyword))]
        }
        (Keyword::Shell, Arguments::Text(text)) => {
            let array = mended_array(text.as_str()).or_else(|| array_of_words(text.as_str()));
            let meant = array.map(|array| Spanned::new(array, rest));
            vec![SyntaxError { meant, ..error(rest, "SHELL must be a JSON array", usage(keyword)) }]
        }
        (Keyword::Healthcheck, Arguments::Probe(probe)) => healthcheck(probe, &instruction.rest),
        (Keyword::Onbuild, Arguments::Trigger(trigger)) => onbuild(trigger),
        _ => Vec::new(),
    }
}

fn error(span: Span, message: impl Into<String>, help: impl Into<String>) -> SyntaxError {
    SyntaxError { span, message: message.into(), help: Some(help.into()), meant: None, pass: Pass::Instructions }
}

/// One line that shows how the instruction is written.
fn usage(keyword: Keyword) -> &'static str {
    match keyword {
        Keyword::Add => "write ADD SOURCE… DESTINATION",
        Keyword::Arg => "write ARG NAME or ARG NAME=DEFAULT",
        Keyword::Cmd => "write CMD [\"program\", \"argument\"]",
        Keyword::Copy => "write COPY SOURCE… DESTINATION",
        Keyword::Entrypoint => "write ENTRYPOINT [\"program\", \"argument\"]",
        Keyword::Env => "write ENV NAME=VALUE",
        Keyword::Expose => "write EXPOSE PORT",
        Keyword::From => "write FROM IMAGE or FROM IMAGE AS NAME",
        Keyword::Healthcheck => "write HEALTHCHECK CMD COMMAND or HEALTHCHECK NONE",
        Keyword::Label => "write LABEL NAME=VALUE",
        Keyword::Maintainer => "write LABEL org.opencontainers.image.authors=NAME",
        Keyword::Onbuild => "write ONBUILD and an instruction",
        Keyword::Run => "write RUN COMMAND",
        Keyword::Shell => "write SHELL [\"/bin/sh\", \"-c\"]",
        Keyword::Stopsignal => "write STOPSIGNAL SIGNAL",
        Keyword::User => "write USER NAME or USER NAME:GROUP",
        Keyword::Volume => "write VOLUME PATH",
        Keyword::Workdir => "write WORKDIR PATH",
    }
}

fn from(words: &[Word], rest: Span) -> Vec<SyntaxError> {
    match words {
        [_] => Vec::new(),
        [_, as_word, name] if as_word.as_str().eq_ignore_ascii_case("as") => {
            let message = || format!("`{}` cannot name a stage", excerpt(name.as_str()));
            let help = "begin with a letter; then letters, digits, `-`, `_` and `.`";
            if is_stage_name(name) { Vec::new() } else { vec![error(name.span(), message(), help)] }
        }
        [_, as_word, _] => {
            vec![error(
                as_word.span(),
                format!("expected AS, found `{}`", excerpt(as_word.as_str())),
                usage(Keyword::From),
            )]
        }
        _ => {
            let message = format!("FROM takes one word or three, not {}", words.len());
            vec![error(rest, message, usage(Keyword::From))]
        }
    }
}

/// Judged in lower case, which is how builders keep the name.
fn is_stage_name(name: &JoinedText) -> bool {
    let name = name.as_str().to_lowercase();
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'))
}

fn transfer(instruction: &Instruction, arguments: &Arguments) -> Vec<SyntaxError> {
    let keyword = instruction.keyword;
    let (count, last) = match arguments {
        Arguments::Json(strings) => (strings.len(), strings.last().map(|last| (last.value.as_str(), last.span))),
        Arguments::Words(words) => (words.len(), words.last().map(|last| (last.as_str(), last.span()))),
        _ => return Vec::new(),
    };
    match last {
        Some((last, span)) if count >= 2 && heredoc::is_marker(last) => {
            vec![error(span, "the destination cannot be a heredoc", "name a path after the heredoc")]
        }
        Some(_) if count >= 2 => Vec::new(),
        _ => {
            let message = format!("{keyword} needs a source and a destination");
            vec![error(instruction.rest.span(), message, usage(keyword))]
        }
    }
}

fn volume(arguments: &Arguments, rest: Span) -> Vec<SyntaxError> {
    let paths: Vec<(&str, Span)> = match arguments {
        Arguments::Json(strings) => strings.iter().map(|string| (string.value.as_str(), string.span)).collect(),
        Arguments::Words(words) => words.iter().map(|word| (word.as_str(), word.span())).collect(),
        _ => return Vec::new(),
    };
    if paths.is_empty() {
        return vec![error(rest, "VOLUME needs a path", usage(Keyword::Volume))];
    }
    let empty = paths.into_iter().filter(|(path, _)| path.trim().is_empty());
    empty.map(|(_, span)| error(span, "the path of a volume is empty", "name a directory")).collect()
}

fn healthcheck(probe: &Probe, rest: &JoinedText) -> Vec<SyntaxError> {
    let Probe::Command { keyword_span, command } = probe else { return Vec::new() };
    let (kind, tail) = word::split_first(rest, word::is_blank);
    let kind = kind.as_str();
    if kind.eq_ignore_ascii_case("NONE") {
        return vec![error(tail.span(), "HEALTHCHECK NONE takes no arguments", "end the line after NONE")];
    }
    if !kind.eq_ignore_ascii_case("CMD") {
        let message = format!("HEALTHCHECK is followed by CMD or NONE, not `{}`", excerpt(kind));
        return vec![error(*keyword_span, message, usage(Keyword::Healthcheck))];
    }
    let is_empty = match &**command {
        Arguments::None => true,
        Arguments::Json(strings) => strings.is_empty(),
        _ => false,
    };
    if !is_empty {
        return Vec::new();
    }
    vec![error(rest.span(), "the command after CMD is missing", usage(Keyword::Healthcheck))]
}

fn onbuild(trigger: &Instruction) -> Vec<SyntaxError> {
    if matches!(trigger.keyword, Keyword::Onbuild | Keyword::From | Keyword::Maintainer) {
        let message = format!("ONBUILD cannot store {}", trigger.keyword);
        return vec![error(trigger.keyword_span, message, "store another instruction")];
    }
    arguments(trigger)
}
