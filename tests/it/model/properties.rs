//! Properties of any text: nothing panics, places lie in the file, equal meanings are equal.

use std::borrow::Cow;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use rplan::model::expand::{Binding, Dialect, expand};
use rplan::model::ignore::IgnoreFile;
use rplan::model::shell::{Interpreter, ShellBody, parse};
use rplan::model::{self, Surroundings, Value};
use rplan::syntax::{self, JoinedText};
use rplan::text::{SourceFile, Span};

use super::options;

fn pieces(pieces: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    vec(select(pieces), 0..most).prop_map(|pieces| pieces.concat())
}

const LINES: &[&str] = &[
    "FROM alpine AS a\n",
    "FROM a\n",
    "FROM $X AS b\n",
    "from scratch\n",
    "ARG X=1\n",
    "ARG X\n",
    "ENV A=$X B=${A:-c}\n",
    "ENV A b\n",
    "COPY --from=a x y\n",
    "COPY --from=1 x y\n",
    "COPY --from=b [\"a b\", \"\\u0041\"]\n",
    "COPY <<E /x\n$A\nE\n",
    "RUN --mount=type=cache,target=$A x && y \\\n  # c\n  z\n",
    "RUN <<-E\n\tfoo\n\tE\n",
    "ONBUILD RUN $X\n",
    "ONBUILD COPY --from=b x y\n",
    "EXPOSE $A 80-81/udp\n",
    "LABEL \"a b\"='$A' c=${A#*b}\n",
    "HEALTHCHECK --interval=1s CMD x\n",
    "SHELL [\"bash\", \"-c\"]\n",
    "WORKDIR $A/x\n",
    "VOLUME [\"/a\"]\n",
    "STOPSIGNAL $A\n",
    "USER \\\n\n  é$A\n",
    "# comment\n",
    "\n",
    "FORM x\n",
    "CMD [\"a\"\n",
    "ADD https://x/$A /\n",
    "# escape=`\n",
];

const WORD: &[&str] = &[
    "$A", "${A", "}", ":-", ":+", "?", "#", "%", "/", "'", "\"", "\\", "`", " ", "x", "é", "*", "$", "{", "${B:-",
    "${A//", "<<", "\n",
];

const SHELL: &[&str] = &[
    "a",
    " ",
    "b ",
    "'",
    "\"",
    "$(",
    ")",
    "(",
    "{ ",
    "; }",
    "&&",
    "||",
    "|",
    ";",
    "\n",
    "\\\n",
    "<<E\n",
    "E\n",
    " > f",
    "2>&1",
    "if ",
    "then ",
    "fi",
    "for x in ",
    "do ",
    "done",
    "$x",
    "`",
    "é",
    "#",
    "A=1 ",
    "<<",
    "<(",
    "[[ ",
    " ]]",
    "((",
    "))",
];

const GLOB: &[&str] = &["a", "b", "*", "**", "?", "/", "[ab]", "[^a]", "\\*", ".", "!", "ab"];

/// Every place that an instruction of the model points to.
fn spans(resolved: &model::Resolved) -> Vec<Span> {
    let mut spans = Vec::new();
    for instruction in resolved.model.instructions() {
        spans.extend([instruction.span, instruction.keyword_span]);
        instruction.operation.for_each_word(&mut |word| spans.push(word.span()));
        if let model::Operation::Run(run) = &instruction.operation {
            let commands = run.command.body().map_or(&[][..], |body| body.commands());
            spans.extend(commands.iter().flat_map(|one| one.words.iter().map(|word| word.span)));
        }
    }
    spans.extend(resolved.uses().iter().map(|one| one.span));
    for problem in resolved.all_problems() {
        spans.push(problem.span);
        spans.extend(problem.related.iter().map(|one| one.span));
    }
    spans
}

/// Go's path matching with `**`, by trying everything: slow and plain.
fn naive(pattern: &[char], name: &[char]) -> bool {
    match pattern {
        [] => name.is_empty(),
        ['*', '*'] => true,
        ['*', '*', rest @ ..] => {
            let rest = rest.strip_prefix(&['/']).unwrap_or(rest);
            // Nothing, or anything that ends with a slash.
            naive_or_end(rest, name) || (0..name.len()).any(|at| name[at] == '/' && naive_or_end(rest, &name[at + 1..]))
        }
        ['*', rest @ ..] => {
            (0..=name.len()).take_while(|at| *at == 0 || name[at - 1] != '/').any(|at| naive(rest, &name[at..]))
        }
        ['?', rest @ ..] => name.split_first().is_some_and(|(first, name)| *first != '/' && naive(rest, name)),
        ['[', 'a', 'b', ']', rest @ ..] => {
            name.split_first().is_some_and(|(first, name)| matches!(first, 'a' | 'b') && naive(rest, name))
        }
        ['[', '^', 'a', ']', rest @ ..] => {
            name.split_first().is_some_and(|(first, name)| *first != 'a' && naive(rest, name))
        }
        ['\\', char, rest @ ..] | [char, rest @ ..] => {
            name.split_first().is_some_and(|(first, name)| first == char && naive(rest, name))
        }
    }
}

/// A `**` with only a slash behind it is one at the end.
fn naive_or_end(rest: &[char], name: &[char]) -> bool {
    rest.is_empty() || naive(rest, name)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_file_has_a_model_whose_places_lie_in_it(text in pieces(LINES, 24)) {
        let source = SourceFile::new("Dockerfile", text);
        let parsed = syntax::parse(&source);
        let resolved = model::resolve(model::analyze(parsed.tree), &options(), &Surroundings::default());
        for span in spans(&resolved) {
            prop_assert!(span.start <= span.end && source.text().get(span.range()).is_some(), "{span:?}");
        }
        let same = model::diff(&resolved, &resolved);
        prop_assert_eq!(same, []);
        let graph = resolved.model.graph.as_petgraph();
        prop_assert!(petgraph::algo::toposort(graph, None).is_ok(), "the graph has a loop");
    }

    #[test]
    fn expansion_ends_and_says_something(word in pieces(WORD, 24), escape in select(&['\\', '`'][..])) {
        let lookup = |name: &str| match name {
            "A" => Binding::Set(Cow::Borrowed("a/b*c")),
            _ => Binding::Unset,
        };
        let expansion = expand(&word, Dialect::words(escape), &lookup);
        for range in expansion.uses.iter().map(|one| &one.range).chain(expansion.result.as_ref().err().map(|e| &e.range)) {
            prop_assert!(word.get(range.clone()).is_some());
        }
    }

    #[test]
    fn a_quoted_text_expands_to_itself(text in "\\PC*") {
        let unset = |_: &str| Binding::Unset;
        let single = format!("'{}'", text.replace('\'', "'\"'\"'"));
        prop_assert_eq!(expand(&single, Dialect::words('\\'), &unset).result, Ok(Value::Known(text.clone())));
        let escaped: String = text.chars().flat_map(|char| ['\\', char]).collect();
        prop_assert_eq!(expand(&escaped, Dialect::words('\\'), &unset).result, Ok(Value::Known(text)));
    }

    #[test]
    fn shell_words_stand_where_they_say(text in pieces(SHELL, 30)) {
        if let ShellBody::Script(script) = parse(&JoinedText::contiguous(text.clone(), 0), &Interpreter::Posix) {
            for command in &script.commands {
                for word in &command.words {
                    prop_assert_eq!(&text[word.span.range()], word.raw.as_str());
                    prop_assert!(!word.raw.starts_with(char::is_whitespace));
                    prop_assert!(command.span.encloses(word.span));
                }
            }
        }
    }

    #[test]
    fn ignore_patterns_match_as_a_plain_reading_does(pattern in pieces(GLOB, 6), path in "[ab/*]{1,6}") {
        let path = model::path::inside(&path);
        let Ok(file) = IgnoreFile::from_patterns([pattern.as_str()]) else { return Ok(()) };
        let Some(cleaned) = file.patterns().first().filter(|one| !one.negated) else { return Ok(()) };
        // A leading `**` before plain text has a meaning of its own.
        if path.is_empty() || cleaned.text.starts_with("**") {
            return Ok(());
        }
        let chars: Vec<char> = cleaned.text.chars().collect();
        let lineage = path.match_indices('/').map(|(at, _)| &path[..at]).chain([path.as_str()]);
        let mut lineage = lineage.map(|part| part.chars().collect::<Vec<char>>());
        let expected = lineage.any(|part| naive(&chars, &part));
        prop_assert_eq!(file.excludes(&path), expected, "{} against {}", cleaned.text, path);
    }

    #[test]
    fn a_walk_and_a_question_agree(patterns in vec(pieces(GLOB, 4), 1..5), path in "[ab/]{1,8}") {
        let path = model::path::inside(&path);
        let Ok(file) = IgnoreFile::from_patterns(patterns.iter().map(String::as_str)) else { return Ok(()) };
        if path.is_empty() {
            return Ok(());
        }
        let mut verdicts = file.at_root();
        let mut may_enter = true;
        for end in path.match_indices('/').map(|(at, _)| at).chain([path.len()]) {
            verdicts = file.below(&verdicts, &path[..end]);
            prop_assert_eq!(verdicts.is_excluded(), file.excludes(&path[..end]));
            prop_assert!(may_enter || verdicts.is_excluded(), "{} was to be skipped", &path[..end]);
            may_enter &= file.may_include_below(&path[..end]);
        }
    }
}
