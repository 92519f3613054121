//! Any text is a word: expanding it gives a value or an error with its place.

#![no_main]

use std::borrow::Cow;

use libfuzzer_sys::fuzz_target;
use rplan::model::Unknown;
use rplan::model::expand::{Binding, Dialect, expand, expand_to_words};

fuzz_target!(|input: (bool, bool, &str, &str)| {
    let (backtick, quotes, word, value) = input;
    let dialect = Dialect { escape: if backtick { '`' } else { '\\' }, quotes };
    let lookup = |name: &str| match name.len() % 3 {
        0 => Binding::Unset,
        1 => Binding::Set(Cow::Borrowed(value)),
        _ => Binding::Unknown(Unknown::Variable { variable: name.to_owned() }),
    };
    let expansion = expand(word, dialect, &lookup);
    for found in &expansion.uses {
        assert!(word.get(found.range.clone()).is_some_and(|text| text.starts_with('$')));
    }
    if let Err(error) = &expansion.result {
        assert!(word.get(error.range.clone()).is_some());
    }
    assert_eq!(expand_to_words(word, dialect, &lookup).result.is_ok(), expansion.result.is_ok());
});
