//! Any bytes can be linted and repaired: findings lie in the file, no fix is wrong, and a second run changes nothing.

#![no_main]

use std::panic;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use rplan::diagnostic::Safety;
use rplan::lint::{self, Fixed, Selection};
use rplan::model::shell::is_parsing;
use rplan::model::{self, ResolveOptions, Surroundings};
use rplan::rules::Catalogue;
use rplan::syntax;
use rplan::text::SourceFile;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::builtin);

/// What the shell parser's crate panics on is opaque; every other panic ends the run.
fn pardon_the_parser() {
    let end = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !is_parsing() {
            end(panic);
        }
    }));
}

/// Every rule there is.
fn everything() -> Selection {
    Selection { select: vec!["all".to_owned()], fixes: true, ..Selection::default() }
}

fn options() -> ResolveOptions {
    ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() }
}

fn fix(source: &SourceFile, allowed: Safety) -> Fixed {
    lint::fix(source, &options(), &Surroundings::default(), &CATALOGUE, &everything(), allowed)
}

fuzz_target!(init: pardon_the_parser(), |bytes: &[u8]| {
    let source = SourceFile::new("Dockerfile", bytes);
    let around = Surroundings::default();
    let parsed = syntax::parse(&source);
    let resolved = model::resolve(model::analyze(parsed.tree), &options(), &around);
    let report = lint::lint(&resolved, &parsed.errors, &around, &CATALOGUE, &everything(), Vec::new());
    for finding in &report.findings {
        assert!(source.span().encloses(finding.primary.span), "{finding:?}");
    }
    // Most of the time goes into repairing: an input is repaired one way, and its neighbours are the other way.
    let allowed = if bytes.len() % 2 == 0 { Safety::Safe } else { Safety::Unsafe };
    let once = fix(&source, allowed);
    assert!(once.defects.is_empty(), "{:?}", once.defects);
    // What was left as it is would only be done again.
    if once.bytes != bytes {
        let twice = fix(&SourceFile::new("Dockerfile", once.bytes.clone()), allowed);
        assert!(twice.bytes == once.bytes, "a second repair changes the file");
    }
});
