//! Flattening the parser's tree into simple commands with byte-exact places.
//!
//! Invariant: what a place covers is what the parser read, blanks and continuations aside; where the parser's own
//! places do not bear that out, the walk says so and the text counts as opaque.

mod redirect;

use std::ops::Range;

use brush_parser::SourceSpan;
use brush_parser::ast::{
    self, AndOr, AssignmentName, CommandPrefixOrSuffixItem as Part, CompoundCommand, SeparatorOperator, SourceLocation,
};

use crate::model::shell::brush::{self, Offsets};
use crate::model::shell::{Connector, Extension, Pipeline, Script, ShellWord, SimpleCommand, literal};
use crate::syntax::JoinedText;
use crate::text::{Span, Spanned};

/// Where a command stands among the others.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) depth: usize,
    pub(super) conditional: bool,
    pub(super) in_pipeline: bool,
    /// Whether a failure there is one of the whole text.
    pub(super) decides: bool,
}

impl Place {
    fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    fn perhaps(self) -> Self {
        Self { conditional: true, ..self }
    }

    fn tested(self) -> Self {
        Self { decides: false, ..self }
    }
}

pub(super) struct Walk<'a> {
    pub(super) text: &'a JoinedText,
    offsets: Offsets,
    pub(super) script: &'a mut Script,
    /// Behind the last part whose place is known: what has no place of its own is looked for from here.
    cursor: usize,
    /// Why the places cannot be trusted.
    trouble: Option<&'static str>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(text: &'a JoinedText, offsets: Offsets, script: &'a mut Script) -> Self {
        Self { text, offsets, script, cursor: 0, trouble: None }
    }

    pub(super) fn program(mut self, program: &ast::Program, place: Place) -> Result<(), String> {
        let mut connector = Connector::First;
        for list in &program.complete_commands {
            connector = self.list(list, place, connector);
        }
        self.trouble.map_or(Ok(()), |trouble| Err(trouble.to_owned()))
    }

    /// Visits a list whose first command follows what is before it by `connector`; how a command after it would.
    fn list(&mut self, list: &ast::CompoundList, place: Place, mut connector: Connector) -> Connector {
        for ast::CompoundListItem(and_or, separator) in &list.0 {
            // What stands somewhere before a `||` may fail.
            let last_or = and_or.additional.iter().rposition(|next| matches!(next, AndOr::Or(_)));
            let at = |at: usize, place: Place| if last_or.is_some_and(|or| at <= or) { place.tested() } else { place };
            self.pipeline(&and_or.first, at(0, place), connector);
            let mut later = place;
            for (index, next) in and_or.additional.iter().enumerate() {
                let (pipeline, joined_by) = match next {
                    AndOr::And(pipeline) => (pipeline, Connector::And),
                    AndOr::Or(pipeline) => {
                        later = later.perhaps();
                        (pipeline, Connector::Or)
                    }
                };
                self.pipeline(pipeline, at(index + 1, later), joined_by);
            }
            connector = match separator {
                SeparatorOperator::Async => {
                    self.not_plain();
                    Connector::Background
                }
                SeparatorOperator::Sequence => Connector::Sequence,
            };
        }
        connector
    }

    fn not_plain(&mut self) {
        self.script.is_flat = false;
        self.script.is_plain = false;
    }

    fn pipeline(&mut self, pipeline: &ast::Pipeline, mut place: Place, mut connector: Connector) {
        self.script.is_flat &= pipeline.seq.len() == 1 && !pipeline.bang && pipeline.timed.is_none();
        place.in_pipeline |= pipeline.seq.len() > 1;
        place.decides &= !pipeline.bang;
        let (commands, redirects) = (self.script.commands.len(), self.script.compound_redirects.len());
        for command in &pipeline.seq {
            self.command(command, place, connector);
            connector = Connector::Pipe;
        }
        if pipeline.seq.len() > 1 {
            // The parser's own place leaves out what is redirected behind the last word.
            let span = pipeline.location().map(|location| self.span(&self.range(&location)));
            let inside = self.script.commands[commands..].iter().map(|command| command.span);
            let behind = self.script.compound_redirects[redirects..].iter().map(|redirect| redirect.span);
            let span = span.into_iter().chain(inside).chain(behind).reduce(|a, b| a.to(b));
            self.script.pipelines.extend(span.map(|span| Pipeline { span, decides: place.decides }));
        }
    }

    fn command(&mut self, command: &ast::Command, place: Place, connector: Connector) {
        if !matches!(command, ast::Command::Simple(_)) {
            self.not_plain();
        }
        match command {
            ast::Command::Simple(simple) => self.simple(simple, place, connector),
            ast::Command::Compound(compound, redirects) => {
                self.compound(compound, place.deeper(), connector);
                self.compound_redirects(redirects.as_ref(), place);
            }
            ast::Command::Function(function) => {
                self.function_keyword(&function.fname);
                self.compound(&function.body.0, place.deeper().perhaps(), connector);
                self.compound_redirects(function.body.1.as_ref(), place);
            }
            ast::Command::ExtendedTest(test, redirects) => {
                self.extension(Extension::Test, &self.range(&test.loc));
                self.commands_in(&self.range(&test.loc), place.deeper().tested());
                self.compound_redirects(redirects.as_ref(), place);
            }
        }
    }

    fn compound(&mut self, compound: &CompoundCommand, place: Place, connector: Connector) {
        match compound {
            CompoundCommand::BraceGroup(ast::BraceGroupCommand { list, .. })
            | CompoundCommand::Subshell(ast::SubshellCommand { list, .. }) => {
                self.list(list, place, connector);
            }
            CompoundCommand::ForClause(clause) => {
                clause.values.iter().flatten().for_each(|word| self.commands_in_word(word, place.tested()));
                self.list(&clause.body.list, place.perhaps(), connector);
            }
            CompoundCommand::ArithmeticForClause(clause) => {
                self.extension(Extension::ArithmeticFor, &self.range(&clause.loc));
                self.list(&clause.body.list, place.perhaps(), connector);
            }
            CompoundCommand::CaseClause(clause) => {
                self.commands_in_word(&clause.value, place.tested());
                for case in clause.cases.iter().filter_map(|case| case.cmd.as_ref()) {
                    self.list(case, place.perhaps(), Connector::Sequence);
                }
            }
            CompoundCommand::IfClause(clause) => {
                self.list(&clause.condition, place.tested(), connector);
                self.list(&clause.then, place.perhaps(), Connector::Sequence);
                for branch in clause.elses.iter().flatten() {
                    if let Some(condition) = &branch.condition {
                        self.list(condition, place.perhaps().tested(), Connector::Sequence);
                    }
                    self.list(&branch.body, place.perhaps(), Connector::Sequence);
                }
            }
            CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
                self.list(&clause.0, place.perhaps().tested(), connector);
                self.list(&clause.1.list, place.perhaps(), Connector::Sequence);
            }
            CompoundCommand::Coprocess(coprocess) => {
                self.extension(Extension::Coprocess, &self.range(&coprocess.loc));
                self.command(&coprocess.body, place.perhaps(), connector);
            }
            CompoundCommand::Arithmetic(arithmetic) => {
                // A shell takes `( (` for two subshells, the parser for arithmetic.
                let range = self.range(&arithmetic.loc);
                if !self.text.as_str()[range.clone()].starts_with("((") {
                    self.trouble = Some("nested subshells are taken for arithmetic");
                }
                self.extension(Extension::Arithmetic, &range);
                self.commands_in(&range, place.tested());
            }
        }
    }

    fn simple(&mut self, simple: &ast::SimpleCommand, place: Place, joined_by: Connector) {
        let mut command = SimpleCommand {
            span: self.text.span(),
            joined_by,
            assignments: Vec::new(),
            words: Vec::new(),
            redirects: Vec::new(),
            in_pipeline: place.in_pipeline,
            depth: place.depth,
            conditional: place.conditional,
        };
        let at = self.script.commands.len();
        // The status of a substitution counts where there is nothing but assignments.
        let place = if simple.word_or_name.is_some() { place.tested() } else { place };
        let prefix = simple.prefix.iter().flat_map(|prefix| &prefix.0);
        prefix.for_each(|part| self.part(part, &mut command, place));
        if let Some(word) = &simple.word_or_name {
            let word = self.word(word, place);
            command.words.push(word);
        }
        let suffix = simple.suffix.iter().flat_map(|suffix| &suffix.0);
        suffix.for_each(|part| self.part(part, &mut command, place));
        let words = command.words.iter().map(|word| word.span);
        let names = command.assignments.iter().map(|(name, value)| name.span.to(value.span));
        let spans = words.chain(names).chain(command.redirects.iter().map(|redirect| redirect.span));
        command.span = spans.reduce(|a, b| a.to(b)).unwrap_or(command.span);
        // Before the commands that its words substitute.
        self.script.commands.insert(at, command);
    }

    fn part(&mut self, part: &Part, command: &mut SimpleCommand, place: Place) {
        match part {
            Part::Word(word) => command.words.push(self.word(word, place)),
            // `export A=1`: behind the command it is an argument like any other.
            Part::AssignmentWord(_, word) if !command.words.is_empty() => command.words.push(self.word(word, place)),
            Part::AssignmentWord(assignment, word) => {
                command.assignments.push(self.assignment(assignment, word, place));
            }
            Part::IoRedirect(redirect) => {
                let redirect = self.redirect(redirect, place);
                command.redirects.extend(redirect);
            }
            Part::ProcessSubstitution(_, subshell) => command.words.push(self.process(subshell, place)),
        }
    }

    /// `<(…)` or `>(…)`: a word whose commands run beside the command.
    fn process(&mut self, subshell: &ast::SubshellCommand, place: Place) -> ShellWord {
        self.not_plain();
        let inside = self.range(&subshell.loc);
        let before = &self.text.as_str()[..inside.start];
        let start = if before.ends_with(['<', '>']) { inside.start - 1 } else { inside.start };
        self.list(&subshell.list, Place { in_pipeline: false, ..place.deeper() }, Connector::First);
        self.cursor = self.cursor.max(inside.end);
        let range = start..inside.end;
        self.extension(Extension::ProcessSubstitution, &range);
        ShellWord { raw: self.text.as_str()[range.clone()].to_owned(), literal: None, span: self.span(&range) }
    }

    fn assignment(
        &mut self,
        assignment: &ast::Assignment,
        word: &ast::Word,
        place: Place,
    ) -> (Spanned<String>, ShellWord) {
        let range = self.word_range(word);
        self.commands_in(&range, place.deeper());
        if matches!(assignment.value, ast::AssignmentValue::Array(_)) {
            self.extension(Extension::Array, &range);
        }
        let name = match &assignment.name {
            AssignmentName::VariableName(name) | AssignmentName::ArrayElementName(name, _) => name.clone(),
        };
        let whole = &self.text.as_str()[range.clone()];
        let value = range.start + whole.find('=').map_or(whole.len(), |equals| equals + 1);
        let raw = self.text.as_str()[value..range.end].to_owned();
        let name_span = self.span(&(range.start..(range.start + name.len()).min(range.end)));
        let span = self.span(&(value..range.end));
        (Spanned::new(name, name_span), ShellWord { literal: literal::literal(&raw), raw, span })
    }

    fn word(&mut self, word: &ast::Word, place: Place) -> ShellWord {
        let range = self.word_range(word);
        self.commands_in(&range, place.deeper());
        let raw = self.text.as_str()[range.clone()].to_owned();
        ShellWord { literal: literal::literal(&raw), raw, span: self.span(&range) }
    }

    fn commands_in_word(&mut self, word: &ast::Word, place: Place) {
        let range = self.word_range(word);
        self.commands_in(&range, place.deeper());
    }

    /// The place of a word, checked against what the parser read.
    fn word_range(&mut self, word: &ast::Word) -> Range<usize> {
        let Some(location) = &word.loc else {
            self.trouble = Some("a word in it has no place");
            return 0..0;
        };
        let range = self.range(location);
        let bare = |text: &str| text.replace("\\\n", "").chars().filter(|c| !c.is_whitespace()).collect::<String>();
        if bare(&self.text.as_str()[range.clone()]) != bare(&word.value) {
            self.trouble = Some("a word in it is not where it seems to be");
        }
        self.cursor = self.cursor.max(range.end);
        range
    }

    /// The commands substituted in a part of the text, each parsed on its own; what does not parse is left out.
    fn commands_in(&mut self, range: &Range<usize>, place: Place) {
        for (from, to) in literal::substitutions(&self.text.as_str()[range.clone()]) {
            let inside = self.text.slice(range.start + from, range.start + to);
            let mut inner = Script::default();
            if brush::flatten(&inside, Place { in_pipeline: false, ..place }, &mut inner).is_ok() {
                self.script.commands.append(&mut inner.commands);
                self.script.pipelines.append(&mut inner.pipelines);
                self.script.compound_redirects.append(&mut inner.compound_redirects);
                self.script.extensions.append(&mut inner.extensions);
            }
        }
    }

    /// A place in bytes of the text; the parser counts blanks before a word into it now and then.
    pub(super) fn range(&self, location: &SourceSpan) -> Range<usize> {
        let end = self.offsets.byte(location.end.index).min(self.text.len());
        let start = self.offsets.byte(location.start.index).min(end);
        let mut text = &self.text.as_str()[start..end];
        loop {
            let trimmed = text.trim_start();
            text = trimmed.strip_prefix("\\\n").unwrap_or(trimmed);
            if text.len() == trimmed.len() {
                return end - text.len()..end;
            }
        }
    }

    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        self.text.span_of(range.start, range.end)
    }
}
