//! ONBUILD: the instructions that a stage gets from its base, typed anew for each stage that they fire in.

use super::Resolver;
use crate::model::analyze::Typist;
use crate::model::image_ref::normalized;
use crate::model::shell::Interpreter;
use crate::model::{Base, Instruction, InstructionId, Operation, Problem, Stage, Unknown, Value};
use crate::syntax::{self, Arguments, ItemKind, Tree};
use crate::text::{SourceFile, Span};

impl Resolver<'_> {
    /// Finds what fires in each stage. Triggers of a stage stand in the file; those of an image are told at its name.
    pub(super) fn trigger(&mut self, stages: &[Stage], bases: &[Base]) {
        let mut shells: Vec<Interpreter> = Vec::with_capacity(stages.len());
        for (stage, base) in stages.iter().zip(bases) {
            let mut shell = self.inherited_shell(base, &shells);
            let added = match base {
                Base::Stage(parent) => self.of_stage(stage, &stages[parent.0], &mut shell),
                Base::Image(name) => self.of_image(stage, name, &mut shell),
                Base::Scratch | Base::Unknown => Vec::new(),
            };
            self.triggered.push(added);
            stage.instructions.iter().for_each(|instruction| follow(&mut shell, instruction));
            shells.push(shell);
        }
    }

    fn inherited_shell(&self, base: &Base, shells: &[Interpreter]) -> Interpreter {
        match base {
            Base::Stage(parent) => shells[parent.0].clone(),
            Base::Image(name) => {
                let facts = self.surroundings.images.get(&normalized(name));
                let words = facts.and_then(|facts| facts.config.shell.as_ref());
                words.map_or(Interpreter::Posix, |words| Interpreter::of(words.iter().map(String::as_str)))
            }
            Base::Scratch | Base::Unknown => Interpreter::Posix,
        }
    }

    fn of_stage(&mut self, stage: &Stage, parent: &Stage, shell: &mut Interpreter) -> Vec<Instruction> {
        let source = self.model.tree.source.clone();
        let escape = self.model.tree.directives.escape;
        let mut added = Vec::new();
        for stored in parent.instructions.iter().filter(|one| matches!(one.operation, Operation::Onbuild(_))) {
            if let Some(trigger) = trigger_at(&self.model.tree, stored.item).cloned() {
                let typist = Typist::new(&source, escape);
                added.extend(self.fire(typist, &trigger, stage, stored.item, shell));
            }
        }
        added
    }

    fn of_image(&mut self, stage: &Stage, name: &str, shell: &mut Interpreter) -> Vec<Instruction> {
        let surroundings = self.surroundings;
        let Some(facts) = surroundings.images.get(&normalized(name)) else { return Vec::new() };
        let (Some(from), Some(first)) = (stage.from(), stage.instructions.first()) else { return Vec::new() };
        let mut added = Vec::new();
        for text in &facts.config.onbuild {
            let source = SourceFile::new("ONBUILD", text.as_bytes());
            let parsed = syntax::parse(&source);
            let mut written = parsed.tree.instructions();
            match (written.next(), written.next(), parsed.errors.first()) {
                (Some(trigger), None, None) => {
                    let typist = Typist::new(&source, parsed.tree.directives.escape).elsewhere(from.image.span());
                    added.extend(self.fire(typist, trigger, stage, first.item, shell));
                }
                (_, _, error) => self.bad_trigger(from.image.span(), text, error.map(|error| error.message.as_str())),
            }
        }
        added
    }

    fn bad_trigger(&mut self, span: Span, text: &str, reason: Option<&str>) {
        let reason = reason.unwrap_or("it is not one instruction");
        let problem =
            Problem::new(span, format!("the ONBUILD trigger `{text}` of this image cannot be used: {reason}"));
        self.problems.push(problem.help("build on another image"));
    }

    fn fire(
        &mut self,
        typist: Typist<'_>,
        trigger: &syntax::Instruction,
        stage: &Stage,
        item: usize,
        shell: &mut Interpreter,
    ) -> Option<Instruction> {
        let id = InstructionId(self.before.len());
        let mut typist = typist.numbering_from(self.values.len());
        let instruction = typist.instruction(trigger, id, Some(stage.id), item, shell, &[])?;
        follow(shell, &instruction);
        self.before.push(Default::default());
        self.values.resize(typist.word_count(), Value::Unknown(Unknown::Deferred));
        Some(instruction)
    }
}

/// What ONBUILD at this item stores.
fn trigger_at(tree: &Tree, item: usize) -> Option<&syntax::Instruction> {
    match &tree.items[item].kind {
        ItemKind::Instruction(written) => match &written.arguments {
            Arguments::Trigger(trigger) => Some(trigger),
            _ => None,
        },
        _ => None,
    }
}

fn follow(shell: &mut Interpreter, instruction: &Instruction) {
    if let Operation::Shell(new) = &instruction.operation {
        *shell = Interpreter::of(new.words.iter().map(|word| word.value.as_str()));
    }
}
