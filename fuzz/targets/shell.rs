//! Any text is a shell body: a script, or an honest "opaque".

#![no_main]

use std::panic;

use libfuzzer_sys::fuzz_target;
use rplan::model::shell::{Interpreter, is_parsing, parse};
use rplan::syntax::JoinedText;

/// What the shell parser's crate panics on is opaque; every other panic ends the run.
fn pardon_the_parser() {
    let end = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !is_parsing() {
            end(panic);
        }
    }));
}

fuzz_target!(init: pardon_the_parser(), |text: &str| {
    let body = parse(&JoinedText::contiguous(text, 0), &Interpreter::Posix);
    for command in body.commands() {
        for argument in command.arguments() {
            assert!(text.get(argument.span.range()).is_some());
        }
    }
});
