//! Any bytes are a Dockerfile: parsing never fails and loses nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rplan::syntax::{self, Pass};
use rplan::text::SourceFile;

fuzz_target!(|bytes: &[u8]| {
    let source = SourceFile::new("Dockerfile", bytes);
    let parsed = syntax::parse(&source);
    assert!(syntax::print(&parsed.tree) == bytes);
    let mut at = 0;
    for item in &parsed.tree.items {
        assert!(item.span.start == at && item.span.end > at);
        at = item.span.end;
    }
    assert_eq!(at, source.len());
    assert!(parsed.errors.is_sorted_by_key(|error| error.span));
    for error in &parsed.errors {
        assert!(source.span().encloses(error.span));
    }
    let refused = parsed.errors.iter().any(|error| error.pass == Pass::Lines);
    assert_eq!(syntax::notation(&parsed).is_err(), refused);
});
