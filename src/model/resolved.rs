//! The model, and the model with values.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::resolve::mounts;
use crate::model::{
    Arg, Expose, Instruction, Mount, MountOptions, Scopes, Stage, StageGraph, StageId, Unknown, Value, VariableUse,
    Word, WordId, ports,
};
use crate::syntax::Tree;
use crate::text::{Span, Spanned};

/// A Dockerfile, typed and linked; no value is known yet.
#[derive(Debug, Clone)]
pub struct Model {
    /// The tree it was made from.
    pub tree: Tree,
    /// ARGs before the first FROM.
    pub globals: Vec<Instruction>,
    /// The stages in the order of the file.
    pub stages: Vec<Stage>,
    /// Who needs whom.
    pub graph: StageGraph,
    /// What a builder would refuse whatever the values, beyond the syntax errors. What is wrong with names and values
    /// is told by [`Resolved`].
    pub problems: Vec<Problem>,
    /// How many words there are; a [`WordId`](crate::model::WordId) is below it.
    pub word_count: usize,
}

impl Model {
    /// Every instruction in the order of the file.
    pub fn instructions(&self) -> impl Iterator<Item = &Instruction> {
        self.globals.iter().chain(self.stages.iter().flat_map(|stage| &stage.instructions))
    }

    /// The stage with this id.
    pub fn stage(&self, id: StageId) -> &Stage {
        &self.stages[id.0]
    }
}

/// Something a builder would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The place at fault.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places involved, such as the lines of a cycle.
    pub related: Vec<Spanned<String>>,
}

impl Problem {
    /// Something wrong at `span`.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None, related: Vec::new() }
    }

    /// With what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What the values are resolved under.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResolveOptions {
    /// `--build-arg`, by name.
    pub build_args: BTreeMap<String, String>,
    /// Build arguments that are given a value which nobody here knows.
    pub unknown_args: BTreeSet<String>,
    /// `--target`; the last stage otherwise.
    pub target: Option<String>,
    /// The platform of the result, `os/arch[/variant]`; linux/amd64 in tests, the machine's own in the command line.
    pub platform: String,
    /// The platform that builds, where it is another.
    pub build_platform: Option<String>,
}

impl ResolveOptions {
    /// What a build argument is given, if it is given anything.
    pub fn given(&self, name: &str) -> Option<Value> {
        match self.build_args.get(name) {
            Some(value) => Some(Value::Known(value.clone())),
            None => self
                .unknown_args
                .contains(name)
                .then(|| Value::Unknown(Unknown::BuildArgument { variable: name.to_owned() })),
        }
    }
}

/// A model whose every word has a value.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The model.
    pub model: Model,
    /// What it was resolved under.
    pub options: ResolveOptions,
    /// The stage that is built.
    pub target: StageId,
    /// What each stage starts from, by stage.
    pub bases: Vec<Base>,
    /// By [`WordId`](crate::model::WordId).
    pub(in crate::model) values: Vec<Value>,
    /// The words of EXPOSE split at blanks.
    pub(in crate::model) split: BTreeMap<WordId, Vec<String>>,
    /// What each instruction sees.
    pub(in crate::model) scopes: Scopes,
    /// By stage.
    pub(in crate::model) triggered: Vec<Vec<Instruction>>,
    /// In the order of the file.
    pub(in crate::model) uses: Vec<VariableUse>,
    /// Errors of expansion, and names that lead nowhere under these options.
    pub problems: Vec<Problem>,
}

impl Resolved {
    /// The value of a word.
    pub fn value(&self, word: &Word) -> &Value {
        &self.values[word.id.0]
    }

    /// The value of a word, when known.
    pub fn known(&self, word: &Word) -> Option<&str> {
        self.value(word).known()
    }

    /// The ports that EXPOSE names: its words sorted as text, then expanded, then split at blanks.
    pub fn ports(&self, expose: &Expose) -> Result<Vec<&str>, &Unknown> {
        let mut words: Vec<&Word> = expose.ports.iter().collect();
        words.sort_by_key(|word| word.raw.as_str());
        let mut ports = Vec::new();
        for word in words {
            match self.value(word) {
                Value::Unknown(reason) => return Err(reason),
                Value::Known(_) => ports.extend(self.split.get(&word.id).into_iter().flatten().map(String::as_str)),
            }
        }
        Ok(ports)
    }

    /// The ports that EXPOSE means, as `port/protocol`: ranges written out, each once, in the order of [`Self::ports`].
    /// What is no port or not known is a problem, and left out.
    pub fn exposed(&self, expose: &Expose) -> Vec<String> {
        let words = self.ports(expose).unwrap_or_default();
        let mut exposed: Vec<String> = Vec::new();
        for port in words.into_iter().filter_map(|word| ports::expand(word).ok()).flatten() {
            if !exposed.contains(&port) {
                exposed.push(port);
            }
        }
        exposed
    }

    /// The options of a mount. A value that is not known counts as it is written; none if that makes no sense.
    pub fn mount(&self, mount: &Mount) -> Option<MountOptions> {
        mounts::options(mount, &|word| Some(self.known(word).unwrap_or(word.raw.as_str()))).ok()
    }

    /// What ARG in a stage sets its variable to: the build argument, else the default, else the value of the global
    /// ARG or built-in of that name. None if nothing gives it one.
    pub fn argument(&self, arg: &Arg, stage: &Stage) -> Option<Value> {
        if let Some(given) = self.options.given(&arg.name.value) {
            return Some(given);
        }
        match &arg.default {
            Some(default) => Some(self.value(default).clone()),
            // FROM sees the global scope and nothing else.
            None => self.variable(&arg.name.value, stage.instructions.first()?)?.value.clone(),
        }
    }

    /// Everything that a builder would refuse, in the order of the file.
    pub fn all_problems(&self) -> Vec<&Problem> {
        let mut all: Vec<&Problem> = self.model.problems.iter().chain(&self.problems).collect();
        all.sort_by_key(|problem| problem.span);
        all
    }

    /// The instructions that ONBUILD of its base adds to a stage, right after FROM. Their ids follow those of the file.
    pub fn triggered(&self, stage: StageId) -> &[Instruction] {
        self.triggered.get(stage.0).map_or(&[], Vec::as_slice)
    }

    /// Every use of a variable in a word, in the order of the file; shell texts are not among the words.
    pub fn uses(&self) -> &[VariableUse] {
        &self.uses
    }

    /// What `name` stands for just before `instruction`: the state that its words are expanded in.
    pub fn variable(&self, name: &str, instruction: &Instruction) -> Option<&Variable> {
        self.scopes.lookup(name, instruction)
    }

    /// Whether variables may be set at `instruction` that nobody can know, because the base image is not.
    pub fn is_open(&self, instruction: &Instruction) -> bool {
        self.scopes.is_open(instruction)
    }

    /// Every variable that RUN would see at `instruction`, sorted by name. Variables of an unknown base are missing.
    pub fn environment(&self, instruction: &Instruction) -> BTreeMap<&str, &Variable> {
        self.scopes.visible(instruction)
    }
}

/// What a stage starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// Nothing.
    Scratch,
    /// Another stage.
    Stage(StageId),
    /// An image, by the reference after expansion (not yet normalised).
    Image(String),
    /// The reference cannot be known.
    Unknown,
}

/// A variable and where it got its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its value; none when it is declared by ARG and unset.
    pub value: Option<Value>,
    /// What set it last.
    pub origin: Origin,
    /// Where that is written; none for built-ins and base images.
    pub span: Option<Span>,
}

/// What set a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// ARG, with its own default, a build argument, or the value of a global ARG.
    Arg,
    /// ENV.
    Env,
    /// The config of the base image.
    BaseImage,
    /// A predefined platform argument.
    Platform,
}
