//! From the tree to the model: stages, typed instructions, and what is wrong with them whatever the values.
//!
//! Does not know values: a word stays a word. Invariant: every instruction of the model was typed completely; what
//! could not be typed is left out, and a syntax error or a problem says why.

mod command;
mod csv;
mod shown;
mod transfer;
mod typing;

pub(in crate::model) use command::parse_bool;
pub(in crate::model) use typing::Typist;

use std::collections::HashMap;

use crate::model::link::{self, FromName};
use crate::model::shell::Interpreter;
use crate::model::{Instruction, InstructionId, Model, Operation, Problem, Stage, StageId};
use crate::syntax::{self, ItemKind, Keyword, Tree};
use crate::text::{Span, Spanned};

/// Types the instructions of a file and links its stages, as far as names are written out.
pub fn analyze(tree: Tree) -> Model {
    let mut analysis = Analysis::new(&tree);
    for (index, item) in tree.items.iter().enumerate() {
        match &item.kind {
            ItemKind::Instruction(instruction) => analysis.instruction(index, instruction),
            ItemKind::Unknown(unknown) => analysis.unknown(index, unknown),
            _ => {}
        }
    }
    let Typed { globals, stages, problems, word_count } = analysis.finish();
    let names: Vec<FromName> = stages.iter().map(|stage| FromName::as_written(stage, tree.directives.escape)).collect();
    let graph = link::link(&stages, &[], &names, &|_| false).graph;
    Model { tree, globals, stages, graph, problems, word_count }
}

/// What the walk over the file gives.
struct Typed {
    globals: Vec<Instruction>,
    stages: Vec<Stage>,
    problems: Vec<Problem>,
    word_count: usize,
}

/// Where the walk over the file stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    BeforeAnyStage,
    InStage,
    /// Below a FROM that cannot be read: what stands here belongs to no known stage.
    Astray,
}

struct Analysis<'a> {
    tree: &'a Tree,
    typist: Typist<'a>,
    place: Place,
    globals: Vec<Instruction>,
    stages: Vec<Stage>,
    /// The last stage of each name so far.
    by_name: HashMap<String, StageId>,
    /// The shell that each stage ends with.
    shells: Vec<Interpreter>,
    problems: Vec<Problem>,
}

impl<'a> Analysis<'a> {
    fn new(tree: &'a Tree) -> Self {
        Self {
            tree,
            typist: Typist::new(&tree.source, tree.directives.escape),
            place: Place::BeforeAnyStage,
            globals: Vec::new(),
            stages: Vec::new(),
            by_name: HashMap::new(),
            shells: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn instruction(&mut self, item: usize, written: &syntax::Instruction) {
        match (written.keyword, self.place) {
            (Keyword::From, _) => self.begin_stage(item, written),
            (Keyword::Arg, Place::BeforeAnyStage) => {
                let id = self.next_id();
                let comments = self.comments_above(item);
                let typed = self.typist.instruction(written, id, None, item, &Interpreter::Posix, &comments);
                self.globals.extend(typed);
            }
            (_, Place::BeforeAnyStage) => self.problems.push(
                Problem::new(written.keyword_span, format!("{} before the first FROM", written.keyword))
                    .help("only ARG may stand before FROM; move the instruction into a stage"),
            ),
            (_, Place::InStage) => self.add_to_stage(item, written),
            (_, Place::Astray) => {}
        }
    }

    /// A broken FROM begins a stage all the same where its image and name can be read, so that nothing below it seems
    /// wrong too.
    fn unknown(&mut self, item: usize, unknown: &syntax::Unknown) {
        match &unknown.instruction {
            Some(written) if written.keyword == Keyword::From => self.begin_stage(item, written),
            _ if unknown.keyword == Some(Keyword::From) => self.place = Place::Astray,
            _ => {}
        }
    }

    fn begin_stage(&mut self, item: usize, written: &syntax::Instruction) {
        let id = self.next_id();
        let stage = StageId(self.stages.len());
        let comments = self.comments_above(item);
        let typed = self.typist.instruction(written, id, Some(stage), item, &Interpreter::Posix, &comments);
        let Some(instruction) = typed else {
            self.place = Place::Astray;
            return;
        };
        let Operation::From(from) = &instruction.operation else { unreachable!("FROM is typed as FROM") };
        let name = from.alias.as_ref().map(|(_, name)| Spanned::new(name.value.to_lowercase(), name.span));
        let description = name.as_ref().and_then(|name| description(&comments, &name.value));
        let parent = self.by_name.get(from.image.raw.as_str());
        self.shells.push(parent.map_or(Interpreter::Posix, |parent| self.shells[parent.0].clone()));
        if let Some(name) = &name {
            self.by_name.insert(name.value.clone(), stage);
        }
        self.stages.push(Stage {
            id: stage,
            name,
            span: instruction.span,
            instructions: vec![instruction],
            description,
        });
        self.place = Place::InStage;
    }

    fn add_to_stage(&mut self, item: usize, written: &syntax::Instruction) {
        let id = self.next_id();
        let comments = self.comments_above(item);
        let stage = self.stages.last_mut().expect("a place in a stage means that there is one");
        let shell = self.shells.last_mut().expect("every stage has its shell");
        let typed = self.typist.instruction(written, id, Some(stage.id), item, shell, &comments);
        let Some(instruction) = typed else { return };
        if let Operation::Shell(new) = &instruction.operation {
            *shell = Interpreter::of(new.words.iter().map(|word| word.value.as_str()));
        }
        stage.span = stage.span.to(instruction.span);
        stage.instructions.push(instruction);
    }

    fn next_id(&self) -> InstructionId {
        let last = self.stages.last().and_then(|stage| stage.instructions.last()).or(self.globals.last());
        InstructionId(last.map_or(0, |instruction| instruction.id.0 + 1))
    }

    /// The comment lines directly above an item, without `#` and the blanks around, first to last.
    fn comments_above(&self, item: usize) -> Vec<&'a str> {
        let above = self.tree.items[..item].iter().rev().map_while(|item| match &item.kind {
            ItemKind::Comment(comment) => Some(self.tree.source.slice(comment.span)),
            _ => None,
        });
        let mut lines: Vec<&str> = above.map(|line| line.trim_start_matches('#').trim()).collect();
        lines.reverse();
        lines
    }

    fn finish(mut self) -> Typed {
        let no_stage = self.stages.is_empty() && self.place == Place::BeforeAnyStage;
        if no_stage && self.tree.instructions().next().is_some() {
            let problem = Problem::new(Span::at(self.tree.source.len()), "no stage to build: there is no FROM");
            self.problems.push(problem.help("begin with FROM and an image, or FROM scratch"));
        }
        self.problems.append(&mut self.typist.take_problems());
        self.problems.sort_by_key(|problem| problem.span);
        let word_count = self.typist.word_count();
        Typed { globals: self.globals, stages: self.stages, problems: self.problems, word_count }
    }
}

/// What a comment says about `name`: the rest of the first line that begins with it.
pub(in crate::model) fn description(comments: &[&str], name: &str) -> Option<String> {
    let about = |line: &&str| line.strip_prefix(name).and_then(|rest| rest.strip_prefix(' ')).map(str::to_owned);
    comments.iter().find_map(about)
}
