//! The shell parser behind the seam: brush-parser's tree, flattened into simple commands with byte-exact places.

use brush_parser::ast::{
    self, AndOr, AssignmentName, CommandPrefixOrSuffixItem as Part, CompoundCommand, IoFileRedirectKind,
    IoFileRedirectTarget, IoRedirect, SeparatorOperator, SourceLocation,
};
use brush_parser::{Parser, ParserOptions};

use crate::model::shell::parse::ShellParser;
use crate::model::shell::{Connector, Redirect, Script, ShellWord, SimpleCommand, literal};
use crate::syntax::JoinedText;
use crate::text::{Span, Spanned};

pub(super) struct Brush;

impl ShellParser for Brush {
    fn script(&self, text: &JoinedText) -> Result<Script, String> {
        let mut script = Script { is_flat: true, ..Script::default() };
        flatten(text, Place { depth: 0, conditional: false, in_pipeline: false }, &mut script)?;
        Ok(script)
    }
}

/// Where a command stands among the others.
#[derive(Clone, Copy)]
struct Place {
    depth: usize,
    conditional: bool,
    in_pipeline: bool,
}

impl Place {
    fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    fn perhaps(self) -> Self {
        Self { conditional: true, ..self }
    }
}

fn flatten(text: &JoinedText, place: Place, script: &mut Script) -> Result<(), String> {
    let source = without_continuations(text.as_str());
    let program = Parser::new(source.as_bytes(), &ParserOptions::default())
        .parse_program()
        .map_err(|error| format!("it does not parse: {error}"))?;
    let mut walk = Walk { text, offsets: Offsets::of(&source), script };
    let mut connector = Connector::First;
    for list in &program.complete_commands {
        connector = walk.list(list, place, connector);
    }
    Ok(())
}

/// The parser counts a continuation into the command after it; as blanks it does not, and the length stays.
fn without_continuations(text: &str) -> String {
    let breaks = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '('));
    let mut result = text.to_owned();
    for (at, _) in text.match_indices("\\\n") {
        let before = text[..at].chars().next_back();
        if before != Some('\\') && (breaks(before) || breaks(text[at + 2..].chars().next())) {
            result.replace_range(at..at + 2, "  ");
        }
    }
    result
}

/// From the character index that the parser counts in to bytes.
struct Offsets(Option<Vec<usize>>);

impl Offsets {
    fn of(text: &str) -> Self {
        Self((!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).chain([text.len()]).collect()))
    }

    fn byte(&self, index: usize) -> usize {
        match &self.0 {
            None => index,
            Some(bytes) => bytes.get(index).or(bytes.last()).copied().unwrap_or(0),
        }
    }
}

struct Walk<'a> {
    text: &'a JoinedText,
    offsets: Offsets,
    script: &'a mut Script,
}

impl Walk<'_> {
    /// Visits a list whose first command follows what is before it by `connector`; how a command after it would.
    fn list(&mut self, list: &ast::CompoundList, place: Place, mut connector: Connector) -> Connector {
        for ast::CompoundListItem(and_or, separator) in &list.0 {
            self.pipeline(&and_or.first, place, connector);
            let mut later = place;
            for next in &and_or.additional {
                let (pipeline, joined_by) = match next {
                    AndOr::And(pipeline) => (pipeline, Connector::And),
                    AndOr::Or(pipeline) => {
                        later = later.perhaps();
                        (pipeline, Connector::Or)
                    }
                };
                self.pipeline(pipeline, later, joined_by);
            }
            connector = match separator {
                SeparatorOperator::Async => {
                    self.script.is_flat = false;
                    Connector::Background
                }
                SeparatorOperator::Sequence => Connector::Sequence,
            };
        }
        connector
    }

    fn pipeline(&mut self, pipeline: &ast::Pipeline, mut place: Place, mut connector: Connector) {
        self.script.is_flat &= pipeline.seq.len() == 1 && !pipeline.bang && pipeline.timed.is_none();
        if pipeline.seq.len() > 1 {
            place.in_pipeline = true;
            self.script.pipelines.extend(pipeline.location().map(|span| self.span(&span)));
        }
        for command in &pipeline.seq {
            self.command(command, place, connector);
            connector = Connector::Pipe;
        }
    }

    fn command(&mut self, command: &ast::Command, place: Place, connector: Connector) {
        if !matches!(command, ast::Command::Simple(_)) {
            self.script.is_flat = false;
        }
        match command {
            ast::Command::Simple(simple) => self.simple(simple, place, connector),
            ast::Command::Compound(compound, _) => self.compound(compound, place.deeper(), connector),
            ast::Command::Function(function) => self.compound(&function.body.0, place.deeper().perhaps(), connector),
            ast::Command::ExtendedTest(..) => {}
        }
    }

    fn compound(&mut self, compound: &CompoundCommand, place: Place, connector: Connector) {
        match compound {
            CompoundCommand::BraceGroup(group) => {
                self.list(&group.list, place, connector);
            }
            CompoundCommand::Subshell(subshell) => {
                self.list(&subshell.list, place, connector);
            }
            CompoundCommand::ForClause(clause) => {
                self.list(&clause.body.list, place.perhaps(), connector);
            }
            CompoundCommand::ArithmeticForClause(clause) => {
                self.list(&clause.body.list, place.perhaps(), connector);
            }
            CompoundCommand::CaseClause(clause) => {
                for case in clause.cases.iter().filter_map(|case| case.cmd.as_ref()) {
                    self.list(case, place.perhaps(), Connector::Sequence);
                }
            }
            CompoundCommand::IfClause(clause) => {
                self.list(&clause.condition, place, connector);
                self.list(&clause.then, place.perhaps(), Connector::Sequence);
                for branch in clause.elses.iter().flatten() {
                    let lists = branch.condition.iter().chain([&branch.body]);
                    for list in lists {
                        self.list(list, place.perhaps(), Connector::Sequence);
                    }
                }
            }
            CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
                self.list(&clause.0, place, connector);
                self.list(&clause.1.list, place.perhaps(), Connector::Sequence);
            }
            CompoundCommand::Coprocess(coprocess) => self.command(&coprocess.body, place.perhaps(), connector),
            CompoundCommand::Arithmetic(_) => {}
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
        let prefix = simple.prefix.iter().flat_map(|prefix| &prefix.0);
        prefix.for_each(|part| self.part(part, &mut command));
        command.words.extend(simple.word_or_name.as_ref().map(|word| self.word(word)));
        let suffix = simple.suffix.iter().flat_map(|suffix| &suffix.0);
        suffix.for_each(|part| self.part(part, &mut command));
        let spans = || {
            let words = command.words.iter().map(|word| word.span);
            let names = command.assignments.iter().map(|(name, value)| name.span.to(value.span));
            words.chain(names).chain(command.redirects.iter().map(|redirect| redirect.span))
        };
        command.span = spans().reduce(|a, b| a.to(b)).unwrap_or(command.span);
        self.script.commands.push(command);
        let parts = simple.prefix.iter().flat_map(|prefix| &prefix.0);
        let parts = parts.chain(simple.suffix.iter().flat_map(|suffix| &suffix.0));
        let words = parts.filter_map(|part| match part {
            Part::Word(word) | Part::AssignmentWord(_, word) => Some(word),
            Part::IoRedirect(_) | Part::ProcessSubstitution(..) => None,
        });
        simple.word_or_name.iter().chain(words).for_each(|word| self.substitutions(word, place.deeper()));
    }

    fn part(&mut self, part: &Part, command: &mut SimpleCommand) {
        match part {
            Part::Word(word) => command.words.push(self.word(word)),
            // `export A=1`: behind the command it is an argument like any other.
            Part::AssignmentWord(_, word) if !command.words.is_empty() => command.words.push(self.word(word)),
            Part::AssignmentWord(assignment, word) => command.assignments.push(self.assignment(assignment, word)),
            Part::IoRedirect(redirect) => command.redirects.push(self.redirect(redirect)),
            Part::ProcessSubstitution(_, subshell) => {
                self.script.is_flat = false;
                let span = self.span(&subshell.loc);
                command.words.push(ShellWord { raw: String::new(), literal: None, span });
            }
        }
    }

    fn assignment(&self, assignment: &ast::Assignment, word: &ast::Word) -> (Spanned<String>, ShellWord) {
        let whole = self.word(word);
        let name = match &assignment.name {
            AssignmentName::VariableName(name) => name.clone(),
            AssignmentName::ArrayElementName(name, _) => name.clone(),
        };
        let equals = whole.raw.find('=').map_or(whole.raw.len(), |at| at + 1);
        let start = whole.span.start;
        let name_span = Span::new(start, (start + name.len()).min(whole.span.end));
        let raw = whole.raw[equals..].to_owned();
        let span = Span::new((start + equals).min(whole.span.end), whole.span.end);
        (Spanned::new(name, name_span), ShellWord { literal: literal::literal(&raw), raw, span })
    }

    fn redirect(&self, redirect: &IoRedirect) -> Redirect {
        let unplaced = |raw: String| ShellWord { literal: Some(raw.clone()), raw, span: self.text.span() };
        let (fd, operator, target) = match redirect {
            IoRedirect::File(fd, kind, target) => {
                let target = match target {
                    IoFileRedirectTarget::Filename(word) | IoFileRedirectTarget::Duplicate(word) => self.word(word),
                    IoFileRedirectTarget::Fd(fd) => unplaced(fd.to_string()),
                    IoFileRedirectTarget::ProcessSubstitution(_, subshell) => {
                        ShellWord { raw: String::new(), literal: None, span: self.span(&subshell.loc) }
                    }
                };
                (fd, operator(kind), target)
            }
            IoRedirect::HereDocument(fd, document) => (fd, "<<", self.word(&document.here_end)),
            IoRedirect::HereString(fd, word) => (fd, "<<<", self.word(word)),
            IoRedirect::OutputAndError(word, append) => (&None, if *append { "&>>" } else { "&>" }, self.word(word)),
        };
        let fd = fd.map(|fd| fd.to_string()).unwrap_or_default();
        let span = redirect.location().map_or(target.span, |location| self.span(&location));
        Redirect { operator: format!("{fd}{operator}"), target, span }
    }

    fn word(&self, word: &ast::Word) -> ShellWord {
        let span = word.loc.as_ref().map_or(self.text.span(), |location| self.span(location));
        ShellWord { literal: literal::literal(&word.value), raw: word.value.clone(), span }
    }

    /// The commands substituted in a word, each parsed on its own; what does not parse is left out.
    fn substitutions(&mut self, word: &ast::Word, place: Place) {
        let Some(location) = &word.loc else { return };
        let start = self.offsets.byte(location.start.index);
        for (from, to) in literal::substitutions(&word.value) {
            let is_there = self.text.as_str().get(start + from..start + to) == Some(&word.value[from..to]);
            if is_there {
                let inside = self.text.slice(start + from, start + to);
                let mut inner = Script::default();
                if flatten(&inside, Place { in_pipeline: false, ..place }, &mut inner).is_ok() {
                    self.script.commands.append(&mut inner.commands);
                    self.script.pipelines.append(&mut inner.pipelines);
                }
            }
        }
    }

    fn span(&self, span: &brush_parser::SourceSpan) -> Span {
        let start = self.offsets.byte(span.start.index);
        let end = self.offsets.byte(span.end.index).max(start);
        self.text.span_of(start.min(self.text.len()), end.min(self.text.len()))
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
