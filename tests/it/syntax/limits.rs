//! Where the language ends: lengths, depths, and what comes of it.

use rplan::syntax::{self, Arguments, ItemKind, Parsed};
use rplan::text::SourceFile;

fn parse(text: &str) -> Parsed {
    syntax::parse(&SourceFile::new("Dockerfile", text))
}

fn messages(text: &str) -> Vec<String> {
    parse(text).errors.into_iter().map(|error| error.message).collect()
}

#[test]
fn a_line_has_at_most_65_535_bytes() {
    let run = |length: usize, end: &str| messages(&format!("RUN {}{end}", "x".repeat(length - 4)));
    for end in ["", "\n"] {
        assert!(run(65_535, end).is_empty(), "{end:?}");
        assert_eq!(run(65_536, end), ["the line has 65536 bytes; builders accept 65535"], "{end:?}");
    }
    // The carriage return counts, the newline does not.
    assert!(run(65_534, "\r\n").is_empty());
    assert_eq!(run(65_535, "\r\n"), ["the line has 65536 bytes; builders accept 65535"]);
}

#[test]
fn the_limit_holds_in_bodies_of_heredocs_and_for_each_line_alone() {
    let long = "x".repeat(65_536);
    assert_eq!(messages(&format!("RUN <<E\n{long}\nE\n")), ["the line has 65536 bytes; builders accept 65535"]);
    assert_eq!(messages(&format!("# {long}\nRUN x")), ["the line has 65538 bytes; builders accept 65535"]);
    let continued = format!("RUN {}", "x\\\n".repeat(40_000));
    assert!(messages(&continued).is_empty());
}

#[test]
fn chains_of_onbuild_do_not_exhaust_the_stack() {
    let chain = |length: usize| parse(&format!("{}RUN x", "ONBUILD \\\n".repeat(length)));
    assert_eq!(syntax::notation(&chain(3)), Ok("(onbuild (onbuild (onbuild (run \"x\"))))\n".to_owned()));
    let endless = chain(100_000);
    assert_eq!(endless.errors.len(), 1);
    assert_eq!(endless.errors[0].message, "ONBUILD cannot store ONBUILD");
}

#[test]
fn nesting_does_not_exhaust_the_stack() {
    assert!(messages(&format!("RUN {}", "[".repeat(1_000_000).replace("[[[[", "[\\\n[[["))).is_empty());
    assert!(messages(&format!("RUN <<E {}\nE\n", "${x:-".repeat(10_000))).len() == 1);
    assert_eq!(messages(&format!("CMD [{}{}]", "[".repeat(9_000), "]".repeat(9_000))), ["a list holds strings only"]);
}

#[test]
fn a_word_as_long_as_a_file_is_cut_in_messages() {
    let word = "é".repeat(100_000);
    for text in [word.clone(), format!("COPY --{word} a b"), format!("ENV a=b {word}"), format!("RUN <<{word}")] {
        let parsed = parse(&text);
        assert!(!parsed.errors.is_empty());
        for error in &parsed.errors {
            let help = error.help.as_deref().unwrap_or_default();
            assert!(error.message.len() + help.len() < 500, "{}", error.message.len());
        }
    }
}

#[test]
fn ten_thousand_stages_are_ten_thousand_items() {
    let text: String = (0..10_000).map(|n| format!("FROM base AS s{n}\nRUN echo {n}\n")).collect();
    let parsed = parse(&text);
    assert!(parsed.errors.is_empty());
    assert_eq!(parsed.tree.items.len(), 20_000);
    assert!(matches!(&parsed.tree.items[19_999].kind, ItemKind::Instruction(run)
        if matches!(&run.arguments, Arguments::Text(text) if text.as_str() == "echo 9999")));
}
