//! Expanding the words of one instruction in the environment before it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Resolver, Standing, VariableUse};
use crate::model::expand::{self, Binding, Dialect, ExpandError, Expansion, Use};
use crate::model::scope::{Environment, Names};
use crate::model::{
    Add, Copy, CopySource, Instruction, InstructionId, Operation, Problem, Unknown, Value, Word, WordId,
};

/// What a word is expanded for.
#[derive(Clone, Copy)]
pub(super) struct Place<'e> {
    pub(super) instruction: InstructionId,
    pub(super) environment: &'e Environment,
}

/// How a word is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// As one text.
    Text,
    /// As several texts, split at blanks.
    Words,
    /// As the body of a heredoc.
    Body,
    /// As it is.
    Literal,
}

impl Resolver<'_> {
    /// Gives every word of an instruction its value.
    pub(super) fn expand_words(&mut self, environment: &Environment, instruction: &Instruction) {
        let place = Place { instruction: instruction.id, environment };
        for (word, reading) in readings(&instruction.operation) {
            match reading {
                Reading::Text => drop(self.expand_word(place, word)),
                Reading::Words => self.expand_to_words(place, word),
                Reading::Body => drop(self.expand_as(place, word, Dialect::heredoc())),
                Reading::Literal => self.values[word.id.0] = Value::Known(word.raw.as_str().to_owned()),
            }
        }
    }

    /// Gives a word its value; an error in it is a problem.
    pub(super) fn expand_word(&mut self, place: Place<'_>, word: &Word) -> Value {
        self.expand_as(place, word, Dialect::words(self.model.tree.directives.escape))
    }

    /// The same for a word that a builder would not look at.
    pub(super) fn expand_quietly(&mut self, place: Place<'_>, word: &Word) -> Value {
        let problems = self.problems.len();
        let value = self.expand_word(place, word);
        self.problems.truncate(problems);
        value
    }

    fn expand_as(&mut self, place: Place<'_>, word: &Word, dialect: Dialect) -> Value {
        let lookup = |name: &str| binding(&self.names, place.environment, name);
        let Expansion { result, uses } = expand::expand(word.raw.as_str(), dialect, &lookup);
        self.record(place, word, uses);
        let value = result.unwrap_or_else(|error| self.invalid(word, &error));
        self.values[word.id.0] = value.clone();
        value
    }

    fn expand_to_words(&mut self, place: Place<'_>, word: &Word) {
        let dialect = Dialect::words(self.model.tree.directives.escape);
        let lookup = |name: &str| binding(&self.names, place.environment, name);
        let Expansion { result, uses } = expand::expand_to_words(word.raw.as_str(), dialect, &lookup);
        self.record(place, word, uses);
        let value = match result {
            Ok(Ok(words)) => {
                let text = words.join(" ");
                self.split.insert(word.id, words);
                Value::Known(text)
            }
            Ok(Err(reason)) => Value::Unknown(reason),
            Err(error) => self.invalid(word, &error),
        };
        self.values[word.id.0] = value;
    }

    fn invalid(&mut self, word: &Word, error: &ExpandError) -> Value {
        let span = word.raw.span_of(error.range.start, error.range.end);
        self.problems.push(Problem::new(span, error.message.clone()));
        Value::Unknown(Unknown::Invalid { message: error.message.clone() })
    }

    fn record(&mut self, place: Place<'_>, word: &Word, uses: Vec<Use>) {
        for variable in uses {
            let standing = standing(&self.names, place.environment, &variable.name);
            self.uses.push(VariableUse {
                span: word.raw.span_of(variable.range.start, variable.range.end),
                instruction: place.instruction,
                form: variable.form,
                name: variable.name,
                standing,
            });
        }
    }
}

fn readings(operation: &Operation) -> Vec<(&Word, Reading)> {
    let mut special: BTreeMap<WordId, Reading> = BTreeMap::new();
    match operation {
        Operation::Copy(Copy { transfer, .. }) | Operation::Add(Add { transfer, .. }) => {
            special.extend(transfer.sources.iter().filter_map(|source| match source {
                CopySource::Path(_) => None,
                CopySource::Heredoc { heredoc, content } if heredoc.expand => Some((content.id, Reading::Body)),
                CopySource::Heredoc { content, .. } => Some((content.id, Reading::Literal)),
            }));
        }
        Operation::Run(run) => {
            let sources = run.mounts.iter().filter_map(|mount| mount.option(&["from"]));
            special.extend(sources.map(|from| (from.id, Reading::Literal)));
        }
        Operation::Expose(expose) => special.extend(expose.ports.iter().map(|port| (port.id, Reading::Words))),
        _ => {}
    }
    let mut readings = Vec::new();
    operation.for_each_word(&mut |word| {
        readings.push((word, special.get(&word.id).copied().unwrap_or(Reading::Text)));
    });
    readings
}

/// What a name stands for in an environment.
fn binding<'e>(names: &Names, environment: &'e Environment, name: &str) -> Binding<'e> {
    let variable = names.get(name).and_then(|id| environment.get(id));
    match variable.and_then(|variable| variable.value.as_ref()) {
        Some(Value::Known(text)) => Binding::Set(Cow::Borrowed(text)),
        Some(Value::Unknown(_)) => Binding::Unknown(Unknown::Variable { variable: name.to_owned() }),
        None if environment.open && can_be_set(name) => {
            Binding::Unknown(Unknown::BaseImage { variable: name.to_owned() })
        }
        None => Binding::Unset,
    }
}

fn standing(names: &Names, environment: &Environment, name: &str) -> Standing {
    match names.get(name).and_then(|id| environment.get(id)) {
        Some(variable) if variable.value.is_some() => Standing::Set,
        Some(_) => Standing::Declared,
        None if environment.open && can_be_set(name) => Standing::MaybeInBase,
        None => Standing::Undefined,
    }
}

/// Whether an image can set this name: not the special parameters of a shell.
fn can_be_set(name: &str) -> bool {
    name.starts_with(|first: char| first.is_alphabetic() || first == '_')
}
