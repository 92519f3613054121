//! Redirections. The parser gives their operators no place: each is looked for behind what was read last.

use brush_parser::ast::{self, IoFileRedirectKind, IoFileRedirectTarget, IoRedirect};

use super::{Place, Walk};
use crate::model::shell::{Redirect, ShellWord, literal};

impl Walk<'_> {
    pub(super) fn compound_redirects(&mut self, redirects: Option<&ast::RedirectList>, place: Place) {
        for redirect in redirects.iter().flat_map(|redirects| &redirects.0) {
            let redirect = self.redirect(redirect, place);
            self.script.compound_redirects.extend(redirect);
        }
    }

    pub(super) fn redirect(&mut self, redirect: &IoRedirect, place: Place) -> Option<Redirect> {
        let (fd, operator, target) = match redirect {
            IoRedirect::File(fd, kind, target) => (fd.as_ref(), operator(kind), Some(target)),
            IoRedirect::HereDocument(fd, document) if document.remove_tabs => (fd.as_ref(), "<<-", None),
            IoRedirect::HereDocument(fd, _) => (fd.as_ref(), "<<", None),
            IoRedirect::HereString(fd, _) => (fd.as_ref(), "<<<", None),
            IoRedirect::OutputAndError(_, append) => (None, if *append { "&>>" } else { "&>" }, None),
        };
        let operator = format!("{}{operator}", fd.map(ToString::to_string).unwrap_or_default());
        if let Some(redirect) = self.implied_redirect(&operator) {
            return Some(redirect);
        }
        let start = self.find(&operator)?;
        let target = match (redirect, target) {
            (_, Some(IoFileRedirectTarget::Filename(word) | IoFileRedirectTarget::Duplicate(word))) => {
                self.word(word, place)
            }
            (_, Some(IoFileRedirectTarget::Fd(fd))) => {
                let digits = fd.to_string();
                let start = self.find(&digits)?;
                let span = self.span(&(start..self.cursor));
                ShellWord { literal: Some(digits.clone()), raw: digits, span }
            }
            (_, Some(IoFileRedirectTarget::ProcessSubstitution(_, subshell))) => self.process(subshell, place),
            (IoRedirect::HereDocument(_, document), None) => {
                if document.requires_expansion {
                    self.script.is_flat &= literal::substitutions(&document.doc.value).is_empty();
                }
                self.word(&document.here_end, place)
            }
            (IoRedirect::HereString(_, word) | IoRedirect::OutputAndError(word, _), None) => self.word(word, place),
            (IoRedirect::File(..), None) => return None,
        };
        let span = self.span(&(start..start + operator.len())).to(target.span);
        Some(Redirect { operator, target, span })
    }

    /// The `2>&1` that `|&` stands for.
    fn implied_redirect(&mut self, operator: &str) -> Option<Redirect> {
        let rest = self.text.as_str().get(self.cursor..)?;
        let blanks = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\\').len();
        if operator != "2>&" || !rest[blanks..].starts_with("|&") {
            return None;
        }
        let span = self.span(&(self.cursor + blanks..self.cursor + blanks + 2));
        let target = ShellWord { raw: "1".to_owned(), literal: Some("1".to_owned()), span };
        Some(Redirect { operator: operator.to_owned(), target, span })
    }

    /// Finds a text that the parser gives no place, from the cursor on, and moves the cursor behind it.
    fn find(&mut self, wanted: &str) -> Option<usize> {
        match self.text.as_str().get(self.cursor..).and_then(|rest| rest.find(wanted)) {
            Some(at) => {
                let start = self.cursor + at;
                self.cursor = start + wanted.len();
                Some(start)
            }
            None => {
                self.trouble = Some("a redirection in it has no place");
                None
            }
        }
    }
}

fn operator(kind: &IoFileRedirectKind) -> &'static str {
    match kind {
        IoFileRedirectKind::Read => "<",
        IoFileRedirectKind::Write => ">",
        IoFileRedirectKind::Append => ">>",
        IoFileRedirectKind::ReadAndWrite => "<>",
        IoFileRedirectKind::Clobber => ">|",
        IoFileRedirectKind::DuplicateInput => "<&",
        IoFileRedirectKind::DuplicateOutput => ">&",
    }
}
