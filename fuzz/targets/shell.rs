//! Any text is a shell body: a script, or an honest "opaque".

#![no_main]

use libfuzzer_sys::fuzz_target;
use rplan::model::shell::{Interpreter, parse};
use rplan::syntax::JoinedText;

fuzz_target!(|text: &str| {
    let body = parse(&JoinedText::contiguous(text, 0), &Interpreter::Posix);
    for command in body.commands() {
        for argument in command.arguments() {
            assert!(text.get(argument.span.range()).is_some());
        }
    }
});
