//! What each instruction demands of its arguments: how many, in which form, and which words.

use crate::syntax::{Arguments, Instruction, JoinedText, Keyword, Pass, Probe, SyntaxError, Word, flags, heredoc};
use crate::text::Span;

/// Everything that is wrong with the arguments and flags of an instruction.
pub(super) fn check(instruction: &Instruction) -> Vec<SyntaxError> {
    let mut errors = match &instruction.arguments {
        // HEALTHCHECK NONE drops its flags unread.
        Arguments::Probe(Probe::None(_)) => Vec::new(),
        _ => flags::check(instruction.keyword, &instruction.flags),
    };
    errors.extend(arguments(instruction).into_iter().map(|(span, message, help)| SyntaxError {
        span,
        message,
        help: Some(help),
        pass: Pass::Instructions,
    }));
    errors
}

type Fault = (Span, String, String);

fn arguments(instruction: &Instruction) -> Option<Fault> {
    let fault = |span: Span, message: &str, help: &str| Some((span, message.to_owned(), help.to_owned()));
    let at = instruction.keyword_span;
    let rest = instruction.rest.span();
    match (instruction.keyword, &instruction.arguments) {
        // A bare RUN, CMD or ENTRYPOINT is an empty shell command.
        (Keyword::Run | Keyword::Cmd | Keyword::Entrypoint, _) => None,
        (keyword, Arguments::None) => Some((at, format!("{keyword} needs an argument"), usage(keyword).to_owned())),
        (Keyword::From, Arguments::Words(words)) => from(words, rest),
        (Keyword::Copy | Keyword::Add, arguments) => transfer(instruction, arguments),
        (Keyword::Arg, Arguments::Words(words)) => {
            let blank = words.iter().find(|word| word.as_str().starts_with('='))?;
            fault(blank.span(), "the name of an ARG is missing", "write ARG NAME or ARG NAME=DEFAULT")
        }
        (keyword @ (Keyword::Env | Keyword::Label), Arguments::Pairs { pairs, .. }) => {
            let blank = pairs.iter().find(|pair| pair.key.is_empty())?;
            let at = Span::at(blank.key.span().start);
            Some((at, format!("the name of an {keyword} is missing"), usage(keyword).to_owned()))
        }
        (Keyword::Volume, Arguments::Json(strings)) => {
            let empty = strings.iter().find(|string| string.value.is_empty())?;
            fault(empty.span, "the path of a volume is empty", "name a directory")
        }
        (Keyword::Shell, Arguments::Json(strings)) if strings.is_empty() => {
            fault(rest, "SHELL needs at least one word", usage(Keyword::Shell))
        }
        (Keyword::Shell, Arguments::Text(_)) => fault(rest, "SHELL must be a JSON array", usage(Keyword::Shell)),
        (Keyword::Healthcheck, Arguments::Probe(probe)) => healthcheck(probe, instruction),
        (Keyword::Onbuild, Arguments::Trigger(trigger)) => onbuild(trigger),
        _ => None,
    }
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

fn from(words: &[Word], rest: Span) -> Option<Fault> {
    match words {
        [_] => None,
        [_, as_word, name] if as_word.as_str().eq_ignore_ascii_case("as") => {
            let help = "begin with a letter; then letters, digits, `-`, `_` and `.`".to_owned();
            (!is_stage_name(name)).then(|| (name.span(), format!("`{}` cannot name a stage", name.as_str()), help))
        }
        [_, as_word, _] => {
            let message = format!("expected AS, found `{}`", as_word.as_str());
            Some((as_word.span(), message, usage(Keyword::From).to_owned()))
        }
        _ => {
            Some((rest, format!("FROM takes one word or three, not {}", words.len()), usage(Keyword::From).to_owned()))
        }
    }
}

fn is_stage_name(name: &JoinedText) -> bool {
    let mut chars = name.as_str().chars().map(|c| c.to_ascii_lowercase());
    chars.next().is_some_and(|c| c.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'))
}

fn transfer(instruction: &Instruction, arguments: &Arguments) -> Option<Fault> {
    let keyword = instruction.keyword;
    let count = match arguments {
        Arguments::Json(strings) => strings.len(),
        Arguments::Words(words) => words.len(),
        _ => return None,
    };
    if count < 2 {
        let message = format!("{keyword} needs a source and a destination");
        return Some((instruction.rest.span(), message, usage(keyword).to_owned()));
    }
    let Arguments::Words(words) = arguments else { return None };
    let last = words.last()?;
    let is_marker = heredoc::markers(last.as_str()).len() == 1;
    is_marker.then(|| {
        (last.span(), "the destination cannot be a heredoc".to_owned(), "name a path after the heredoc".to_owned())
    })
}

fn healthcheck(probe: &Probe, instruction: &Instruction) -> Option<Fault> {
    let Probe::Command { keyword_span, command } = probe else { return None };
    let length = instruction.rest.as_str().find(char::is_whitespace).unwrap_or(instruction.rest.len());
    let kind = &instruction.rest.as_str()[..length];
    if kind.eq_ignore_ascii_case("NONE") {
        return Some((
            instruction.rest.span(),
            "HEALTHCHECK NONE takes no arguments".to_owned(),
            "end the line after NONE".to_owned(),
        ));
    }
    if !kind.eq_ignore_ascii_case("CMD") {
        let message = format!("HEALTHCHECK is followed by CMD or NONE, not `{kind}`");
        return Some((*keyword_span, message, usage(Keyword::Healthcheck).to_owned()));
    }
    matches!(**command, Arguments::None)
        .then(|| (*keyword_span, "the command after CMD is missing".to_owned(), usage(Keyword::Healthcheck).to_owned()))
}

fn onbuild(trigger: &Instruction) -> Option<Fault> {
    if matches!(trigger.keyword, Keyword::Onbuild | Keyword::From | Keyword::Maintainer) {
        let message = format!("ONBUILD cannot store {}", trigger.keyword);
        return Some((trigger.keyword_span, message, "store another instruction".to_owned()));
    }
    let first = check(trigger).into_iter().next()?;
    Some((first.span, first.message, first.help.unwrap_or_default()))
}
