//! A user name and password written out in an address. Values that come from variables are for `secret-in-arg-or-env`.

use std::sync::LazyLock;

use regex::Regex;

use super::{Check, Cx, Out};
use crate::model::Instruction;
use crate::text::Span;

pub(super) struct CredentialsInUrl;

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z][A-Za-z0-9+.-]*://([^\s/:@$'{}<>\x22]+:[^\s/@$'{}<>\x22]+)@[A-Za-z0-9]")
        .expect("the pattern of addresses is valid")
});

impl Check for CredentialsInUrl {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let text = cx.text(instruction.span);
        // Most instructions have no address, and compiling the pattern costs more than all of them.
        if !text.contains("://") || !text.contains('@') {
            return;
        }
        for found in ADDRESS.captures_iter(text).filter_map(|captures| captures.get(1)) {
            let start = instruction.span.start;
            out.find(Span::new(start + found.start(), start + found.end()), "the image keeps this password")
                .label("readable by everybody who has the image")
                .hide()
                .help("give it to the step alone, RUN --mount=type=secret, and change the password: it is known now");
        }
    }
}
