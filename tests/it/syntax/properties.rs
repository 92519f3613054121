//! What holds for every input: nothing panics, nothing is lost, every place lies where it should.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rplan::syntax::{self, Arguments, Flag, Instruction, ItemKind, JoinedText, Parsed, Probe};
use rplan::text::{SourceFile, Span};

use crate::support::dockerfiles::hostile;
use crate::syntax::outline::outline;

fn fixed(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(4), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(fixed(1000))]

    #[test]
    fn hostile_dockerfiles_keep_every_promise(bytes in hostile()) {
        keeps_its_promises(&bytes);
    }
}

proptest! {
    #![proptest_config(fixed(300))]

    #[test]
    fn any_bytes_keep_every_promise(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        keeps_its_promises(&bytes);
    }

    #[test]
    fn parsing_again_gives_the_same(bytes in hostile()) {
        let parse = |bytes: &[u8]| outline(&syntax::parse(&SourceFile::new("f", bytes)));
        prop_assert_eq!(parse(&bytes), parse(&bytes));
    }
}

fn keeps_its_promises(bytes: &[u8]) {
    let parsed = syntax::parse(&SourceFile::new("f", bytes));
    assert!(syntax::print(&parsed.tree) == bytes, "printing gives the source back");
    items_tile_the_file(&parsed);
    errors_are_in_order(&parsed);
    for item in &parsed.tree.items {
        match &item.kind {
            ItemKind::Instruction(instruction) => spans_lie_within(item.span, instruction, &parsed),
            ItemKind::Unknown(unknown) => {
                lies_within(item.span, unknown.word.span);
                let explained = parsed.errors.iter().any(|error| touches(item.span, error.span));
                assert!(explained, "an unknown item without an error");
                unknown.instruction.iter().for_each(|instruction| spans_lie_within(item.span, instruction, &parsed));
            }
            ItemKind::Comment(comment) => lies_within(item.span, comment.span),
            ItemKind::Directive(directive) => lies_within(item.span, directive.value.span),
            ItemKind::Blank | ItemKind::ByteOrderMark => {}
        }
    }
    let lines_error = parsed.errors.iter().any(|error| error.pass == syntax::Pass::Lines);
    assert_eq!(syntax::notation(&parsed).is_err(), lines_error);
    // Writing a tree out looks up every place in it.
    outline(&parsed);
}

fn items_tile_the_file(parsed: &Parsed) {
    let mut at = 0;
    for item in &parsed.tree.items {
        assert_eq!(item.span.start, at, "items follow each other without gaps");
        assert!(!item.span.is_empty(), "no item is empty");
        at = item.span.end;
    }
    assert_eq!(at, parsed.tree.source.len(), "items reach the end");
}

fn errors_are_in_order(parsed: &Parsed) {
    assert!(parsed.errors.is_sorted_by_key(|error| error.span));
    for error in &parsed.errors {
        assert!(parsed.tree.source.span().encloses(error.span), "an error lies in the file");
        assert!(!error.message.is_empty() && error.help.is_some(), "an error says what to do");
    }
}

fn touches(item: Span, error: Span) -> bool {
    item.start <= error.start && error.start <= item.end
}

fn lies_within(outer: Span, inner: Span) {
    assert!(outer.encloses(inner), "{inner:?} lies within {outer:?}");
}

fn spans_lie_within(outer: Span, instruction: &Instruction, parsed: &Parsed) {
    lies_within(outer, instruction.span);
    lies_within(instruction.span, instruction.keyword_span);
    let word = |word: &JoinedText| {
        lies_within(outer, word.span());
        let source = &parsed.tree.source;
        for (offset, c) in word.as_str().char_indices() {
            let at = word.source_offset(offset);
            assert!(source.text()[at..].starts_with(c), "every character stands where it is said to");
        }
    };
    word(&instruction.rest);
    instruction.flags.iter().for_each(|flag| flag_lies_within(instruction.span, flag));
    instruction.interior.iter().for_each(|&line| lies_within(outer, line));
    for heredoc in &instruction.heredocs {
        let parts = [heredoc.span, heredoc.body, heredoc.terminator];
        parts.into_iter().for_each(|part| lies_within(outer, part));
        assert_eq!(heredoc.body.end, heredoc.terminator.start);
    }
    match &instruction.arguments {
        Arguments::None => {}
        Arguments::Text(text) => word(text),
        Arguments::Words(words) => words.iter().for_each(word),
        Arguments::Json(strings) => strings.iter().for_each(|string| lies_within(outer, string.span)),
        Arguments::Pairs { pairs, .. } => pairs.iter().for_each(|pair| {
            word(&pair.key);
            word(&pair.value);
        }),
        Arguments::Probe(Probe::None(span) | Probe::Command { keyword_span: span, .. }) => lies_within(outer, *span),
        Arguments::Trigger(trigger) => spans_lie_within(outer, trigger, parsed),
    }
}

fn flag_lies_within(outer: Span, flag: &Flag) {
    lies_within(outer, flag.span);
    lies_within(flag.span, flag.name.span);
    flag.value.iter().for_each(|value| lies_within(flag.span, value.span()));
}
