//! Which steps of a version of the file the edits of its past make run again.
//!
//! An edited line is told by its words, wherever it stands: an instruction that a rewrite has moved is still the one that
//! was edited, and of one that has been split or changed since each part is that has most of its words from it. What a
//! past edit removed for good is gone, and counts for nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{self, DockerfileEdit, Instruction, Operation, Resolved, Stage};
use crate::plan::stale::Builder;
use crate::plan::{Planned, StepId};
use crate::syntax;
use crate::text::SourceFile;

/// An instruction in which more of the words than this are those of another is taken for a part of it.
const MOST_WORDS: f64 = 0.5;

/// For each commit that edited the Dockerfile, the steps of the plan that run for that reason alone.
pub(super) fn edited_steps(
    edits: &[DockerfileEdit],
    resolved: &Resolved,
    planned: &Planned,
    builder: Builder,
) -> BTreeMap<usize, BTreeSet<StepId>> {
    edits.iter().map(|edit| (edit.commit, Edited::of(edit).steps(resolved, planned, builder))).collect()
}

/// What an edit did, in lines.
struct Edited {
    /// The instructions that were new or other than before.
    new: BTreeSet<String>,
    /// All that stood there then.
    after: BTreeSet<String>,
}

impl Edited {
    fn of(edit: &DockerfileEdit) -> Self {
        let (before, after) = (texts(&edit.before), texts(&edit.after));
        let (old, all): (BTreeSet<String>, BTreeSet<String>) =
            (before.iter().cloned().collect(), after.iter().cloned().collect());
        let mut new: BTreeSet<String> = all.difference(&old).cloned().collect();
        // Behind a line that is gone everything stands on something else: the next that stayed is where that begins.
        for (number, gone) in before.iter().enumerate().filter(|(_, text)| !all.contains(*text)) {
            let kept = before[..number].iter().rfind(|text| all.contains(*text));
            let next = kept.and_then(|kept| after.iter().skip_while(|text| *text != kept).nth(1));
            if keyword(gone) != "FROM" {
                new.extend(next.cloned());
            }
        }
        Self { new, after: all }
    }

    fn steps(&self, resolved: &Resolved, planned: &Planned, builder: Builder) -> BTreeSet<StepId> {
        let mut steps = BTreeSet::new();
        for stage in &resolved.model.stages {
            for (index, instruction) in stage.instructions.iter().enumerate() {
                if self.touches(&plain(resolved.model.tree.source.slice(instruction.span))) {
                    steps.extend(affected(stage, index, planned, builder));
                }
            }
        }
        steps
    }

    /// Whether an instruction of today is one that was edited, or has come from one.
    fn touches(&self, text: &str) -> bool {
        if self.after.contains(text) {
            return self.new.contains(text);
        }
        // Of several lines that are alike it has come from the likest.
        let alike = self.after.iter().filter(|line| keyword(line) == keyword(text));
        let alike = alike.map(|line| (shared(text, line), line)).filter(|(share, _)| *share > MOST_WORDS);
        alike.max_by(|(one, _), (other, _)| one.total_cmp(other)).is_some_and(|(_, line)| self.new.contains(line))
    }
}

/// The steps that run again when the instruction is another one.
fn affected(stage: &Stage, index: usize, planned: &Planned, builder: Builder) -> Vec<StepId> {
    let steps_of = |instruction: &Instruction| -> Vec<StepId> {
        let own = planned.steps.iter().filter(|step| step.instruction == instruction.id);
        own.map(|step| step.id).collect()
    };
    let own = steps_of(&stage.instructions[index]);
    let behind = || stage.instructions[index + 1..].iter();
    let first_behind = || behind().map(steps_of).find(|steps| !steps.is_empty()).unwrap_or_default();
    // Those who key a step by all lines above it run the next one, whatever the line says.
    let chains_lines = matches!(builder, Builder::Buildah | Builder::Kaniko);
    match &stage.instructions[index].operation {
        _ if !own.is_empty() => own,
        _ if chains_lines => first_behind(),
        Operation::Env(_) | Operation::Arg(_) | Operation::User(_) | Operation::Shell(_) => {
            let runs = behind().filter(|instruction| matches!(instruction.operation, Operation::Run(_)));
            runs.flat_map(steps_of).collect()
        }
        _ => Vec::new(),
    }
}

/// The instructions of a Dockerfile as they are compared; of one that cannot be read as far as it can.
fn texts(text: &str) -> Vec<String> {
    let parsed = syntax::parse(&SourceFile::new("Dockerfile", text.as_bytes()));
    let model = model::analyze(parsed.tree);
    model.instructions().map(|instruction| plain(model.tree.source.slice(instruction.span))).collect()
}

/// Without what lines and blanks make of it.
fn plain(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| !matches!(*word, "\\" | "`"));
    words.collect::<Vec<_>>().join(" ")
}

fn keyword(text: &str) -> String {
    text.split(' ').next().unwrap_or_default().to_ascii_uppercase()
}

/// How many of the words of a text, but the first, are among those of the other.
fn shared(text: &str, other: &str) -> f64 {
    let words = |text: &str| -> BTreeSet<String> { text.split(' ').skip(1).map(str::to_owned).collect() };
    let (own, other) = (words(text), words(other));
    own.intersection(&other).count() as f64 / own.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(before: &str, after: &str) -> Edited {
        Edited::of(&DockerfileEdit { commit: 0, before: before.to_owned(), after: after.to_owned() })
    }

    #[test]
    fn an_edited_line_is_found_again_where_it_was_moved_split_or_changed_since() {
        let edited = edit("FROM a\nRUN x\nRUN y\n", "FROM a\nRUN x\nRUN make all && make install\n");
        assert!(edited.touches("RUN make all && make install"));
        assert!(edited.touches("RUN make all"), "a part of it");
        assert!(edited.touches("RUN make all && make install && strip"), "it has grown");
        assert!(!edited.touches("RUN x") && !edited.touches("RUN wholly different words"));
        assert!(!edited.touches("COPY make all"));
    }

    #[test]
    fn of_lines_that_are_alike_only_the_likest_counts() {
        let file = "FROM a\nRUN apt-get install -y one\nRUN apt-get install -y two\n";
        let edited = edit(&file.replace("two", "three"), file);
        assert!(edited.touches("RUN --mount=type=cache apt-get install -y two"));
        assert!(!edited.touches("RUN --mount=type=cache apt-get install -y one"));
    }

    #[test]
    fn a_line_that_is_gone_makes_what_stood_behind_it_run() {
        let edited = edit("FROM a\nRUN x\nRUN gone\nRUN y\nRUN z\n", "FROM a\nRUN x\nRUN y\nRUN z\n");
        assert!(edited.touches("RUN y") && !edited.touches("RUN x") && !edited.touches("RUN z"));
        let edited = edit("FROM a\nRUN x \\\n    y\n", "FROM a\n\n# so\nRUN x y\n");
        assert!(edited.new.is_empty(), "only how it is written");
    }
}
