//! Declarative rules: a closed set of predicates over instructions, their words, and the commands of their shell text.

use std::cell::RefCell;
use std::collections::BTreeMap;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::model::image_ref::ImageRef;
use crate::model::{Base, Instruction, Operation};
use crate::rules::cx::is_option;
use crate::rules::{Cx, List, Out, RunCommand, Text, started};
use crate::syntax::Keyword;
use crate::text::Span;

/// The `match:` block of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The version of the predicates.
    pub schema: Schema,
    /// What a finding says; `{found}` stands for the text at fault.
    pub message: Text,
    /// Every one is true.
    #[serde(default)]
    pub all: List<Predicate>,
    /// At least one is true; none given is true.
    #[serde(default)]
    pub any: List<Predicate>,
    /// None is true.
    #[serde(default)]
    pub not: List<Predicate>,
}

/// The versions of the predicates that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Schema;

impl TryFrom<u8> for Schema {
    type Error = String;

    fn try_from(version: u8) -> Result<Self, String> {
        if version == 1 { Ok(Self) } else { Err(format!("schema {version} is not known: write `schema: 1`")) }
    }
}

impl From<Schema> for u8 {
    fn from(_: Schema) -> u8 {
        1
    }
}

/// Something that is true of an instruction, or of one command of its shell text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Predicate {
    /// Every one is true.
    All(List<Predicate>),
    /// At least one is true.
    Any(List<Predicate>),
    /// None is true.
    Not(List<Predicate>),
    /// It is one of these instructions.
    Instruction(List<Keyword>),
    /// It has a flag.
    Flag(FlagMatch),
    /// One of its words, or its text, matches.
    Argument(Pattern),
    /// It is such a simple command.
    Command(CommandMatch),
    /// It is a FROM of such an image.
    Image(ImageMatch),
    /// It stands in such a stage.
    Stage(Role),
}

/// What a flag must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagMatch {
    /// Its name without `--`.
    pub name: Text,
    /// What its value matches.
    #[serde(default)]
    pub value: Option<Pattern>,
}

/// How a text must read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pattern {
    /// All of it: `*` is any text, `?` any character.
    Glob(Text),
    /// Some part of it.
    Regex(Text),
}

/// What a simple command must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandMatch {
    /// Its name is one of these.
    pub name: List<Text>,
    /// Its first argument that is no option is one of these.
    #[serde(default)]
    pub sub: List<Text>,
    /// It has each of these; `-y|--yes` is either.
    #[serde(default)]
    pub has: List<Text>,
    /// It has none of these.
    #[serde(default)]
    pub lacks: List<Text>,
}

/// What the image of a FROM must be. Images that are not known match nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageMatch {
    /// Its registry.
    #[serde(default)]
    pub registry: Option<Pattern>,
    /// Its tag; one that is not written is the empty text.
    #[serde(default)]
    pub tag: Option<Pattern>,
    /// Whether a digest is written out.
    #[serde(default)]
    pub digest: Option<bool>,
}

/// What a stage is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It is the one that is built.
    Final,
    /// It is needed by the one that is built.
    Intermediate,
    /// It is not needed.
    Unused,
}

/// What one instruction or command is asked.
struct Subject<'a> {
    instruction: &'a Instruction,
    command: Option<RunCommand<'a>>,
    cx: Cx<'a>,
}

impl Match {
    /// Tells what the block finds in an instruction.
    pub(crate) fn check(&self, instruction: &Instruction, advice: &str, cx: &Cx<'_>, out: &mut Out<'_>) {
        let whole = Subject { instruction, command: None, cx: *cx };
        let found: Vec<Span> = match self.lists().any(|list| list.iter().any(Predicate::is_about_commands)) {
            false => self.holds(&whole).into_iter().collect(),
            true => {
                let started = started::started(instruction, cx);
                let commands = cx.commands(instruction).chain(started::shown(instruction, &started));
                let commands = commands.map(|command| Subject { command: Some(command), ..whole });
                commands.filter_map(|subject| self.holds(&subject)).collect()
            }
        };
        for span in found {
            let message = self.message.replace("{found}", cx.text(span));
            let draft = out.find(span, message);
            if !advice.is_empty() {
                draft.help(advice);
            }
        }
    }

    fn lists(&self) -> impl Iterator<Item = &[Predicate]> {
        [&self.all[..], &self.any, &self.not].into_iter()
    }

    /// The place at fault, when everything holds.
    fn holds(&self, subject: &Subject<'_>) -> Option<Span> {
        let start = Some((0, subject.instruction.keyword_span));
        let found = closest(start, all(&self.all, subject)?);
        let found = if self.any.is_empty() { found } else { closest(found, any(&self.any, subject)?) };
        match any(&self.not, subject) {
            Some(_) => None,
            None => found.map(|(_, span)| span),
        }
    }
}

/// How telling a place is, and the place; none where a predicate points nowhere.
type Place = Option<(u8, Span)>;

/// The more telling of two places.
fn closest(a: Place, b: Place) -> Place {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.0 > a.0 { b } else { a }),
        (a, b) => a.or(b),
    }
}

fn all(list: &[Predicate], subject: &Subject<'_>) -> Option<Place> {
    list.iter().try_fold(None, |found, predicate| Some(closest(found, predicate.holds(subject)?)))
}

fn any(list: &[Predicate], subject: &Subject<'_>) -> Option<Place> {
    list.iter().find_map(|predicate| predicate.holds(subject))
}

impl Predicate {
    fn is_about_commands(&self) -> bool {
        match self {
            Predicate::All(list) | Predicate::Any(list) | Predicate::Not(list) => {
                list.iter().any(Predicate::is_about_commands)
            }
            Predicate::Command(_) => true,
            _ => false,
        }
    }

    /// The place that it points to, when it holds.
    fn holds(&self, subject: &Subject<'_>) -> Option<Place> {
        let instruction = subject.instruction;
        match self {
            Predicate::All(list) => all(list, subject),
            Predicate::Any(list) => any(list, subject),
            Predicate::Not(list) => any(list, subject).is_none().then_some(None),
            Predicate::Instruction(keywords) => keywords.contains(&instruction.keyword).then_some(None),
            Predicate::Flag(wanted) => {
                let flags = &subject.cx.written(instruction)?.flags;
                let flag = flags.iter().find(|flag| {
                    let value = flag.value.as_ref().map_or("", |value| value.as_str());
                    flag.name.value == wanted.name && wanted.value.as_ref().is_none_or(|pattern| pattern.matches(value))
                })?;
                Some(Some((1, flag.span)))
            }
            Predicate::Argument(pattern) => Some(Some((2, argument(pattern, subject)?))),
            Predicate::Command(wanted) => {
                let command = subject.command.as_ref()?;
                wanted.is(command).then_some(Some((3, command.command.span)))
            }
            Predicate::Image(wanted) => Some(Some((2, wanted.is(subject)?))),
            Predicate::Stage(role) => (subject.role()? == *role).then_some(None),
        }
    }
}

impl Subject<'_> {
    fn role(&self) -> Option<Role> {
        let stage = self.instruction.stage?;
        let resolved = self.cx.resolved;
        Some(match stage == resolved.target {
            true => Role::Final,
            false if resolved.model.graph.needed_by(resolved.target).contains(&stage) => Role::Intermediate,
            false => Role::Unused,
        })
    }
}

/// The first word that matches by its value, or the whole text where there are no words.
fn argument(pattern: &Pattern, subject: &Subject<'_>) -> Option<Span> {
    let mut found = None;
    subject.instruction.operation.for_each_word(&mut |word| {
        let value = subject.cx.resolved.known(word).unwrap_or(word.raw.as_str());
        if found.is_none() && pattern.matches(value) {
            found = Some(word.span());
        }
    });
    let rest = || {
        let rest = &subject.cx.written(subject.instruction)?.rest;
        (!rest.is_empty() && pattern.matches(rest.as_str())).then(|| rest.span())
    };
    found.or_else(rest)
}

impl CommandMatch {
    fn is(&self, command: &RunCommand<'_>) -> bool {
        let among = |list: &List<Text>, word: Option<&str>| word.is_some_and(|word| list.iter().any(|one| one == word));
        let has = |names: &Text| command.literals().any(|word| names.split('|').any(|name| is_option(word, name)));
        among(&self.name, command.command.name())
            && (self.sub.is_empty() || among(&self.sub, command.subcommand()))
            && self.has.iter().all(has)
            && !self.lacks.iter().any(has)
    }
}

impl ImageMatch {
    fn is(&self, subject: &Subject<'_>) -> Option<Span> {
        let (Operation::From(from), Some(stage)) = (&subject.instruction.operation, subject.instruction.stage) else {
            return None;
        };
        let Base::Image(name) = &subject.cx.resolved.bases[stage.0] else { return None };
        if subject.cx.around.named_contexts.contains(name) {
            return None;
        }
        let image = ImageRef::parse(name).ok()?;
        let matches = |pattern: &Option<Pattern>, text: &str| pattern.as_ref().is_none_or(|one| one.matches(text));
        let is = matches(&self.registry, image.registry())
            && matches(&self.tag, image.tag().unwrap_or_default())
            && self.digest.is_none_or(|wanted| image.digest().is_some() == wanted);
        is.then(|| from.image.span())
    }
}

thread_local! {
    /// Compiled when first needed: most runs need few.
    static COMPILED: RefCell<BTreeMap<String, Option<Regex>>> = const { RefCell::new(BTreeMap::new()) };
}

impl Pattern {
    /// Whether it can be used; if not, why.
    pub fn check(&self) -> Result<(), String> {
        Regex::new(&self.expression()).map(|_| ()).map_err(|error| error.to_string())
    }

    /// Whether the text reads so. A pattern that cannot be used matches nothing.
    pub fn matches(&self, text: &str) -> bool {
        if let Pattern::Glob(glob) = self
            && !glob.contains(['*', '?'])
        {
            return glob == text;
        }
        COMPILED.with_borrow_mut(|compiled| {
            let expression = self.expression();
            let regex = compiled.entry(expression).or_insert_with_key(|expression| Regex::new(expression).ok());
            regex.as_ref().is_some_and(|regex| regex.is_match(text))
        })
    }

    fn expression(&self) -> String {
        match self {
            Pattern::Regex(regex) => regex.to_string(),
            Pattern::Glob(glob) => {
                let body = regex::escape(glob).replace(r"\*", ".*").replace(r"\?", ".");
                format!("^(?s:{body})$")
            }
        }
    }
}
