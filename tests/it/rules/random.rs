//! Fixes of files that nobody wrote: whatever stands in them, a fix is right, and mending comes to an end.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

use rplan::diagnostic::Safety;
use rplan::lint::{self, Selection};
use rplan::model::{Surroundings, diff};
use rplan::rules::Catalogue;
use rplan::text::SourceFile;

use super::{options, resolved};

/// Pieces of words that have made trouble somewhere: quotes, escapes, variables, brackets, other alphabets.
const PIECES: &[&str] = &[
    "a",
    "b",
    "Key",
    "80",
    "/",
    ":",
    "=",
    "-",
    ".",
    ",",
    "$A",
    "${B}",
    "${A:-c}",
    "$",
    "\"",
    "'",
    "\\",
    "\\\\",
    "\\\"",
    "\\ ",
    "`",
    "#",
    "[",
    "]",
    "{",
    "}",
    "é",
    "\u{1F980}",
    "*",
    "&&",
    "|",
    ";",
    ">",
    "<",
    "(",
    ")",
    "TCP",
    "https://u:p@h",
];

/// What lines begin with.
const HEADS: &[&str] = &[
    "FROM ",
    "from ",
    "FROM a as ",
    "FROM a AS ",
    "FROM --platform=$TARGETPLATFORM ",
    "ARG A=",
    "ARG ",
    "ENV ",
    "env ",
    "ENV A=1 ",
    "LABEL ",
    "LABEL a=",
    "MAINTAINER ",
    "EXPOSE ",
    "EXPOSE 53/",
    "WORKDIR ",
    "USER ",
    "COPY ",
    "COPY --from=0 ",
    "COPY --from=a ",
    "ADD ",
    "ADD --chown=a ",
    "CMD ",
    "CMD [",
    "ENTRYPOINT ",
    "ENTRYPOINT [\"",
    "RUN ",
    "RUN apt-get install ",
    "RUN apt ",
    "RUN apt-get -q install -y ",
    "RUN cd ",
    "RUN sudo ",
    "RUN curl x | ",
    "HEALTHCHECK CMD ",
    "SHELL [\"",
    "VOLUME ",
    "STOPSIGNAL ",
    "ONBUILD RUN ",
    "ONBUILD ADD ",
    "# ",
    "# rplan ignore=",
    "# syntax=",
    "# escape=",
    "",
];

fn word() -> impl Strategy<Value = String> {
    prop::collection::vec(select(PIECES), 1..4).prop_map(|pieces| pieces.concat())
}

fn line() -> impl Strategy<Value = String> {
    let gap = select(vec![" ", " ", " ", "\t", "  ", " \\\n", " \\\n\n", " \\  \n # note\n", "`\n"]);
    let words = prop::collection::vec((word(), gap), 0..4);
    let ends = select(vec!["", "", "", " .", "\"]", "']", " b/"]);
    (select(HEADS), words, ends).prop_map(|(head, words, end)| {
        let words: String = words.into_iter().map(|(word, gap)| word + gap).collect();
        format!("{head}{}{end}", words.trim_end_matches(' '))
    })
}

fn file() -> impl Strategy<Value = String> {
    let end = select(vec!["\n", "\n", "\r\n"]);
    (prop::collection::vec(line(), 1..10), end, any::<bool>()).prop_map(|(lines, end, from)| {
        let text = lines.join("\n") + "\n";
        let text = if from { format!("FROM a AS b\n{text}") } else { text };
        text.replace('\n', end)
    })
}

fn all() -> Selection {
    Selection { select: vec!["all".to_owned()], ..Selection::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40000, rng_seed: RngSeed::Fixed(99), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fixes_are_right_whatever_they_meet(text in file(), may_be_unsafe in any::<bool>()) {
        let around = Surroundings::default();
        let catalogue = Catalogue::builtin();
        let allowed = if may_be_unsafe { Safety::Unsafe } else { Safety::Safe };
        let fix = |bytes: &[u8]| {
            lint::fix(&SourceFile::new("Dockerfile", bytes), &options(), &around, &catalogue, &all(), allowed)
        };
        let fixed = fix(text.as_bytes());
        prop_assert!(fixed.defects.is_empty(), "{text}\n{:?}", fixed.defects);
        let mended = String::from_utf8(fixed.bytes.clone()).unwrap();
        let (before, errors) = resolved(&text, &around);
        let (after, left) = resolved(&mended, &around);
        prop_assert!(left.len() <= errors.len(), "{text}\nbecomes\n{mended}\n{left:?}");
        // Fixes are proved by rule; together they must not do more than each of them may.
        let declared: BTreeSet<&str> = fixed
            .applied
            .iter()
            .flat_map(|applied| &catalogue.by_id(applied.rule.as_str()).unwrap().meta.fix.changes[..])
            .map(AsRef::as_ref)
            .collect();
        if errors.is_empty() {
            for name in diff(&before, &after).iter().flat_map(|change| change.names()) {
                prop_assert!(declared.contains(name.as_str()), "{text}\nbecomes\n{mended}\n{name}\n{:?}", fixed.applied);
            }
        }
        prop_assert_eq!(&fix(&fixed.bytes).bytes, &fixed.bytes, "{}", mended);
    }

    #[test]
    fn findings_stand_in_the_file_and_come_in_order(text in file()) {
        let found = super::findings(&text, &Surroundings::default(), &all());
        for finding in &found {
            for label in std::iter::once(&finding.primary).chain(&finding.related) {
                prop_assert!(text.get(label.span.range()).is_some(), "{text}\n{finding:?}");
            }
        }
        prop_assert!(found.is_sorted_by(|a, b| a.order() <= b.order()), "{text}");
        prop_assert_eq!(found, super::findings(&text, &Surroundings::default(), &all()));
    }
}
