//! From the model to values: every word Known or Unknown, under given build arguments and platform.
//!
//! Follows what builders do rather than what their manuals say: within a stage ARG and ENV write to one environment,
//! the later line wins, and a stage built from another gets the ENV of that one's config over the ARGs it inherits.
//! Invariant: one pass over the file, each instruction seeing only what stands before it.

mod check;
mod expansion;
pub(in crate::model) mod mounts;
mod platform;
mod stage;
mod trigger;
mod uses;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use mounts::{MountOptions, byte_size};
pub use uses::{Standing, VariableUse};

use expansion::Place;

use crate::model::contexts::ContextNames;
use crate::model::expand::Form;
use crate::model::link::{self, FromName};
use crate::model::scope::{Environment, Names, Scopes};
use crate::model::{
    Arg, Instruction, Model, Operation, Origin, Problem, ResolveOptions, Resolved, Stage, StageId, Surroundings,
    Unknown, Value, Variable, WordId,
};

/// Gives every word its value.
pub fn resolve(model: Model, options: &ResolveOptions, surroundings: &Surroundings) -> Resolved {
    let resolver = Resolver::new(model, options, surroundings);
    resolver.run()
}

struct Resolver<'a> {
    model: Model,
    options: &'a ResolveOptions,
    surroundings: &'a Surroundings,
    contexts: ContextNames,
    target: StageId,
    stage_names: BTreeSet<String>,
    names: Names,
    globals: Environment,
    /// By word; filled as the walk reaches it.
    values: Vec<Value>,
    /// The words of EXPOSE split at blanks, by word.
    split: BTreeMap<WordId, Vec<String>>,
    /// By instruction.
    before: Vec<Environment>,
    /// By stage.
    triggered: Vec<Vec<Instruction>>,
    uses: Vec<VariableUse>,
    problems: Vec<Problem>,
}

impl<'a> Resolver<'a> {
    fn new(model: Model, options: &'a ResolveOptions, surroundings: &'a Surroundings) -> Self {
        let instructions = model.instructions().map(|instruction| instruction.id.0 + 1).max().unwrap_or(0);
        let names = model.stages.iter().filter_map(|stage| stage.name.as_ref());
        Self {
            options,
            surroundings,
            contexts: ContextNames::new(&surroundings.named_contexts, &options.platform),
            target: StageId(model.stages.len().saturating_sub(1)),
            stage_names: names.map(|name| name.value.clone()).collect(),
            names: Names::default(),
            globals: Environment::default(),
            values: vec![Value::Unknown(Unknown::Deferred); model.word_count],
            split: BTreeMap::new(),
            before: vec![Environment::default(); instructions],
            triggered: Vec::new(),
            uses: Vec::new(),
            problems: Vec::new(),
            model,
        }
    }

    fn run(mut self) -> Resolved {
        self.find_target();
        self.predefine();
        let globals = std::mem::take(&mut self.model.globals);
        globals.iter().for_each(|instruction| self.global(instruction));
        self.model.globals = globals;

        let stages = std::mem::take(&mut self.model.stages);
        let names: Vec<FromName> = stages.iter().map(|stage| self.from(stage)).collect();
        let is_context = |name: &str| self.contexts.contain(name);
        let first = link::link(&stages, &[], &names, &is_context);
        self.trigger(&stages, &first.bases);
        let is_context = |name: &str| self.contexts.contain(name);
        let linked = match self.triggered.iter().all(Vec::is_empty) {
            true => first,
            false => link::link(&stages, &self.triggered, &names, &is_context),
        };
        self.stages(&stages, &linked.bases);
        let needed = linked.graph.needed_by(self.target);
        stages.iter().for_each(|stage| self.check_stage(stage, &linked.bases[stage.id.0], needed.contains(&stage.id)));

        self.model.stages = stages;
        self.model.graph = linked.graph;
        self.problems.extend(linked.problems);
        self.problems.sort_by_key(|problem| problem.span);
        self.problems.dedup();
        self.model.word_count = self.values.len();
        self.uses.sort_by_key(|variable| variable.span);
        Resolved {
            target: self.target,
            bases: linked.bases,
            values: self.values,
            split: self.split,
            scopes: Scopes::new(self.names, self.before),
            triggered: self.triggered,
            uses: self.uses,
            problems: self.problems,
            options: self.options.clone(),
            model: self.model,
        }
    }

    /// ARG before any FROM.
    fn global(&mut self, instruction: &Instruction) {
        self.before[instruction.id.0] = self.globals.clone();
        let Operation::Arg(args) = &instruction.operation else { return };
        for arg in args {
            self.global_arg(instruction, arg);
        }
    }

    fn global_arg(&mut self, instruction: &Instruction, arg: &Arg) {
        let globals = self.globals.clone();
        let place = Place { instruction: instruction.id, environment: &globals };
        let name = self.names.intern(&arg.name.value);
        let given = self.options.given(&arg.name.value);
        let default = arg.default.as_ref().map(|word| match &given {
            // A default that is not used may be wrong.
            Some(_) => self.expand_quietly(place, word),
            None => self.expand_word(place, word),
        });
        let value = given.or(default);
        if value.is_none() && globals.get(name).is_some() {
            return;
        }
        let variable = Variable { value, origin: Origin::Arg, span: Some(arg.name.span) };
        self.globals.set(name, Arc::new(variable));
    }

    /// What FROM names. An argument that nobody gave a value leaves it open: the file may be meant to be built with one.
    fn from(&mut self, stage: &Stage) -> FromName {
        let (Some(from), Some(first)) = (stage.from(), stage.instructions.first()) else { return FromName::Unknown };
        self.before[first.id.0] = self.globals.clone();
        let globals = self.globals.clone();
        let place = Place { instruction: first.id, environment: &globals };
        for word in from.platform.iter().chain([&from.image]) {
            let seen = self.uses.len();
            let value = self.expand_word(place, word);
            let is_missing = |variable: &&VariableUse| {
                variable.standing == Standing::Declared && !matches!(variable.form, Form::Default | Form::Alternative)
            };
            if let (Value::Known(_), Some(missing)) = (value, self.uses[seen..].iter().find(is_missing)) {
                let reason = Unknown::BuildArgument { variable: missing.name.clone() };
                self.values[word.id.0] = Value::Unknown(reason);
            }
        }
        match self.values[from.image.id.0].clone() {
            Value::Unknown(_) => FromName::Unknown,
            Value::Known(name) if name.is_empty() => {
                let problem = Problem::new(from.image.span(), "the name of the base image is empty");
                self.problems.push(problem.help("name an image, a stage above, or scratch"));
                FromName::Unknown
            }
            Value::Known(name) => FromName::Known(name),
        }
    }
}
