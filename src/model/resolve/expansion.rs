//! Expanding the words of one instruction in the environment before it.

use std::borrow::Cow;

use super::{Resolver, Standing, VariableUse};
use crate::model::expand::{self, Binding, Dialect, ExpandError, Expansion, Use};
use crate::model::scope::{Environment, Names};
use crate::model::{CopySource, Instruction, InstructionId, Operation, Problem, Unknown, Value, Word};

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
    let mut readings = Vec::new();
    let reading = if matches!(operation, Operation::Expose(_)) { Reading::Words } else { Reading::Text };
    operation.for_each_word(&mut |word| readings.push((word, reading)));
    let mut read_as = |word: &Word, reading| {
        readings.iter_mut().filter(|(other, _)| other.id == word.id).for_each(|(_, old)| *old = reading);
    };
    match operation {
        Operation::Copy(crate::model::Copy { transfer, .. }) | Operation::Add(crate::model::Add { transfer, .. }) => {
            for source in &transfer.sources {
                if let CopySource::Heredoc { heredoc, content } = source {
                    read_as(content, if heredoc.expand { Reading::Body } else { Reading::Literal });
                }
            }
        }
        Operation::Run(run) => {
            let sources = run.mounts.iter().filter_map(|mount| mount.option(&["from"]));
            sources.for_each(|from| read_as(from, Reading::Literal));
        }
        _ => {}
    }
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
