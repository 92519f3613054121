//! The walk through the stages: each instruction sees the environment before it, and ARG and ENV change it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Place, Resolver};
use crate::model::image_ref::normalized;
use crate::model::scope::{Environment, NameId};
use crate::model::{Arg, Base, EnvPair, ImageFacts, Instruction, Operation, Origin, Stage, Unknown, Value, Variable};

/// The PATH of an image that sets none.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Arguments that never enter the environment.
const NEVER_SET: &[&str] = &["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

/// A stage on the way.
struct Current {
    environment: Environment,
    /// The same, but for what ARG has set in this stage: what the config of its image holds, and inherited ARGs.
    config: Environment,
    /// Names that an ARG set over an ENV; the stages that build on this one see the ENV again.
    hidden: BTreeSet<NameId>,
}

impl Resolver<'_> {
    pub(super) fn stages(&mut self, stages: &[Stage], bases: &[Base]) {
        // What the stages that build on a stage begin with.
        let mut handed_down: Vec<Environment> = Vec::with_capacity(stages.len());
        for (stage, base) in stages.iter().zip(bases) {
            let mut current = match base {
                Base::Stage(parent) => Current::on(handed_down[parent.0].clone()),
                _ => self.on_base(base),
            };
            let added = std::mem::take(&mut self.triggered[stage.id.0]);
            for instruction in added.iter().chain(&stage.instructions[1..]) {
                self.instruction(&mut current, instruction);
            }
            self.triggered[stage.id.0] = added;
            handed_down.push(current.handed_down());
        }
    }

    /// What a stage that builds on no other stage begins with.
    fn on_base(&mut self, base: &Base) -> Current {
        let facts = match base {
            Base::Image(name) => self.surroundings.images.get(&normalized(name)),
            _ => None,
        };
        let mut environment = Environment::default();
        match (base, facts) {
            (Base::Scratch, _) => self.set_base(&mut environment, &ImageFacts::default()),
            (_, Some(facts)) => self.set_base(&mut environment, facts),
            _ => environment.open = true,
        }
        Current::on(environment)
    }

    fn set_base(&mut self, environment: &mut Environment, facts: &ImageFacts) {
        let has_path = facts.config.env.iter().any(|(name, _)| name == "PATH");
        let path = (!has_path && !self.options.platform.starts_with("windows")).then_some(("PATH", DEFAULT_PATH));
        let own = facts.config.env.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in own.chain(path) {
            let value = Some(Value::Known(value.to_owned()));
            let variable = Variable { value, origin: Origin::BaseImage, span: None };
            environment.set(self.names.intern(name), Arc::new(variable));
        }
    }

    fn instruction(&mut self, current: &mut Current, instruction: &Instruction) {
        if self.before.len() <= instruction.id.0 {
            self.before.resize(instruction.id.0 + 1, Environment::default());
        }
        self.before[instruction.id.0] = current.environment.clone();
        match &instruction.operation {
            Operation::Arg(args) => args.iter().for_each(|arg| self.arg(current, instruction, arg)),
            Operation::Env(env) => {
                self.expand_words(&current.environment, instruction);
                env.pairs.iter().for_each(|pair| self.env(current, pair));
            }
            _ => self.expand_words(&current.environment, instruction),
        }
    }

    /// ARG in a stage: the build argument, else its default, else the global value of that name, else whatever the
    /// name stands for already.
    fn arg(&mut self, current: &mut Current, instruction: &Instruction, arg: &Arg) {
        let place = Place { instruction: instruction.id, environment: &current.environment };
        let name = self.names.intern(&arg.name.value);
        let given = self.options.given(&arg.name.value);
        let default = arg.default.as_ref().map(|word| match &given {
            // A default that is not used may be wrong.
            Some(_) => self.expand_quietly(place, word),
            None => self.expand_word(place, word),
        });
        let global = self.globals.get(name).filter(|_| given.is_none() && default.is_none());
        let origin = global.map_or(Origin::Arg, |global| global.origin);
        let value = given.or(default).or_else(|| global.and_then(|global| global.value.clone()));
        let is_there = current.environment.get(name).is_some();
        if NEVER_SET.contains(&arg.name.value.as_str()) || (value.is_none() && is_there) {
            return;
        }
        if current.config.get(name).is_some_and(|below| matches!(below.origin, Origin::Env | Origin::BaseImage)) {
            current.hidden.insert(name);
        }
        let variable = Variable { value, origin, span: Some(arg.name.span) };
        current.environment.set(name, Arc::new(variable));
    }

    fn env(&mut self, current: &mut Current, pair: &EnvPair) {
        let Some(key) = self.values[pair.key.id.0].known() else { return };
        let name = self.names.intern(key);
        let value = match &self.values[pair.value.id.0] {
            Value::Known(text) => Value::Known(text.clone()),
            Value::Unknown(_) => Value::Unknown(Unknown::Variable { variable: key.to_owned() }),
        };
        let variable = Arc::new(Variable { value: Some(value), origin: Origin::Env, span: Some(pair.key.span()) });
        current.hidden.remove(&name);
        current.config.set(name, Arc::clone(&variable));
        current.environment.set(name, variable);
    }
}

impl Current {
    fn on(environment: Environment) -> Self {
        Self { config: environment.clone(), environment, hidden: BTreeSet::new() }
    }

    fn handed_down(mut self) -> Environment {
        for name in std::mem::take(&mut self.hidden) {
            if let Some(variable) = self.config.shared(name) {
                self.environment.set(name, variable);
            }
        }
        self.environment
    }
}
