//! COPY and ADD.

use std::iter::Peekable;
use std::slice::Iter;

use super::typing::{Typist, json_word};
use crate::model::expand::{self, Binding, Dialect};
use crate::model::{Add, Copy, CopySource, Problem, Transfer, Value};
use crate::syntax::{self, Arguments, Flag, Heredoc, JoinedText};
use crate::text::Spanned;

impl Typist<'_> {
    pub(super) fn copy(&mut self, written: &syntax::Instruction) -> Option<Copy> {
        let transfer = self.transfer(written)?;
        let from = flag_value(written, "from").filter(|value| !value.is_empty());
        if let Some(from) = from {
            self.check_copy_source(from);
        }
        Some(Copy { transfer, from: from.map(|value| self.spanned(value)), parents: self.switch(written, "parents") })
    }

    pub(super) fn add(&mut self, written: &syntax::Instruction) -> Option<Add> {
        Some(Add {
            transfer: self.transfer(written)?,
            checksum: flag_value(written, "checksum").map(|value| self.word(value)),
            keep_git_dir: self.switch(written, "keep-git-dir"),
            unpack: self.switch(written, "unpack"),
        })
    }

    fn transfer(&mut self, written: &syntax::Instruction) -> Option<Transfer> {
        let mut words: Vec<JoinedText> = match &written.arguments {
            Arguments::Words(words) => words.clone(),
            Arguments::Json(strings) => strings.iter().map(json_word).collect(),
            _ => return None,
        };
        let destination = words.pop()?;
        let mut heredocs = written.heredocs.iter().peekable();
        let sources = words.iter().map(|word| self.source(word, &mut heredocs)).collect();
        let exclude = written.flags.iter().filter(|flag| flag.name.value == "exclude");
        Some(Transfer {
            sources,
            destination: self.word(&destination),
            chown: flag_value(written, "chown").map(|value| self.word(value)),
            chmod: flag_value(written, "chmod").map(|value| self.word(value)),
            link: self.switch(written, "link"),
            exclude: exclude.filter_map(|flag| flag.value.as_ref()).map(|value| self.spanned(value)).collect(),
        })
    }

    /// One source; the next of the heredocs that are left if it is one.
    fn source(&mut self, word: &JoinedText, heredocs: &mut Peekable<Iter<'_, Heredoc>>) -> CopySource {
        match heredocs.next_if(|heredoc| heredoc.span == word.span()) {
            Some(heredoc) => {
                let content = heredoc.text(self.source);
                CopySource::Heredoc { heredoc: self.heredoc(heredoc), content: self.word(&content) }
            }
            None => CopySource::Path(self.word(word)),
        }
    }

    /// A flag that is true when bare.
    fn switch(&self, written: &syntax::Instruction, name: &str) -> Option<Spanned<bool>> {
        let flag = flag(written, name)?;
        let value = flag.value.as_ref().is_none_or(|value| !value.as_str().eq_ignore_ascii_case("false"));
        Some(Spanned::new(value, self.at(flag.span)))
    }

    /// Which stage is copied from must be plain before any variable has a value.
    fn check_copy_source(&mut self, from: &JoinedText) {
        let unset = |_: &str| Binding::Unset;
        let expansion = expand::expand(from.as_str(), Dialect::words(self.escape()), &unset);
        let is_plain = matches!(&expansion.result, Ok(Value::Known(text)) if text == from.as_str());
        if !is_plain {
            let problem = Problem::new(self.at(from.span()), "`--from` cannot use variables or quotes");
            self.problem(problem.help("name a stage: FROM the variable above, and copy from that stage"));
        }
    }
}

fn flag<'a>(written: &'a syntax::Instruction, name: &str) -> Option<&'a Flag> {
    written.flags.iter().find(|flag| flag.name.value == name)
}

fn flag_value<'a>(written: &'a syntax::Instruction, name: &str) -> Option<&'a JoinedText> {
    flag(written, name).and_then(|flag| flag.value.as_ref())
}
