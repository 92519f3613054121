//! What words stand for: quotes, escapes, and every form of substitution.

use std::borrow::Cow;

use rplan::model::expand::{Binding, Dialect, expand, expand_to_words};
use rplan::model::{Unknown, Value};

fn lookup(name: &str) -> Binding<'static> {
    match name {
        "FULL" => Binding::Set(Cow::Borrowed("full")),
        "EMPTY" => Binding::Set(Cow::Borrowed("")),
        "PATHS" => Binding::Set(Cow::Borrowed("/usr/local/lib")),
        "LIST" => Binding::Set(Cow::Borrowed("80 443/tcp")),
        "STAR" => Binding::Set(Cow::Borrowed("a*b?c\\d")),
        "MYSTERY" => Binding::Unknown(Unknown::BaseImage { variable: name.to_owned() }),
        _ => Binding::Unset,
    }
}

/// The value, or the error after `!`.
fn expanded(word: &str, dialect: Dialect) -> String {
    match expand(word, dialect, &lookup).result {
        Ok(Value::Known(text)) => text,
        Ok(Value::Unknown(reason)) => format!("?{reason}"),
        Err(error) => format!("!{error}"),
    }
}

#[track_caller]
fn check(rows: &[(&str, &str)]) {
    for (word, expected) in rows {
        assert_eq!(expanded(word, Dialect::words('\\')), *expected, "{word}");
    }
}

#[test]
fn quotes_disappear_and_protect() {
    check(&[
        ("plain", "plain"),
        ("'single $FULL \\'", "single $FULL \\"),
        ("\"double $FULL\"", "double full"),
        ("a'b'\"c\"d", "abcd"),
        ("\"it's\"", "it's"),
        ("'say \"x\"'", "say \"x\""),
        ("", ""),
        ("''", ""),
        ("'open", "!unexpected end of statement while looking for matching single-quote"),
        ("\"open", "!unexpected end of statement while looking for matching double-quote"),
    ]);
}

#[test]
fn an_escape_removes_itself() {
    check(&[
        ("\\$FULL", "$FULL"),
        ("a\\bc", "abc"),
        ("\\\\", "\\"),
        ("end\\", "end"),
        ("\"\\$FULL \\\" \\\\ \\n\"", "$FULL \" \\ \\n"),
        ("\"end\\", "!unexpected end of statement while looking for matching double-quote"),
    ]);
    assert_eq!(expanded("`$FULL \\$FULL ``", Dialect::words('`')), "$FULL \\full `");
}

#[test]
fn names_are_letters_digits_and_underscores() {
    check(&[
        ("$FULL", "full"),
        ("${FULL}", "full"),
        ("$FULL.x", "full.x"),
        ("$FULLx", ""),
        ("${FULL}x", "fullx"),
        ("$NOPE", ""),
        ("$.", "$."),
        ("$", "$"),
        ("a$ b", "a$ b"),
        ("$1x", "x"),
        ("$12", ""),
        ("$@$*$#$?$-$$$!$0", ""),
        ("$é_1", ""),
        ("${*}", ""),
    ]);
}

#[test]
fn unset_and_empty_are_told_apart_by_the_colon() {
    check(&[
        ("${NOPE:-word}", "word"),
        ("${NOPE-word}", "word"),
        ("${EMPTY:-word}", "word"),
        ("${EMPTY-word}", ""),
        ("${FULL:-word}", "full"),
        ("${NOPE:+word}", ""),
        ("${EMPTY:+word}", ""),
        ("${EMPTY+word}", "word"),
        ("${FULL:+word}", "word"),
        ("${FULL:?word}", "full"),
        ("${EMPTY?word}", ""),
        ("${NOPE:?must be set}", "!NOPE: must be set"),
        ("${NOPE?}", "!NOPE: is not allowed to be unset"),
        ("${EMPTY:?}", "!EMPTY: is not allowed to be empty"),
    ]);
}

#[test]
fn words_nest() {
    check(&[
        ("${NOPE:-${ALSO:-$FULL}}", "full"),
        ("${NOPE:-\"a } b\"}", "a } b"),
        ("${NOPE:-'$FULL'}", "$FULL"),
        ("${NOPE:-a\\}b}", "a}b"),
        ("${FULL:-${NOPE:?inner}}", "!NOPE: inner"),
        ("\"${NOPE:-\"x\"}\"", "x"),
    ]);
    let deep = format!("{}x{}", "${A:-".repeat(10_000), "}".repeat(10_000));
    assert_eq!(expanded(&deep, Dialect::words('\\')), "!substitutions are nested too deeply");
}

#[test]
fn patterns_trim() {
    check(&[
        ("${PATHS#*/}", "usr/local/lib"),
        ("${PATHS##*/}", "lib"),
        ("${PATHS%/*}", "/usr/local"),
        ("${PATHS%%/*}", ""),
        ("${PATHS%%/l*}", "/usr"),
        ("${PATHS#x}", "/usr/local/lib"),
        ("${PATHS#?}", "usr/local/lib"),
        ("${NOPE#x}", ""),
        ("${STAR#a\\*}", "b?c\\d"),
        ("${STAR%\\\\d}", "a*b?c"),
        ("${PATHS#\\/usr}", "/local/lib"),
        ("${FULL#[a-z]}", "full"),
        ("${FULL#\\f}", "!invalid pattern (\\f) in substitution: invalid escape '\\f'"),
    ]);
}

#[test]
fn patterns_replace() {
    check(&[
        ("${PATHS/l/L}", "/usr/Local/lib"),
        ("${PATHS//l/L}", "/usr/LocaL/Lib"),
        ("${PATHS/\\//:}", ":usr/local/lib"),
        ("${PATHS//\\//:}", ":usr:local:lib"),
        ("${PATHS/\\/*\\//-}", "-lib"),
        ("${PATHS/u?r/x}", "/x/local/lib"),
        ("${FULL/x/y}", "full"),
        ("${NOPE/x/y}", ""),
        ("${FULL//l/}", "fu"),
        ("${FULL//l/$EMPTY.}", "fu.."),
        ("${FULL/l}", "!syntax error: missing '/' in ${}"),
        ("${FULL/l/", "!syntax error: missing '}'"),
    ]);
}

#[test]
fn what_is_no_substitution_is_an_error() {
    check(&[
        ("${}", "!syntax error: bad substitution"),
        ("${:x}", "!syntax error: bad substitution"),
        ("${{x}", "!syntax error: bad substitution"),
        ("${", "!syntax error: missing '}'"),
        ("${FULL", "!syntax error: missing '}'"),
        ("${FULL:-x", "!syntax error: missing '}'"),
        ("${FULL:=x}", "!unsupported modifier (:=) in substitution"),
        ("${FULL=x}", "!unsupported modifier (=) in substitution"),
        ("${FULL:#x}", "!unsupported modifier (:#) in substitution"),
        ("${FULL:%x}", "!unsupported modifier (:%) in substitution"),
        ("${FULL^}", "!unsupported modifier (^) in substitution"),
    ]);
}

#[test]
fn an_unknown_variable_makes_the_word_unknown() {
    check(&[
        ("a$MYSTERY", "?`MYSTERY` may come from the base image"),
        ("${MYSTERY:-x}", "?`MYSTERY` may come from the base image"),
        ("${NOPE:+$MYSTERY}", ""),
        ("${FULL#$MYSTERY}", "?`MYSTERY` may come from the base image"),
        ("$MYSTERY${NOPE?}", "!NOPE: is not allowed to be unset"),
    ]);
}

#[test]
fn heredoc_bodies_keep_quotes_and_lose_every_backslash() {
    for (body, expected) in [
        ("a '$FULL' \"$FULL\"\n", "a 'full' \"full\"\n"),
        ("\\$FULL \\\\ \\n\n\\\nx", "$FULL \\ n\n\nx"),
        ("it's\n", "it's\n"),
    ] {
        assert_eq!(expanded(body, Dialect::heredoc()), expected, "{body:?}");
    }
}

#[test]
fn words_split_after_expansion_except_where_quoted() {
    for (word, expected) in [
        ("$LIST", vec!["80", "443/tcp"]),
        ("\"$LIST\"", vec!["80 443/tcp"]),
        ("a$LIST.b", vec!["a80", "443/tcp.b"]),
        ("  a   b ", vec!["a", "b"]),
        ("a\\ b", vec!["a b"]),
        ("'' \"\"", vec![]),
        ("$EMPTY", vec![]),
    ] {
        let expansion = expand_to_words(word, Dialect::words('\\'), &lookup);
        assert_eq!(expansion.result, Ok(Ok(expected.into_iter().map(str::to_owned).collect())), "{word}");
    }
}

#[test]
fn errors_and_uses_have_their_places() {
    let word = "a${FULL}b$NOPE${X:?no}";
    let expansion = expand(word, Dialect::words('\\'), &lookup);
    let uses: Vec<&str> = expansion.uses.iter().map(|one| &word[one.range.clone()]).collect();
    assert_eq!(uses, ["${FULL}", "$NOPE", "${X:?no}"]);
    assert_eq!(&word[expansion.result.expect_err("X is unset").range], "${X:?no}");
}
