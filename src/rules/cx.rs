//! What a rule sees.

use crate::effect::{command::takes_value, instruction::workdir_before, paths};
use crate::model::shell::{ShellWord, SimpleCommand};
use crate::model::{Base, Command, Instruction, MountKind, Operation, Resolved, Run, Stage, StageId, Surroundings};
use crate::rules::Catalogue;
use crate::syntax::pragma::Pragma;
use crate::syntax::{self, Arguments, ItemKind, SyntaxError, Tree};
use crate::text::{SourceFile, Span};

/// Everything that a rule may look at.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    /// The file with its values.
    pub resolved: &'a Resolved,
    /// What was wrong with its shape.
    pub errors: &'a [SyntaxError],
    /// What is around it; parts may be unknown.
    pub around: &'a Surroundings,
    /// The comments that silence findings.
    pub pragmas: &'a [Pragma],
    /// Every rule there is, to know their names.
    pub catalogue: &'a Catalogue,
}

/// One simple command of a RUN.
#[derive(Clone, Copy)]
pub struct RunCommand<'a> {
    /// The instruction.
    pub instruction: &'a Instruction,
    /// The same, typed.
    pub run: &'a Run,
    /// The command.
    pub command: &'a SimpleCommand,
    /// Its position among the commands of the instruction.
    pub index: usize,
}

impl<'a> Cx<'a> {
    /// The file as it was parsed.
    pub fn tree(&self) -> &'a Tree {
        &self.resolved.model.tree
    }

    /// The bytes of the file.
    pub fn source(&self) -> &'a SourceFile {
        &self.tree().source
    }

    /// The text under a span.
    pub fn text(&self, span: Span) -> &'a str {
        self.source().slice(span)
    }

    /// The stages.
    pub fn stages(&self) -> &'a [Stage] {
        &self.resolved.model.stages
    }

    /// Whether the stage is the one that is built.
    pub fn is_target(&self, stage: StageId) -> bool {
        self.resolved.target == stage
    }

    /// The stage, the stage that it starts from, and so on; what the last one starts from is no stage.
    pub fn lineage(&self, stage: StageId) -> impl Iterator<Item = &'a Stage> {
        let resolved = self.resolved;
        let parent = |stage: &StageId| match &resolved.bases[stage.0] {
            Base::Stage(parent) => Some(*parent),
            _ => None,
        };
        std::iter::successors(Some(stage), parent).map(|stage| resolved.model.stage(stage))
    }

    /// What the lineage of the stage starts from: an image, nothing, or what nobody knows.
    pub fn root(&self, stage: StageId) -> &'a Base {
        let first = self.lineage(stage).last().map_or(stage, |first| first.id);
        &self.resolved.bases[first.0]
    }

    /// Whether the layers of the stage end in the image that is built: it is the target, or what the target starts
    /// from. Of other stages only what COPY picks arrives there.
    pub fn ships(&self, stage: StageId) -> bool {
        self.lineage(self.resolved.target).any(|shipped| shipped.id == stage)
    }

    /// The directory in which an instruction runs; none where nobody knows.
    pub fn workdir(&self, instruction: &Instruction) -> Option<String> {
        let stage = &self.stages()[instruction.stage?.0];
        let index = stage.instructions.iter().position(|one| one.id == instruction.id)?;
        workdir_before(self.resolved, self.around, stage.id, index)
    }

    /// The instruction as it was parsed; of one that ONBUILD stores, without the ONBUILD.
    pub fn written(&self, instruction: &Instruction) -> Option<&'a syntax::Instruction> {
        let ItemKind::Instruction(written) = &self.tree().items.get(instruction.item)?.kind else { return None };
        match &written.arguments {
            Arguments::Trigger(trigger) if trigger.keyword_span == instruction.keyword_span => Some(trigger),
            _ => Some(written),
        }
    }

    /// The whole lines of an instruction, their line ends included.
    pub fn lines(&self, instruction: &Instruction) -> Span {
        self.tree().items[instruction.item].span
    }

    /// How the lines of the file end.
    pub fn line_end(&self) -> &'static str {
        if self.source().text().contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// The simple commands of a RUN whose text could be understood.
    pub fn commands(&self, instruction: &'a Instruction) -> impl Iterator<Item = RunCommand<'a>> {
        let run = match &instruction.operation {
            Operation::Run(run) => Some(run),
            _ => None,
        };
        let commands = run.and_then(|run| run.command.body()).map_or(&[][..], |body| body.commands());
        commands
            .iter()
            .enumerate()
            .filter_map(move |(index, command)| Some(RunCommand { instruction, run: run?, command, index }))
    }
}

impl<'a> RunCommand<'a> {
    /// The arguments that the shell leaves as they are, in order.
    pub fn literals(&self) -> impl Iterator<Item = &'a str> {
        self.command.arguments().iter().filter_map(|word| word.literal.as_deref())
    }

    /// The first argument that is no option, nor the value of one.
    pub fn subcommand(&self) -> Option<&'a str> {
        let name = self.command.name().unwrap_or_default();
        let mut words = self.command.arguments().iter();
        while let Some(word) = words.next() {
            match word.literal.as_deref() {
                Some(option) if takes_value(name, option) => drop(words.next()),
                Some(option) if option.starts_with('-') => {}
                Some(text) if !text.contains('=') => return Some(text),
                _ => {}
            }
        }
        None
    }

    /// Whether it is one of these commands with one of these subcommands.
    pub fn calls(&self, names: &[&str], subcommands: &[&str]) -> bool {
        self.command.name().is_some_and(|name| names.contains(&name))
            && self.subcommand().is_some_and(|sub| subcommands.contains(&sub))
    }

    /// From the name of the command to its subcommand.
    pub fn head(&self) -> Span {
        let name = self.command.words.first().map_or(self.command.span, |word| word.span);
        self.subcommand().and_then(|sub| self.word(sub)).map_or(name, |sub| name.to(sub.span))
    }

    /// Whether one of the options is there. `-y` is also found in `-qy`, `--yes` also in `--yes=true`.
    pub fn has_option(&self, names: &[&str]) -> bool {
        self.literals().any(|word| names.iter().any(|name| is_option(word, name)))
    }

    /// The first argument that reads so.
    pub fn word(&self, text: &str) -> Option<&'a ShellWord> {
        self.command.arguments().iter().find(|word| word.literal.as_deref() == Some(text))
    }

    /// Whether what it writes ends in the image that is built.
    pub fn ships(&self, cx: &Cx<'_>) -> bool {
        self.instruction.stage.is_some_and(|stage| cx.ships(stage))
    }

    /// Whether what is written below `path` goes into a mount instead of the layer. `~/` is the home of whichever user.
    /// A mount whose place is not known may be that one.
    pub fn mounted(&self, path: &str, cx: &Cx<'_>) -> bool {
        let kept = |kind| matches!(kind, Some(MountKind::Bind | MountKind::Cache | MountKind::Tmpfs) | None);
        self.run.mounts.iter().filter(|mount| kept(mount.kind)).any(|mount| {
            let target = mount.option(&["target", "dst", "destination"]).map(|word| cx.resolved.known(word));
            match target {
                None => false,
                Some(Some(target)) if target.starts_with('/') => holds(&paths::clean(target), path),
                Some(target) => {
                    let workdir = cx.workdir(self.instruction);
                    target.zip(workdir).is_none_or(|(target, workdir)| holds(&paths::join(&workdir, target), path))
                }
            }
        })
    }

    /// The commands of the same RUN that come after this one.
    pub fn following(&self) -> &'a [SimpleCommand] {
        let body = self.run.command.body().map_or(&[][..], |body| body.commands());
        body.get(self.index + 1..).unwrap_or(&[])
    }

    /// Whether the command is shell text of the RUN's own line, not of a heredoc.
    pub fn is_on_line(&self) -> bool {
        matches!(self.run.command, Command::Shell { .. })
    }
}

/// Whether the word is the option, alone or in a cluster of short ones.
pub(super) fn is_option(word: &str, name: &str) -> bool {
    match name.strip_prefix("--") {
        Some(_) => word.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')),
        None => match (name.strip_prefix('-'), word.strip_prefix('-')) {
            (Some(letter), Some(cluster)) if letter.len() == 1 => !cluster.starts_with('-') && cluster.contains(letter),
            _ => word == name,
        },
    }
}

/// Whether a directory holds the path, which may begin with the home of a user.
fn holds(directory: &str, path: &str) -> bool {
    let Some(below) = path.strip_prefix("~/") else { return paths::is_below(path, directory) };
    let is_home = directory == "/root"
        || directory == "/home"
        || directory.rsplit_once('/').is_some_and(|(parent, _)| parent == "/home");
    let mut above =
        std::path::Path::new(below).ancestors().filter_map(|part| part.to_str()).filter(|part| !part.is_empty());
    is_home || above.any(|part| directory.ends_with(&format!("/{part}")))
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn a_directory_holds_what_is_below_it() {
        for (directory, path) in [
            ("/var/lib/apt", "/var/lib/apt/lists"),
            ("/var/lib/apt/lists", "/var/lib/apt/lists"),
            ("/root/.cache", "~/.cache/pip"),
            ("/home/app/.cache/pip", "~/.cache/pip"),
            ("/root", "~/.npm"),
            ("/home/app", "~/.npm"),
        ] {
            assert!(holds(directory, path), "{directory} {path}");
        }
        for (directory, path) in [
            ("/var/lib/ap", "/var/lib/apt/lists"),
            ("/var/lib/apt/lists/partial", "/var/lib/apt/lists"),
            ("/root/.cache/go-build", "~/.cache/pip"),
            ("/srv/my.cache", "~/.cache/pip"),
            ("/home/app/src", "~/.npm"),
        ] {
            assert!(!holds(directory, path), "{directory} {path}");
        }
    }
}
